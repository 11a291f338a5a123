/**
 * Exports of the kernel module. The host sets a run up call by call (parent, crop, clock, physics,
 * density, particles), has the module lay out its memory, writes the inputs where it says, and then
 * per step: slices, brackets, packs, step. Nothing is imported and no state outlives the instance.
 */
import * as active from './active'
import * as advect from './advect'
import * as beached from './beached'
import * as classes from './classes'
import * as coast from './coast'
import * as draws from './draws'
import * as fields from './fields'
import * as general from './general'
import * as geodesy from './geodesy'
import * as grid from './grid'
import {
  FAULT_FUEL, FAULT_MEMORY, FAULT_NONE, HALO, LAYOUT_VERSION, NOISY_STATE_BYTES, region, resetMemory,
  STATE_BYTES
} from './layout'
import * as motion from './motion'
import * as nodes from './nodes'
import * as output from './output'
import * as pack from './pack'
import * as particles from './particles'
import * as projection from './projection'
import * as retire from './retire'
import * as rise from './rise'
import * as seed from './seed'
import { threefry } from './threefry'
import * as walk from './walk'
import * as waves from './waves'

/** Steps between sorts: a model day at ten minutes. */
const SORT_STEPS: i32 = 144

let stepSeconds: f64 = 0
let step: i32 = 0
let fuel: f64 = 0
let fuelMax: f64 = 0
let scheme: i32 = 0
let diffusivity: f64 = 0
let isWindRelative: bool = false
let roles: i32 = 0
let key0: u32 = 0
let key1: u32 = 0
let tracked: i32 = 0
let triplesAt: usize = 0
let tracksAt: usize = 0
let hintsAt: usize = 0
let metricAt: usize = 0
let landAt: usize = 0
let stepsToSort: i32 = 0
let isNoisy: bool = false
let stateBytes: usize = STATE_BYTES
let forced: i32 = 0
let isDiffusivityField: bool = false
let currentFactor: f64 = 1
let stokesOfWind: f64 = 0
let noiseDeviation: f64 = 0
let noiseTimescale: f64 = 1
let maxAgeSteps: i32 = 0
let halfLife: f64 = 0
let hasCoast: bool = false
let distancesAt: usize = 0
let coastalCellsAt: usize = 0
let originCount: i32 = 1
let originsAt: usize = 0
let beachedAt: usize = 0

export function layoutVersion(): i32 {
  return LAYOUT_VERSION
}

/** Forgets all regions (metric, areas, seeding use them like a run does). */
export function reset(): void {
  resetMemory()
}

export function reserve(bytes: f64): usize {
  return region(<u64>bytes)
}

export function setParent(columns: i32, rows: i32, isPeriodic: bool, isFlat: bool): void {
  grid.setParent(columns, rows, isPeriodic, isFlat)
}

export function setAxes(longitudes: usize, latitudes: usize): void {
  grid.setAxes(longitudes, latitudes)
}

/** Says that nodes have coordinates of their own instead of axes; after `setParent`. */
export function useNodes(): void {
  grid.useNodes()
}

/** Makes the whole parent's nodes known from (lon, lat) pairs, 24 bytes of room per node. */
export function setParentNodes(at: usize): void {
  nodes.toDirections(at, grid.columns * grid.rows)
  nodes.setNodes(at, grid.columns, grid.columns, grid.rows, grid.isPeriodic)
  grid.useNodes()
}

export function setCrop(column: i32, row: i32, columns: i32, rows: i32): void {
  grid.setCrop(column, row, columns, rows)
}

export function setClock(seconds: f64, firstStep: i32): void {

  stepSeconds = seconds
  step = firstStep
}

export function setPhysics(kind: i32, k: f64, isRelative: bool, roleMask: i32): void {
  scheme = kind
  diffusivity = k
  isWindRelative = isRelative
  roles = roleMask
}

/**
 * What decides the path of a run: `isGeneral` where a class has a depth of its own or of the wind,
 * the current several levels, or random terms are more than a constant diffusivity. `period` of the
 * waves is 0 where it comes from forcing or wind.
 */
export function setVertical(isGeneral: bool, isMixed: bool, period: f64): void {
  motion.setVertical(isGeneral, isMixed, isWindRelative, period)
}

/** The member's factor of currents; Stokes drift as a share of the wind (general path). */
export function setForces(ofCurrent: f64, ofWind: f64, isField: bool): void {
  currentFactor = ofCurrent
  stokesOfWind = ofWind
  isDiffusivityField = isField
}

export function setNoise(hasNoise: bool, deviation: f64, timescale: f64): void {
  isNoisy = hasNoise
  noiseDeviation = deviation
  noiseTimescale = timescale
}

export function setLevels(count: i32): void { fields.setLevels(count) }
export function setLevelDepth(level: i32, metres: f64): void { fields.setDepth(level, metres) }

export function setCoast(
  rule: i32, beaching: f64, refloat: f64, zone: f64, isKnown: bool, origins: i32
): void {
  coast.setCoast(rule, beaching, refloat, zone)
  hasCoast = isKnown
  originCount = origins
}

export function setRetirement(maxSteps: i32, halfLifeSeconds: f64): void {
  maxAgeSteps = maxSteps
  halfLife = halfLifeSeconds
}

export function setKey(k0: u32, k1: u32): void {
  key0 = k0
  key1 = k1
}

export function setDensity(
  west: f64, south: f64, resolution: f64, columns: i32, rows: i32, classCount: i32
): void {
  output.setDensity(west, south, resolution, columns, rows, classCount)
}

export function setParticles(
  count: i32, firstParticle: u32, classCount: i32, releaseShift: i32, trackedRows: i32, maximum: f64
): void {
  stateBytes = isNoisy ? NOISY_STATE_BYTES : STATE_BYTES
  particles.setParticles(count, firstParticle, classCount, stateBytes, releaseShift)
  tracked = trackedRows
  fuelMax = maximum
}

export function setClass(
  index: i32, windageLow: f64, windageHigh: f64, riseVelocity: f64, depth: f64
): void {
  classes.setClass(index, windageLow, windageHigh, riseVelocity, depth)
}

let isShort: bool = false

/** A region of a run; remembers that one could not be had. */
function take(bytes: u64): usize {
  const at = region(bytes)
  if (at == 0) isShort = true
  return at
}

/** Memory of the fast path: staged slice, slots of every role, records. */
function allocateFast(nodeCount: u64, endedAt: usize): void {
  const staging = take(nodeCount * 8)
  pack.setPack(
    roles, metricAt, <usize>nodeCount, staging, isWindRelative, stepSeconds, currentFactor
  )
  for (let role: i32 = 0; role < pack.ROLES; role++) {
    if (pack.hasRole(role)) pack.setSlots(role, take(nodeCount * 16))
  }
  const records = take(nodeCount * 48)
  advect.setAdvect(scheme, grid.stride, <usize>nodeCount, landAt, records, endedAt)
  walk.setWalk(
    diffusivity, stepSeconds, key0, key1, particles.firstParticle, metricAt,
    diffusivity > 0 ? take(nodeCount * 8) : 0, <usize>(HALO * grid.stride + HALO), grid.stride
  )
}

/** Memory of the general path: planes of every role and level, records, conditions. */
function allocateGeneral(nodeCount: u64): void {
  const bytes = <usize>nodeCount * 4
  fields.setFields(roles, metricAt, bytes, stepSeconds, currentFactor, stokesOfWind)
  for (let role: i32 = 0; role < fields.ROLES; role++) {
    if (fields.hasRole(role)) fields.setPlanes(role, take(nodeCount * 16))
  }
  for (let half: i32 = 0; half < 3; half++) {
    const drift = take(nodeCount * 16)
    fields.setRecords(half, drift, take(nodeCount * 8 * <u64>fields.levels))
  }
  const first = take(nodeCount * 16)
  fields.setConditions(first, take(nodeCount * 16))
  motion.setMotion(scheme, diffusivity, isDiffusivityField, stepSeconds, metricAt)
}

/** Lays out the memory of a run; FAULT_MEMORY when it may not grow so far. */
export function allocate(): i32 {
  resetMemory()
  isShort = false
  const nodeCount = <u64>(grid.stride * grid.paddedRows)
  const count = <u64>particles.count
  const lons = take(grid.hasNodes ? nodeCount * nodes.NODE_BYTES : <u64>grid.columns * 8)
  const lats = take(grid.hasNodes ? 0 : <u64>grid.rows * 8)
  landAt = take(nodeCount)
  metricAt = take(nodeCount * 16)
  particles.setTable(take(count * stateBytes))
  // Random words are drawn for two blocks at a time.
  const blocks = take(((count + 7) & ~7) * 16)
  const rests = take(((count + 3) & ~3) * 2)
  const keys = take(count * 8)
  const spareKeys = take(count * 8)
  tracksAt = take(<u64>tracked * output.TRACK_BYTES)
  hintsAt = take(output.hintBytes())
  // Triples or beached quadruples: one kind is copied out before the other is made.
  triplesAt = take(count * beached.ENTRY_BYTES)
  beachedAt = triplesAt
  distancesAt = hasCoast ? take(nodeCount * 4) : 0
  coastalCellsAt = hasCoast ? take(nodeCount * 4) : 0
  originsAt = take(<u64>originCount * 4)
  particles.setBeachedRows(coast.canRefloat() ? take(count * 4) : 0, hasCoast)
  if (motion.isOn) allocateGeneral(nodeCount)
  else allocateFast(nodeCount, keys)
  if (isShort) return FAULT_MEMORY
  draws.setKey(key0, key1)
  coast.setCoastRegions(landAt, distancesAt, stepSeconds)
  retire.setRetirement(maxAgeSteps, halfLife, stepSeconds)
  motion.setNoise(noiseDeviation, noiseTimescale, stepSeconds)
  grid.setAxes(lons, lats)
  active.setRegions(blocks, rests, keys, spareKeys)
  output.setOutputRegions(keys, spareKeys, triplesAt, tracksAt, tracked)
  beached.setBeachedRegions(originsAt, coastalCellsAt, keys, spareKeys, beachedAt)
  return FAULT_NONE
}

/** f32 metres to the coastline and u32 coastal cell of every node; 0 where the run has none. */
export function distanceRegion(): usize { return distancesAt }
export function coastalCellRegion(): usize { return coastalCellsAt }
/** u32 first ids of the origins after the first. */
export function originRegion(): usize { return originsAt }
export function beachedRegion(): usize { return beachedAt }
/** Longitudes, or the (lon, lat) pairs of crop and halo where nodes have coordinates. */
export function longitudesAt(): usize { return grid.longitudes }
export function latitudesAt(): usize { return grid.latitudes }
export function landRegion(): usize { return landAt }
export function metricRegion(): usize { return metricAt }
export function stateRegion(): usize { return particles.table }
export function triplesRegion(): usize { return triplesAt }
export function tracksRegion(): usize { return tracksAt }
/**
 * Where m/s of a component (0 eastward, or a scalar; 1 northward) of slice `index` are written
 * before takeSlice.
 */
export function stagingAt(role: i32, index: i32, component: i32): usize {
  return motion.isOn ? fields.planeOf(role, index & 1, component) : pack.stagingOf(component)
}
/** Takes the slice just written as slice `index` of a role. */
export function takeSlice(role: i32, index: i32): void {
  if (motion.isOn) return
  advect.packDeferred()
  pack.takeSlice(role, index)
}
/** Nodes of one row of crop and halo in every region. */
export function stride(): i32 { return grid.stride }
export function paddedRows(): i32 { return grid.paddedRows }
/** Whole nodes of crop and halo in a row, without padding. */
export function paddedColumns(): i32 { return grid.cropColumns + 2 * HALO }

/** Checks the state and releases what is due; call after the inputs are written. */
export function begin(): i32 {
  fuel = 0
  stepsToSort = 0
  if (grid.hasNodes) {
    nodes.toDirections(grid.longitudes, grid.stride * grid.paddedRows)
    nodes.setNodes(grid.longitudes, grid.stride, grid.stride, grid.paddedRows, false)
  }
  coast.markZone()
  beached.setBeached(originCount, particles.classCount)
  if (!motion.isOn) walk.setBound(metricAt, <usize>(grid.stride * grid.paddedRows))
  output.setHints(hintsAt)
  const code = particles.begin(step)
  if (!motion.isOn) advect.chooseForm()
  return code
}

export function bracket(role: i32, slice: i32, seconds: f64, time: f64, nextTime: f64): void {
  if (motion.isOn) fields.setBracket(role, slice, seconds, time, nextTime)
  else pack.setBracket(role, slice, seconds, time, nextTime)
}

/**
 * Forces the form of a step, for tests and measurements: 0 the module chooses, 1 a record per node,
 * 2 slices at every corner. Bits never depend on it.
 */
export function setForm(kind: i32): void { forced = kind }

/** Fewer particles per node of their box than this: corners are formed where they are read. */
const SPARSE: f64 = 0.5

/** Half step `half` (0, 1, 2) has its brackets: forms its record, or leaves that to the corners. */
export function packRecord(half: i32): void {
  if (motion.isOn) {
    general.packRecord(half)
    return
  }
  const width = <f64>(particles.x1 - particles.x0 + 4)
  const nodes = width * <f64>(particles.y1 - particles.y0 + 4)
  const isSparse = <f64>active.count < SPARSE * nodes
  advect.packRecord(half, forced == 0 ? isSparse : forced == 2)
}

/** Moves every particle afloat by one step, then releases what is due at its end. */
export function advance(): i32 {
  if (fuel + <f64>active.count > fuelMax) return FAULT_FUEL
  if (stepsToSort == 0) {
    active.sort()
    stepsToSort = SORT_STEPS
  }
  stepsToSort--
  fuel += <f64>active.count
  const beachedBefore = particles.beachedCount
  const moved = motion.isOn ? general.advance(step) : advect.advance(step)
  if (moved != FAULT_NONE) return moved
  const before = active.count
  if (retire.isNeeded(step)) particles.retireDue(step)
  const refloated = particles.refloat(step, beachedBefore)
  if (refloated != FAULT_NONE) return refloated
  step++
  const released = particles.release(step)
  if (active.count != before) particles.updateBox()
  return released
}

export function fuelUsed(): f64 { return fuel }
export function faultParticle(): f64 {
  return particles.faultRow < 0 ? -1 : <f64>(particles.firstParticle + particles.faultRow)
}
/** Brings the state table up to date. */
export function storeState(): void { particles.storeActive() }
export function countStatuses(): void { particles.countStatuses() }
export function countOf(status: i32): i32 { return particles.countOf(<u8>status) }
/** Number of density triples written. */
export function countDensity(): i32 { return output.countDensity() }
/** Number of beached quadruples written, where the triples were. */
export function countBeached(): i32 { return beached.countBeached() }
export function writeTracks(): void { output.writeTracks() }

/**
 * Edge of the box of all particles waiting or afloat, and stranded where that matters (0..3: x0,
 * y0, x1, y1), in parent cells. Where nodes have coordinates it holds every tracked particle too:
 * its place is told to the end.
 */
export function bound(which: i32): i32 {
  particles.updateBounds()
  if (grid.hasNodes && tracked > 0) particles.includeRows(tracked)
  const isEmpty = particles.x0 > particles.x1
  if (which == 0) return grid.cropColumn + (isEmpty ? 0 : particles.x0)
  if (which == 1) return grid.cropRow + (isEmpty ? 0 : particles.y0)
  if (which == 2) return grid.cropColumn + (isEmpty ? 0 : particles.x1)
  return grid.cropRow + (isEmpty ? 0 : particles.y1)
}

export function threefryBlock(k0: u32, k1: u32, counter0: u32, counter1: u32): u64 {
  return threefry(k0, k1, counter0, counter1)
}

/** Standard (mean 0, variance 1, within ±√6) and uniform draws of a member. */
export function memberStandard(k0: u32, k1: u32, which: u32): f64 {
  return draws.memberStandard(k0, k1, which)
}
export function memberUniform(k0: u32, k1: u32, which: u32): f64 {
  return draws.memberUniform(k0, k1, which)
}

export function viscosity(temperature: f64, salinity: f64, c: f64): f64 {
  return rise.viscosity(temperature, salinity, c)
}
export function speedOfSize(size: f64): f64 { return rise.speedOfSize(size) }
export function riseVelocity(
  diameter: f64, density: f64, waterDensity: f64, dynamicViscosity: f64
): f64 {
  return rise.riseVelocity(diameter, density, waterDensity, dynamicViscosity)
}
export function stokesShare(depth: f64, period: f64): f64 { return waves.stokesShare(depth, period) }
export function periodOfWind(speed: f64): f64 { return waves.periodOfWind(speed) }
export function mixingDepth(speed: f64, rise: f64): f64 { return waves.mixingDepth(speed, rise) }

export function writeNodeMetric(
  longitudes: usize, columns: i32, latitudes: usize, rows: i32, metric: i32, out: usize
): void {
  geodesy.writeNodeMetric(longitudes, columns, latitudes, rows, metric, out)
}

export function cellArea(south: f64, height: f64, width: f64, metric: i32): f64 {
  return geodesy.cellArea(south, height, width, metric)
}

export function setSeed(seed0: u32, seed1: u32, land: usize, metric: i32): void {
  seed.setSeed(seed0, seed1, land, metric)
}

export function seedParticle(
  id: u32, lon: f64, lat: f64, radius: f64, releaseStep: i32, classIndex: i32,
  at: usize
): i32 {
  return seed.seedParticle(id, lon, lat, radius, releaseStep, classIndex, at)
}

export function setProjection(
  kind: i32, semiMajor: f64, eccentricity2: f64, latOrigin: f64, lonOrigin: f64, first: f64,
  second: f64, scale: f64, easting: f64, northing: f64
): void {
  projection.setProjection(
    kind, semiMajor, eccentricity2, latOrigin, lonOrigin, first, second, scale, easting, northing
  )
}

/** Turns pairs in place: degrees → grid coordinates (forward), or back. */
export function projectPairs(at: usize, count: i32, isForward: bool): void {
  for (let i: i32 = 0; i < count; i++) {
    const x = load<f64>(at)
    const y = load<f64>(at, 8)
    if (isForward) projection.forward(x, y)
    else projection.inverse(x, y)
    store<f64>(at, projection.outX)
    store<f64>(at, projection.outY, 8)
    at += 16
  }
}

/** Turns (lon, lat) pairs into directions, in place; 24 bytes of room each. */
export function toDirections(at: usize, count: i32): void {
  nodes.toDirections(at, count)
}

export function writeGridMetric(
  lonLats: usize, width: i32, height: i32, metric: i32, points: usize, metricAt: usize,
  frameAt: usize
): void {
  nodes.writeGridMetric(lonLats, width, height, metric, points, metricAt, frameAt)
}

/**
 * Turns (lon, lat) pairs into index coordinates on the parent's nodes, in place; NaN where they lie
 * more than `margin` cells outside. Each search begins at the place before.
 */
export function locatePairs(at: usize, count: i32, margin: f64): void {
  for (let i: i32 = 0; i < count; i++) {
    const isFound = nodes.locateDegrees(load<f64>(at), load<f64>(at, 8), margin, i > 0)
    store<f64>(at, isFound ? nodes.foundX : NaN)
    store<f64>(at, isFound ? nodes.foundY : NaN, 8)
    at += 16
  }
}

/**
 * Exports of the kernel module. The host sets a run up call by call (parent, crop, clock, physics,
 * density, particles), has the module lay out its memory, writes the inputs where it says, and then
 * per step: slices, brackets, packs, step. Nothing is imported and no state outlives the instance.
 */
import * as advect from './advect'
import * as geodesy from './geodesy'
import * as grid from './grid'
import {
  FAULT_FUEL, FAULT_MEMORY, FAULT_NONE, HALO, LAYOUT_VERSION, region, resetMemory, STATE_BYTES
} from './layout'
import * as output from './output'
import * as pack from './pack'
import * as particles from './particles'
import * as seed from './seed'
import { threefry } from './threefry'

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
let metricAt: usize = 0
let landAt: usize = 0
let stepsToSort: i32 = 0

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
  count: i32, firstParticle: u32, classCount: i32, trackedRows: i32, maximum: f64
): void {
  particles.setParticles(count, firstParticle, classCount)
  tracked = trackedRows
  fuelMax = maximum
}

/** Lays out the memory of a run; FAULT_MEMORY when it may not grow so far. */
export function allocate(): i32 {
  resetMemory()
  const nodes = <u64>(grid.stride * grid.paddedRows)
  const count = <u64>particles.count
  const lons = region(<u64>grid.columns * 8)
  const lats = region(<u64>grid.rows * 8)
  landAt = region(nodes)
  metricAt = region(nodes * 16)
  const records = region(nodes * 48)
  const table = region(count * STATE_BYTES)
  // A batch is read in whole quads: 64 bytes of room behind the last particle.
  const active = region(count * 16 + 64)
  const spare = region(count * 16 + 64)
  const residuals = region(count * 8 + 64)
  const spareResiduals = region(count * 8 + 64)
  const keys = region(count * 8)
  const spareKeys = region(count * 8)
  triplesAt = region(count * output.TRIPLE_BYTES)
  tracksAt = region(<u64>tracked * output.TRACK_BYTES)
  let lowest = min(min(min(lons, lats), min(landAt, metricAt)), min(records, table))
  lowest = min(lowest, min(min(active, spare), min(keys, spareKeys)))
  lowest = min(lowest, min(residuals, spareResiduals))
  lowest = min(lowest, min(triplesAt, tracksAt))
  pack.setPack(roles, metricAt, <usize>nodes * 4, isWindRelative, stepSeconds)
  for (let role: i32 = 0; role < pack.ROLES; role++) {
    if (!pack.hasRole(role)) continue
    const planes = region(nodes * 16)
    lowest = min(lowest, planes)
    pack.setPlanes(role, planes)
  }
  if (lowest == 0) return FAULT_MEMORY
  grid.setAxes(lons, lats)
  particles.setParticleRegions(table, active, keys, spareKeys, spare, residuals, spareResiduals)
  output.setOutputRegions(keys, spareKeys, triplesAt, tracksAt, tracked)
  advect.setAdvect(scheme, diffusivity, stepSeconds, key0, key1, metricAt, landAt)
  advect.setRecords(records, <usize>nodes * 16)
  return FAULT_NONE
}

export function longitudesAt(): usize { return grid.longitudes }
export function latitudesAt(): usize { return grid.latitudes }
export function landRegion(): usize { return landAt }
export function metricRegion(): usize { return metricAt }
export function stateRegion(): usize { return particles.table }
export function triplesRegion(): usize { return triplesAt }
export function tracksRegion(): usize { return tracksAt }
export function planeAt(role: i32, slot: i32, component: i32): usize {
  return pack.planeOf(role, slot, component)
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
  return particles.begin(step)
}

export function bracket(role: i32, slice: i32, seconds: f64, time: f64, nextTime: f64): void {
  pack.setBracket(role, slice, seconds, time, nextTime)
}

/** Packs the record of half step `half` (0, 1, 2) where particles can read it. */
export function packRecord(half: i32): void {
  const lastColumn = grid.cropColumns + 2 * HALO - 1
  const lastRow = grid.paddedRows - 1
  if (particles.x0 > particles.x1) return
  const x0 = grid.isRing ? 0 : max(0, particles.x0 - 1 + HALO)
  const x1 = grid.isRing ? lastColumn : min(lastColumn, particles.x1 + 2 + HALO)
  const y0 = max(0, particles.y0 - 1 + HALO)
  const y1 = min(lastRow, particles.y1 + 2 + HALO)
  pack.packBox(advect.recordOf(half), x0, y0, x1, y1)
}

/** Moves every particle afloat by one step, then releases what is due at its end. */
export function advance(): i32 {
  if (fuel + <f64>particles.activeCount > fuelMax) return FAULT_FUEL
  if (stepsToSort == 0) {
    particles.sortActive()
    stepsToSort = SORT_STEPS
  }
  stepsToSort--
  fuel += <f64>particles.activeCount
  const moved = advect.advance(step)
  if (moved != FAULT_NONE) return moved
  advect.rotateRecords()
  step++
  const released = particles.release(step)
  particles.updateBox()
  return released
}

export function fuelUsed(): f64 { return fuel }
export function faultParticle(): f64 {
  return particles.faultRow < 0 ? -1 : <f64>(particles.firstParticle + particles.faultRow)
}
/** Brings the state table up to date. */
export function storeState(): void { particles.storeActive() }
export function countStatus(status: i32): i32 { return particles.countStatus(<u8>status) }
/** Number of density triples written. */
export function countDensity(): i32 { return output.countDensity() }
export function writeTracks(): void { output.writeTracks() }

/** Edge of the box of all particles waiting or afloat (0..3: x0, y0, x1, y1), in parent cells. */
export function bound(which: i32): i32 {
  const isEmpty = particles.x0 > particles.x1
  if (which == 0) return grid.cropColumn + (isEmpty ? 0 : particles.x0)
  if (which == 1) return grid.cropRow + (isEmpty ? 0 : particles.y0)
  if (which == 2) return grid.cropColumn + (isEmpty ? 0 : particles.x1)
  return grid.cropRow + (isEmpty ? 0 : particles.y1)
}

export function threefryBlock(k0: u32, k1: u32, counter0: u32, counter1: u32): u64 {
  return threefry(k0, k1, counter0, counter1)
}

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
  windageLow: f64, windageHigh: f64, at: usize
): i32 {
  return seed.seedParticle(id, lon, lat, radius, releaseStep, classIndex, windageLow, windageHigh, at)
}

/**
 * Forcing of the general path (motion.ts): planes of m/s as the host writes them, and per half
 * step two kinds of records with metric and time step folded in, in quanta per step:
 *   drift   [Us, Vs, Uw, Vw] per node: Stokes drift and wind,
 *   water   [U, V] per node and depth level: current times the member's factor.
 * Beside them, at t and t+1 only, the conditions [wind east, wind north, wave period, diffusivity]
 * in m/s, s, m²/s. A hole in any slice used stays a hole.
 */
import { HALO, QUANTA } from './layout'
import * as grid from './grid'

const HOLE: f32 = 1e30
const HOLE_MIN: f32 = 1e29

/** Roles as the host counts them; deeper levels of the current follow. */
const CURRENT: i32 = 0
const WIND: i32 = 1
const STOKES: i32 = 2
const DIFFUSIVITY: i32 = 3
const PERIOD: i32 = 4
const DEEPER: i32 = 5
/** Levels below the first: protocol/limits.ts. */
const LEVELS_MAX: i32 = 100
export const ROLES: i32 = DEEPER + LEVELS_MAX

const planes = memory.data(105 * 4)
const earlier = memory.data(105 * 4)
const later = memory.data(105 * 4)
const weights = memory.data(105 * 4)
const depths = memory.data(100 * 8)

let present: i32 = 0
let metric: usize = 0
let planeBytes: usize = 0
let scale: f32 = 0
let currentFactor: f32 = 1
/** Stokes drift as a share of the wind, 0 where it is a field or none. */
let stokesOfWind: f32 = 0
export let levels: i32 = 1

/** Records of half steps 0, 1, 2 and conditions of 0 and 2; node 0 of the crop is at the start. */
const records = memory.data(3 * 4)
const waters = memory.data(3 * 4)
export let conditions0: usize = 0
let conditions2: usize = 0
/** Bytes of one level of a water record. */
export let levelBytes: usize = 0
let nodeOffset: usize = 0

export function setLevels(count: i32): void {
  levels = count
}

export function setDepth(level: i32, metres: f64): void {
  store<f64>(depths + (<usize>level << 3), metres)
}

export function hasRole(role: i32): bool {
  return role >= DEEPER ? role - DEEPER + 1 < levels : ((present >> role) & 1) != 0
}

export function hasPeriod(): bool {
  return hasRole(PERIOD)
}

export function hasWind(): bool {
  return hasRole(WIND)
}

export function hasStokes(): bool {
  return hasRole(STOKES) || stokesOfWind > 0
}

export function setFields(
  roles: i32, metricAt: usize, bytes: usize, stepSeconds: f64, factor: f64, ofWind: f64
): void {
  present = roles
  metric = metricAt
  planeBytes = bytes
  scale = <f32>(stepSeconds * <f64>QUANTA)
  currentFactor = <f32>factor
  stokesOfWind = <f32>ofWind
  levelBytes = bytes << 1
  nodeOffset = <usize>(HALO * grid.stride + HALO)
}

export function setPlanes(role: i32, at: usize): void {
  store<u32>(planes + (<usize>role << 2), <u32>at)
}

export function setRecords(half: i32, driftAt: usize, waterAt: usize): void {
  store<u32>(records + (<usize>half << 2), <u32>driftAt)
  store<u32>(waters + (<usize>half << 2), <u32>waterAt)
}

export function setConditions(first: usize, second: usize): void {
  conditions0 = first
  conditions2 = second
}

/** Plane of one component (0 eastward or the scalar, 1 northward) of a slot. */
export function planeOf(role: i32, slot: i32, component: i32): usize {
  return <usize>load<u32>(planes + (<usize>role << 2)) + <usize>(slot * 2 + component) * planeBytes
}

/** As pack.ts: a slice that lies on the time is used alone. */
export function setBracket(role: i32, slice: i32, seconds: f64, time: f64, nextTime: f64): void {
  const at = <usize>role << 2
  const first = planeOf(role, slice & 1, 0)
  const isExact = seconds == time
  store<u32>(earlier + at, <u32>first)
  store<u32>(later + at, <u32>(isExact ? first : planeOf(role, (slice + 1) & 1, 0)))
  store<f32>(weights + at, isExact ? <f32>0 : <f32>((seconds - time) / (nextTime - time)))
}

/** The record of t+1 is that of t of the next step. */
export function rotate(): void {
  const drift = load<u32>(records)
  store<u32>(records, load<u32>(records, 8))
  store<u32>(records, drift, 8)
  const water = load<u32>(waters)
  store<u32>(waters, load<u32>(waters, 8))
  store<u32>(waters, water, 8)
  const conditions = conditions0
  conditions0 = conditions2
  conditions2 = conditions
}

/** First node of the crop in the drift record of a half step. */
export function driftOf(half: i32): usize {
  return <usize>load<u32>(records + (<usize>half << 2)) + (nodeOffset << 4)
}

/** First node of the crop in a level of the water record of a half step. */
export function waterOf(half: i32, level: i32): usize {
  const first = <usize>load<u32>(waters + (<usize>half << 2))
  return first + <usize>level * levelBytes + (nodeOffset << 3)
}

export function conditionsOf(): usize {
  return conditions0 + (nodeOffset << 4)
}

let isHole: bool = false

/** One component at a node between two slices. */
function between(role: i32, component: i32, node: usize): f32 {
  const at = <usize>role << 2
  const offset = <usize>component * planeBytes + (node << 2)
  const a = load<f32>(<usize>load<u32>(earlier + at) + offset)
  const b = load<f32>(<usize>load<u32>(later + at) + offset)
  if (abs(a) >= HOLE_MIN || abs(b) >= HOLE_MIN) isHole = true
  return a + load<f32>(weights + at) * (b - a)
}

/** Stores m/s as quanta per step on both axes; a hole where one was met. */
function storeTurned(to: usize, node: usize, u: f32, v: f32): void {
  const at = metric + (node << 4)
  const x = load<f32>(at) * scale * u + load<f32>(at, 4) * scale * v
  const y = load<f32>(at, 8) * scale * u + load<f32>(at, 12) * scale * v
  store<f32>(to, isHole ? HOLE : x)
  store<f32>(to, isHole ? HOLE : y, 4)
}

function packNode(half: i32, node: usize): void {
  const water = <usize>load<u32>(waters + (<usize>half << 2)) + (node << 3)
  for (let level: i32 = 0; level < levels; level++) {
    const role = level == 0 ? CURRENT : DEEPER + level - 1
    isHole = false
    const u = between(role, 0, node) * currentFactor
    const v = between(role, 1, node) * currentFactor
    storeTurned(water + <usize>level * levelBytes, node, u, v)
  }
  const drift = <usize>load<u32>(records + (<usize>half << 2)) + (node << 4)
  isHole = false
  let uWind: f32 = 0
  let vWind: f32 = 0
  if (hasRole(WIND)) {
    uWind = between(WIND, 0, node)
    vWind = between(WIND, 1, node)
  }
  storeTurned(drift + 8, node, uWind, vWind)
  const isWindHole = isHole
  let uStokes = stokesOfWind * uWind
  let vStokes = stokesOfWind * vWind
  if (hasRole(STOKES)) {
    isHole = false
    uStokes = between(STOKES, 0, node)
    vStokes = between(STOKES, 1, node)
  } else {
    isHole = isWindHole && stokesOfWind > 0
  }
  storeTurned(drift, node, uStokes, vStokes)
  if (half == 1) return
  const conditions = (half == 0 ? conditions0 : conditions2) + (node << 4)
  store<f32>(conditions, isWindHole ? HOLE : uWind)
  store<f32>(conditions, isWindHole ? HOLE : vWind, 4)
  isHole = false
  const period = hasRole(PERIOD) ? between(PERIOD, 0, node) : <f32>0
  store<f32>(conditions, isHole ? HOLE : period, 8)
  isHole = false
  const diffusivity = hasRole(DIFFUSIVITY) ? between(DIFFUSIVITY, 0, node) : <f32>0
  store<f32>(conditions, isHole ? HOLE : diffusivity, 12)
}

/** Packs the nodes of a box of crop-and-halo columns and rows, inclusive. */
export function packBox(half: i32, x0: i32, y0: i32, x1: i32, y1: i32): void {
  for (let row = y0; row <= y1; row++) {
    const start = row * grid.stride
    for (let column = x0; column <= x1; column++) packNode(half, <usize>(start + column))
  }
}

export let upperLevel: i32 = 0
export let lowerLevel: i32 = 0
export let lowerShare: f32 = 0

/** Levels around a depth; above the first and below the last that one alone. */
export function findLevels(depth: f64): void {
  lowerLevel = 0
  while (lowerLevel < levels - 1 && load<f64>(depths + (<usize>lowerLevel << 3)) < depth) lowerLevel++
  upperLevel = lowerLevel > 0 ? lowerLevel - 1 : 0
  const upper = load<f64>(depths + (<usize>upperLevel << 3))
  const lower = load<f64>(depths + (<usize>lowerLevel << 3))
  const share = lower > upper ? (depth - upper) / (lower - upper) : 0.0
  lowerShare = <f32>Math.max(0.0, Math.min(1.0, share))
}

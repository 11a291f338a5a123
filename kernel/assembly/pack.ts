/**
 * Packs forcing into node records. A slice is turned once, when it is loaded, from m/s into pairs
 * [U, V] of position quanta per time step (metric and time step folded in). The record of a half
 * step is time-linear between the two slices of each role: a pair [U, V] of current plus Stokes
 * drift per node, and a pair [Uw, Vw] of the wind that windage multiplies, minus the current where
 * it is relative. Where all particles have one windage c, it holds U + c·Uw instead (folded): the
 * sum that the loop over particles forms at every corner, so either form gives the same bits.
 */
import { QUANTA } from './layout'
import * as grid from './grid'

/** Value of a hole, in fields and in records alike (protocol/forcing.ts). */
export const HOLE: f32 = 1e30
/** Components at least this large are holes; no ocean or wind is. */
const HOLE_MIN: f32 = 1e29

export const ROLES: i32 = 3
export const CURRENT: i32 = 0
export const WIND: i32 = 1
export const STOKES: i32 = 2
/** Half steps 0, 1, 2 of a step, and the brackets just set, of which half step is not known yet. */
const HALVES: i32 = 4
const SET: i32 = 3

let present: i32 = 0
let metric: usize = 0
let nodes: usize = 0
let isWindRelative: bool = false
/** Position quanta per cell × seconds per step: m/s × cells/m → quanta per step. */
let scale: f32 = 0
/** Factor of a member's currents. */
let currentFactor: f32 = 1
/** m/s of the slice being loaded, eastward and northward. */
let staging: usize = 0
/** Per role: first of its two slots. */
const slots = memory.data(ROLES * 4)
/** Per role and slot: largest |U| or |V|. */
const peaks = memory.data(ROLES * 8)
/** Per half step and role: earlier and later slot, and the weight of the later one. */
const earlier = memory.data(HALVES * ROLES * 4)
const later = memory.data(HALVES * ROLES * 4)
const weights = memory.data(HALVES * ROLES * 4, 16)

export function setPack(
  roles: i32, metricAt: usize, count: usize, stagingAt: usize, relative: bool, stepSeconds: f64,
  ofCurrent: f64
): void {
  currentFactor = <f32>ofCurrent
  present = roles
  metric = metricAt
  nodes = count
  staging = stagingAt
  isWindRelative = relative
  scale = <f32>(stepSeconds * <f64>QUANTA)
  memory.fill(peaks, 0, ROLES * 8)
}

export function setSlots(role: i32, at: usize): void {
  store<u32>(slots + (<usize>role << 2), <u32>at)
}

// @ts-ignore: decorator
@inline
export function hasRole(role: i32): bool {
  return ((present >> role) & 1) != 0
}

export function isRelative(): bool {
  return isWindRelative
}

/** Where m/s of one component (0 eastward, 1 northward) of a slice are written. */
export function stagingOf(component: i32): usize {
  return staging + <usize>component * (nodes << 2)
}

function slotOf(role: i32, slice: i32): usize {
  return <usize>load<u32>(slots + (<usize>role << 2)) + <usize>(slice & 1) * (nodes << 3)
}

/** Turns the staged slice into pairs of quanta per step. */
export function takeSlice(role: i32, slice: i32): void {
  const to = slotOf(role, slice)
  const north = nodes << 2
  const factor = f32x4.splat(role == CURRENT ? scale * currentFactor : scale)
  const limit = f32x4.splat(HOLE_MIN)
  const hole = f32x4.splat(HOLE)
  let peak = f32x4.splat(0)
  for (let node: usize = 0; node < nodes; node += 4) {
    const at = metric + (node << 4)
    const m0 = v128.load(at)
    const m1 = v128.load(at, 16)
    const m2 = v128.load(at, 32)
    const m3 = v128.load(at, 48)
    const lo01 = v128.shuffle<i32>(m0, m1, 0, 4, 1, 5)
    const hi01 = v128.shuffle<i32>(m0, m1, 2, 6, 3, 7)
    const lo23 = v128.shuffle<i32>(m2, m3, 0, 4, 1, 5)
    const hi23 = v128.shuffle<i32>(m2, m3, 2, 6, 3, 7)
    const xEast = f32x4.mul(v128.shuffle<i32>(lo01, lo23, 0, 1, 4, 5), factor)
    const xNorth = f32x4.mul(v128.shuffle<i32>(lo01, lo23, 2, 3, 6, 7), factor)
    const yEast = f32x4.mul(v128.shuffle<i32>(hi01, hi23, 0, 1, 4, 5), factor)
    const yNorth = f32x4.mul(v128.shuffle<i32>(hi01, hi23, 2, 3, 6, 7), factor)
    const u = v128.load(staging + (node << 2))
    const v = v128.load(staging + north + (node << 2))
    const holes = v128.or(f32x4.ge(f32x4.abs(u), limit), f32x4.ge(f32x4.abs(v), limit))
    const x = v128.bitselect(hole, f32x4.add(f32x4.mul(xEast, u), f32x4.mul(xNorth, v)), holes)
    const y = v128.bitselect(hole, f32x4.add(f32x4.mul(yEast, u), f32x4.mul(yNorth, v)), holes)
    peak = f32x4.pmax(peak, f32x4.pmax(f32x4.abs(x), f32x4.abs(y)))
    v128.store(to + (node << 3), v128.shuffle<i32>(x, y, 0, 4, 1, 5))
    v128.store(to + (node << 3), v128.shuffle<i32>(x, y, 2, 6, 3, 7), 16)
  }
  const low = max(f32x4.extract_lane(peak, 0), f32x4.extract_lane(peak, 1))
  const high = max(f32x4.extract_lane(peak, 2), f32x4.extract_lane(peak, 3))
  store<f32>(peaks + (<usize>(role * 2 + (slice & 1)) << 2), max(low, high))
}

function peakOf(role: i32): f32 {
  const at = peaks + (<usize>role << 3)
  return max(load<f32>(at), load<f32>(at, 4))
}

/** No component of a record, for any windage up to `windage`, is larger (rounding aside). */
export function peakBound(windage: f32): f32 {
  const wind = peakOf(WIND) + (isWindRelative ? peakOf(CURRENT) : <f32>0)
  return peakOf(CURRENT) + peakOf(STOKES) + windage * wind
}

/** Has any slice in memory a hole? Then records must be formed with care. */
function hasHoles(): bool {
  return max(max(peakOf(CURRENT), peakOf(STOKES)), peakOf(WIND)) >= HOLE_MIN
}

/**
 * The slices around `seconds`: index `slice` at `time` ≤ seconds and the next one. A slice that
 * lies on the time is used alone, so that the same time always gives the same bits.
 */
export function setBracket(role: i32, slice: i32, seconds: f64, time: f64, nextTime: f64): void {
  const at = <usize>(SET * ROLES + role) << 2
  const first = slotOf(role, slice)
  const isExact = seconds == time
  store<u32>(earlier + at, <u32>first)
  store<u32>(later + at, <u32>(isExact ? first : slotOf(role, slice + 1)))
  store<f32>(weights + at, isExact ? <f32>0 : <f32>((seconds - time) / (nextTime - time)))
}

function copyBrackets(from: i32, to: i32): void {
  const bytes: usize = ROLES * 4
  const a = <usize>from * bytes
  const b = <usize>to * bytes
  memory.copy(earlier + b, earlier + a, bytes)
  memory.copy(later + b, later + a, bytes)
  memory.copy(weights + b, weights + a, bytes)
}

/** The brackets set last are those of half step `half`. */
export function assignBrackets(half: i32): void {
  copyBrackets(SET, half)
}

/** The brackets of half step 2 are those of half step 0 of the next step. */
export function rotateBrackets(): void {
  copyBrackets(2, 0)
}

export function earlierOf(half: i32, role: i32): usize {
  return <usize>load<u32>(earlier + (<usize>(half * ROLES + role) << 2))
}

export function laterOf(half: i32, role: i32): usize {
  return <usize>load<u32>(later + (<usize>(half * ROLES + role) << 2))
}

export function weightOf(half: i32, role: i32): v128 {
  return v128.load32_splat(weights + (<usize>(half * ROLES + role) << 2))
}

/** Two nodes between two slices. */
// @ts-ignore: decorator
@inline
export function between(from: usize, to: usize, weight: v128): v128 {
  const a = v128.load(from)
  return f32x4.add(a, f32x4.mul(weight, f32x4.sub(v128.load(to), a)))
}

// @ts-ignore: decorator
@inline
function isHole(from: usize, to: usize): v128 {
  const limit = f32x4.splat(HOLE_MIN)
  const a = f32x4.ge(f32x4.abs(v128.load(from)), limit)
  return v128.or(a, f32x4.ge(f32x4.abs(v128.load(to)), limit))
}

/** One row of nodes of a record; `isCareful` keeps a hole of any slice a hole. */
// @ts-ignore: decorator
@inline
function packRow(
  isCareful: bool, half: i32, from: usize, end: usize, record: usize, windBytes: usize,
  isFolded: bool, windage: f32
): void {
  const currentA = earlierOf(half, CURRENT)
  const currentB = laterOf(half, CURRENT)
  const currentW = weightOf(half, CURRENT)
  const stokesA = earlierOf(half, STOKES)
  const stokesB = laterOf(half, STOKES)
  const stokesW = weightOf(half, STOKES)
  const windA = earlierOf(half, WIND)
  const windB = laterOf(half, WIND)
  const windW = weightOf(half, WIND)
  const hasStokes = hasRole(STOKES)
  const hasWind = hasRole(WIND)
  const relative = isWindRelative
  const factor = f32x4.splat(windage)
  const hole = f32x4.splat(HOLE)
  for (let at = from; at < end; at += 16) {
    const current = between(currentA + at, currentB + at, currentW)
    let sum = current
    let holes = i32x4.splat(0)
    if (hasStokes) sum = f32x4.add(sum, between(stokesA + at, stokesB + at, stokesW))
    if (isCareful) {
      holes = isHole(currentA + at, currentB + at)
      if (hasStokes) holes = v128.or(holes, isHole(stokesA + at, stokesB + at))
      sum = v128.bitselect(hole, sum, holes)
    }
    if (hasWind) {
      let wind = between(windA + at, windB + at, windW)
      if (relative) wind = f32x4.sub(wind, current)
      if (isCareful) {
        holes = v128.or(holes, isHole(windA + at, windB + at))
        wind = v128.bitselect(hole, wind, holes)
      }
      if (isFolded) sum = f32x4.add(sum, f32x4.mul(factor, wind))
      else v128.store(record + windBytes + at, wind)
    }
    v128.store(record + at, sum)
  }
}

/**
 * Packs half step `half` on the nodes of a box of crop-and-halo columns and rows, inclusive, into
 * the record whose node 0 of the region is at `record`; winds lie `nodes` pairs behind.
 */
export function packBox(
  half: i32, record: usize, x0: i32, y0: i32, x1: i32, y1: i32, isFolded: bool, windage: f32
): void {
  const wind = nodes << 3
  const isCareful = hasHoles()
  for (let row = y0; row <= y1; row++) {
    const first = <usize>(row * grid.stride + (x0 & ~1)) << 3
    const end = <usize>(row * grid.stride + x1 + 1) << 3
    if (isCareful) packRow(true, half, first, end, record, wind, isFolded, windage)
    else packRow(false, half, first, end, record, wind, isFolded, windage)
  }
}

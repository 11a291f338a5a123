/**
 * Packs forcing into node records: per node of the crop four f32 [U, V, Uw, Vw] in position quanta
 * per time step, U and V current plus Stokes drift, Uw and Vw the wind that windage multiplies.
 * Metric, time step and time interpolation are folded in once per node, so the loop over particles
 * has no trigonometry and no division. All of it is linear in the fields: bilinear interpolation of
 * records is that of the fields. A hole in any slice used stays a hole.
 */
import { QUANTA } from './layout'
import * as grid from './grid'

/** Value of a hole, in fields and in records alike (protocol/forcing.ts). */
export const HOLE: f32 = 1e30
/** Components at least this large are holes; no ocean or wind is. */
const HOLE_MIN: f32 = 1e29

export const ROLES: i32 = 3
const CURRENT: i32 = 0
const WIND: i32 = 1
const STOKES: i32 = 2

let present: i32 = 0
let metric: usize = 0
let planeBytes: usize = 0
let isWindRelative: bool = false
/** Position quanta per cell × seconds per step: m/s × cells/m → quanta per step. */
let scale: f32 = 0
/** First of four planes per role: slot 0 u, v, slot 1 u, v. */
const planes = memory.data(ROLES * 4)
/** Per role: plane offsets of the earlier and later slice, and the weight of the later one. */
const earlier = memory.data(ROLES * 4)
const later = memory.data(ROLES * 4)
const weights = memory.data(ROLES * 4)

export function setPack(
  roles: i32, metricAt: usize, bytes: usize, relative: bool, stepSeconds: f64
): void {
  present = roles
  metric = metricAt
  planeBytes = bytes
  isWindRelative = relative
  scale = <f32>(stepSeconds * <f64>QUANTA)
}

export function setPlanes(role: i32, at: usize): void {
  store<u32>(planes + (<usize>role << 2), <u32>at)
}

export function hasRole(role: i32): bool {
  return ((present >> role) & 1) != 0
}

/** Plane of one component (0 eastward, 1 northward) of a slot. */
export function planeOf(role: i32, slot: i32, component: i32): usize {
  return <usize>load<u32>(planes + (<usize>role << 2)) + <usize>(slot * 2 + component) * planeBytes
}

/**
 * The slices around `seconds`: index `slice` at `time` ≤ seconds and the next one. A slice that
 * lies on the time is used alone, so that the same time always gives the same bits.
 */
export function setBracket(role: i32, slice: i32, seconds: f64, time: f64, nextTime: f64): void {
  const at = <usize>role << 2
  const first = planeOf(role, slice & 1, 0)
  const isExact = seconds == time
  store<u32>(earlier + at, <u32>first)
  store<u32>(later + at, <u32>(isExact ? first : planeOf(role, (slice + 1) & 1, 0)))
  store<f32>(weights + at, isExact ? <f32>0 : <f32>((seconds - time) / (nextTime - time)))
}

let holes: v128 = i32x4.splat(0)

/** Four nodes of one component between two slices; holes are collected. */
// @ts-ignore: decorator
@inline
function between(role: usize, offset: usize): v128 {
  const at = role << 2
  const a = v128.load(<usize>load<u32>(earlier + at) + offset)
  const b = v128.load(<usize>load<u32>(later + at) + offset)
  const limit = f32x4.splat(HOLE_MIN)
  holes = v128.or(holes, v128.or(f32x4.ge(f32x4.abs(a), limit), f32x4.ge(f32x4.abs(b), limit)))
  return f32x4.add(a, f32x4.mul(v128.load32_splat(weights + at), f32x4.sub(b, a)))
}

/** Packs four nodes from `node` on. */
// @ts-ignore: decorator
@inline
function packFour(record: usize, node: usize): void {
  const offset = node << 2
  const plane = planeBytes
  const factor = f32x4.splat(scale)
  const hole = f32x4.splat(HOLE)
  const m0 = v128.load(metric + (node << 4))
  const m1 = v128.load(metric + (node << 4), 16)
  const m2 = v128.load(metric + (node << 4), 32)
  const m3 = v128.load(metric + (node << 4), 48)
  const lo01 = v128.shuffle<i32>(m0, m1, 0, 4, 1, 5)
  const hi01 = v128.shuffle<i32>(m0, m1, 2, 6, 3, 7)
  const lo23 = v128.shuffle<i32>(m2, m3, 0, 4, 1, 5)
  const hi23 = v128.shuffle<i32>(m2, m3, 2, 6, 3, 7)
  const xEast = f32x4.mul(v128.shuffle<i32>(lo01, lo23, 0, 1, 4, 5), factor)
  const xNorth = f32x4.mul(v128.shuffle<i32>(lo01, lo23, 2, 3, 6, 7), factor)
  const yEast = f32x4.mul(v128.shuffle<i32>(hi01, hi23, 0, 1, 4, 5), factor)
  const yNorth = f32x4.mul(v128.shuffle<i32>(hi01, hi23, 2, 3, 6, 7), factor)

  holes = i32x4.splat(0)
  let u = between(CURRENT, offset)
  let v = between(CURRENT, offset + plane)
  const uCurrent = u
  const vCurrent = v
  if (hasRole(STOKES)) {
    u = f32x4.add(u, between(STOKES, offset))
    v = f32x4.add(v, between(STOKES, offset + plane))
  }
  const x = v128.bitselect(hole, f32x4.add(f32x4.mul(xEast, u), f32x4.mul(xNorth, v)), holes)
  const y = v128.bitselect(hole, f32x4.add(f32x4.mul(yEast, u), f32x4.mul(yNorth, v)), holes)
  let xWind = f32x4.splat(0)
  let yWind = f32x4.splat(0)
  if (hasRole(WIND)) {
    holes = i32x4.splat(0)
    let uWind = between(WIND, offset)
    let vWind = between(WIND, offset + plane)
    if (isWindRelative) {
      uWind = f32x4.sub(uWind, uCurrent)
      vWind = f32x4.sub(vWind, vCurrent)
    }
    xWind = f32x4.add(f32x4.mul(xEast, uWind), f32x4.mul(xNorth, vWind))
    yWind = f32x4.add(f32x4.mul(yEast, uWind), f32x4.mul(yNorth, vWind))
    xWind = v128.bitselect(hole, xWind, holes)
    yWind = v128.bitselect(hole, yWind, holes)
  }
  const xy01 = v128.shuffle<i32>(x, y, 0, 4, 1, 5)
  const xy23 = v128.shuffle<i32>(x, y, 2, 6, 3, 7)
  const wind01 = v128.shuffle<i32>(xWind, yWind, 0, 4, 1, 5)
  const wind23 = v128.shuffle<i32>(xWind, yWind, 2, 6, 3, 7)
  const to = record + (node << 4)
  v128.store(to, v128.shuffle<i32>(xy01, wind01, 0, 1, 4, 5))
  v128.store(to, v128.shuffle<i32>(xy01, wind01, 2, 3, 6, 7), 16)
  v128.store(to, v128.shuffle<i32>(xy23, wind23, 0, 1, 4, 5), 32)
  v128.store(to, v128.shuffle<i32>(xy23, wind23, 2, 3, 6, 7), 48)
}

/** Packs the nodes of a box of crop-and-halo columns and rows, inclusive. */
export function packBox(record: usize, x0: i32, y0: i32, x1: i32, y1: i32): void {
  const first = x0 & ~3
  for (let row = y0; row <= y1; row++) {
    const start = row * grid.stride
    for (let column = first; column <= x1; column += 4) packFour(record, <usize>(start + column))
  }
}

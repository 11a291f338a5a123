/**
 * The stages of a step for a batch of blocks of four particles:
 *   k = U(x, t) + c·Uw(x, t),  bilinear between the four corners of the cell,
 * where the sum is formed at every corner, so that a record that already holds it (folded) gives
 * the same bits, and so does forming the corner from its two slices here instead of once per node
 * (pairs). A load holds two nodes of a row. Stage positions are rounded to quanta. One particle's
 * chain of operations is long: a whole batch goes through a stage before the next one begins.
 */
import { AT_DRIFT, AT_Y } from './active'
import { FRACTION_BITS, FRACTION_MASK } from './layout'
import * as pack from './pack'

/** What a stage reads: records with windage apart, folded records, or the slices themselves. */
export const EACH: i32 = 0
export const FOLDED: i32 = 1
export const PAIRS: i32 = 2

/** What a stage does with k: begin the sum, add 2·k, end the mean of RK4, or be the sum (RK2). */
export const FIRST: i32 = 0
export const MIDDLE: i32 = 1
export const LAST: i32 = 2
export const ONLY: i32 = 3

/** Blocks of one batch: enough independent chains to fill the pipeline. */
export const BATCH: i32 = 8
/** Per block of a batch: stage position x, y, displacement x, y, largest |k| x, y. */
export const STAGE_BYTES: usize = 96
export const AT_SUM_X: usize = 32
export const AT_SUM_Y: usize = 48
export const AT_PEAK_X: usize = 64
export const AT_PEAK_Y: usize = 80
export const stages = memory.data(BATCH * 96, 64)

/**
 * Constants of the loops. They are loaded before a loop, from memory, because the engine makes a
 * constant vector anew, in three instructions, wherever one is written.
 */
const constants = memory.data<f32>(
  [12582912.0, 0.00000095367431640625, 0.5, 6.0, 1048576.0, 256.0, 0.00390625], 16
)
const fractionMask = memory.data<i32>([FRACTION_MASK], 16)

/**
 * Adding it to |v| < 2²² leaves the nearest integer (ties to even) in the low bits; as an integer
 * it is what then lies above them.
 */
// @ts-ignore: decorator
@inline
export function magic(): v128 { return v128.load32_splat(constants) }
/** 1 / 2²⁰: whole quanta to fractions of a cell. */
// @ts-ignore: decorator
@inline
export function quantum(): v128 { return v128.load32_splat(constants, 4) }
// @ts-ignore: decorator
@inline
function half(): v128 { return v128.load32_splat(constants, 8) }
// @ts-ignore: decorator
@inline
function six(): v128 { return v128.load32_splat(constants, 12) }
/** One cell. */
// @ts-ignore: decorator
@inline
export function cell(): v128 { return v128.load32_splat(constants, 16) }
/** 256: quanta to residuals. */
// @ts-ignore: decorator
@inline
export function restUnits(): v128 { return v128.load32_splat(constants, 20) }
// @ts-ignore: decorator
@inline
export function restUnit(): v128 { return v128.load32_splat(constants, 24) }
// @ts-ignore: decorator
@inline
export function fractionBits(): v128 { return v128.load32_splat(fractionMask) }

let rowBytes: i32 = 0
let windBytes: usize = 0
/** Node 0 of the crop within a region. */
let origin: usize = 0

export function setStages(stride: i32, nodes: usize, originBytes: usize): void {
  rowBytes = stride << 3
  windBytes = nodes << 3
  origin = originBytes
}

/** Two nodes at `at` of a record, or of the slices of a half step. */
// @ts-ignore: decorator
@inline
function nodesAt(form: i32, half: i32, at: usize, wind: usize, c: v128): v128 {
  if (form == FOLDED) return v128.load(at)
  if (form == EACH) {
    return f32x4.add(v128.load(at), f32x4.mul(c, v128.load(at + wind)))
  }
  const current = pack.between(
    pack.earlierOf(half, pack.CURRENT) + at, pack.laterOf(half, pack.CURRENT) + at,
    pack.weightOf(half, pack.CURRENT)
  )
  let sum = current
  if (pack.hasRole(pack.STOKES)) {
    sum = f32x4.add(sum, pack.between(
      pack.earlierOf(half, pack.STOKES) + at, pack.laterOf(half, pack.STOKES) + at,
      pack.weightOf(half, pack.STOKES)
    ))
  }
  if (!pack.hasRole(pack.WIND)) return sum
  let blow = pack.between(
    pack.earlierOf(half, pack.WIND) + at, pack.laterOf(half, pack.WIND) + at,
    pack.weightOf(half, pack.WIND)
  )
  if (pack.isRelative()) blow = f32x4.sub(blow, current)
  return f32x4.add(sum, f32x4.mul(c, blow))
}

/** [U, V] on the left and on the right side of a cell, at the particle's row. */
// @ts-ignore: decorator
@inline
function sides(
  form: i32, half: i32, at: usize, row: usize, wind: usize, c: v128, fraction: v128
): v128 {
  const low = nodesAt(form, half, at, wind, c)
  const high = nodesAt(form, half, at + row, wind, c)
  return f32x4.add(low, f32x4.mul(fraction, f32x4.sub(high, low)))
}

/** [U, V] of two particles, from their sides. */
// @ts-ignore: decorator
@inline
function across(first: v128, second: v128, fractions: v128): v128 {
  const left = v128.shuffle<i32>(first, second, 0, 1, 4, 5)
  const right = v128.shuffle<i32>(first, second, 2, 3, 6, 7)
  return f32x4.add(left, f32x4.mul(fractions, f32x4.sub(right, left)))
}

/** A coordinate moved by the nearest whole quanta; `isCareful` bounds them by one cell. */
// @ts-ignore: decorator
@inline
function moved(isCareful: bool, from: v128, by: v128, round: v128, limit: v128): v128 {
  let bounded = by
  if (isCareful) bounded = f32x4.pmax(f32x4.neg(limit), f32x4.pmin(limit, by))
  return i32x4.add(from, i32x4.sub(f32x4.add(bounded, round), round))
}

/** One stage of `n` blocks from `from` on; the next one is half a step or a whole one away. */
// @ts-ignore: decorator
@inline
export function stage(
  form: i32, isCareful: bool, kind: i32, step: i32, record: usize, from: usize, n: i32,
  isWhole: bool
): void {
  const row = <usize>rowBytes
  const rows = i32x4.splat(rowBytes)
  const wind = windBytes
  const base = i32x4.splat(<i32>(form == PAIRS ? origin : record))
  const end = from + (<usize>n << 6)
  const round = magic()
  const unit = quantum()
  const mask = fractionBits()
  const part = half()
  const sixth = six()
  const limit = cell()
  let scratch = stages
  for (let at = from; at < end; at += 64) {
    const x = kind == FIRST ? v128.load(at) : v128.load(scratch)
    const y = kind == FIRST ? v128.load(at, AT_Y) : v128.load(scratch, 16)
    const inRow = i32x4.add(i32x4.shl(i32x4.shr_s(x, FRACTION_BITS), 3), base)
    const corners = i32x4.add(i32x4.mul(i32x4.shr_s(y, FRACTION_BITS), rows), inRow)
    const fx = f32x4.mul(f32x4.convert_i32x4_s(v128.and(x, mask)), unit)
    const fy = f32x4.mul(f32x4.convert_i32x4_s(v128.and(y, mask)), unit)
    const at0 = <usize>i32x4.extract_lane(corners, 0)
    const at1 = <usize>i32x4.extract_lane(corners, 1)
    const at2 = <usize>i32x4.extract_lane(corners, 2)
    const at3 = <usize>i32x4.extract_lane(corners, 3)
    const c = form == FOLDED ? x : v128.load(at, AT_DRIFT)
    const s0 = sides(form, step, at0, row, wind, v128.shuffle<i32>(c, c, 0, 0, 0, 0),
      v128.shuffle<i32>(fy, fy, 0, 0, 0, 0))
    const s1 = sides(form, step, at1, row, wind, v128.shuffle<i32>(c, c, 1, 1, 1, 1),
      v128.shuffle<i32>(fy, fy, 1, 1, 1, 1))
    const k01 = across(s0, s1, v128.shuffle<i32>(fx, fx, 0, 0, 1, 1))
    const s2 = sides(form, step, at2, row, wind, v128.shuffle<i32>(c, c, 2, 2, 2, 2),
      v128.shuffle<i32>(fy, fy, 2, 2, 2, 2))
    const s3 = sides(form, step, at3, row, wind, v128.shuffle<i32>(c, c, 3, 3, 3, 3),
      v128.shuffle<i32>(fy, fy, 3, 3, 3, 3))
    const k23 = across(s2, s3, v128.shuffle<i32>(fx, fx, 2, 2, 3, 3))
    const kx = v128.shuffle<i32>(k01, k23, 0, 2, 4, 6)
    const ky = v128.shuffle<i32>(k01, k23, 1, 3, 5, 7)
    keep(isCareful, kind, scratch, kx, ky, sixth)
    if (kind == FIRST || kind == MIDDLE) {
      const byX = isWhole ? kx : f32x4.mul(kx, part)
      const byY = isWhole ? ky : f32x4.mul(ky, part)
      v128.store(scratch, moved(isCareful, v128.load(at), byX, round, limit))
      v128.store(scratch, moved(isCareful, v128.load(at, AT_Y), byY, round, limit), 16)
    }
    scratch += STAGE_BYTES
  }
}

/** Adds k to the displacement and remembers the largest |k|. */
// @ts-ignore: decorator
@inline
function keep(isCareful: bool, kind: i32, scratch: usize, kx: v128, ky: v128, sixth: v128): void {
  let sumX = kx
  let sumY = ky
  if (kind == MIDDLE) {
    sumX = f32x4.add(v128.load(scratch, AT_SUM_X), f32x4.add(kx, kx))
    sumY = f32x4.add(v128.load(scratch, AT_SUM_Y), f32x4.add(ky, ky))
  } else if (kind == LAST) {
    sumX = f32x4.div(f32x4.add(v128.load(scratch, AT_SUM_X), kx), sixth)
    sumY = f32x4.div(f32x4.add(v128.load(scratch, AT_SUM_Y), ky), sixth)
  }
  v128.store(scratch, sumX, AT_SUM_X)
  v128.store(scratch, sumY, AT_SUM_Y)
  if (!isCareful) return
  let peakX = f32x4.abs(kx)
  let peakY = f32x4.abs(ky)
  if (kind != FIRST) {
    peakX = f32x4.pmax(peakX, v128.load(scratch, AT_PEAK_X))
    peakY = f32x4.pmax(peakY, v128.load(scratch, AT_PEAK_Y))
  }
  v128.store(scratch, peakX, AT_PEAK_X)
  v128.store(scratch, peakY, AT_PEAK_Y)
}

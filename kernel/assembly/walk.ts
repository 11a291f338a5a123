/**
 * Random walk of variance 2·K·|dt| per axis and step. Each output word of Threefry is split in two
 * 16-bit uniforms whose centred sum is the draw; the metric at the start of the step, bilinear
 * between nodes, turns metres east and north into cells.
 */
import { AT_ROW, AT_Y } from './active'
import { DRAW_WALK, DRAWS_PER_STEP, PAIR_DEVIATION } from './draws'
import { FRACTION_BITS, QUANTA } from './layout'
import {
  AT_SUM_X, AT_SUM_Y, BATCH, fractionBits, quantum, STAGE_BYTES, stages
} from './stages'
import { threefry8 } from './threefry'

let key0: u32 = 0
let key1: u32 = 0
let firstParticle: u32 = 0
export let isDiffusive: bool = false
/** Quanta·m/cell per unit of noise: multiplied by the metric it is a displacement. */
let noiseScale: f32 = 0
/** Metric of node 0 of the crop. */
let metric: usize = 0
let rowBytes: i32 = 0
/** [x per east, y per north] of every node, where the other two are 0 everywhere. */
let diagonal: usize = 0
let diagonal0: usize = 0
let isDiagonal: bool = false
/** No draw moves a particle farther along an axis, in quanta. */
export let bound: f32 = 0
/** Largest sum of two uniforms, centred. */
const PAIR_MAX: f32 = 65535.0

export function setWalk(
  diffusivity: f64, stepSeconds: f64, k0: u32, k1: u32, first: u32, metricAt: usize, diagonalAt: usize,
  originNode: usize, stride: i32
): void {
  key0 = k0
  key1 = k1
  firstParticle = first
  isDiffusive = diffusivity > 0.0
  const deviation = Math.sqrt(2.0 * diffusivity * Math.abs(stepSeconds))
  noiseScale = <f32>((deviation / PAIR_DEVIATION) * <f64>QUANTA)
  metric = metricAt + (originNode << 4)
  diagonal = diagonalAt
  diagonal0 = diagonalAt + (originNode << 3)
  rowBytes = stride << 4
}

/**
 * Bounds the draws by the largest metric of `nodes` nodes from `at` on, and takes out its diagonal
 * where there is nothing else in it, as on every grid along parallels and meridians.
 */
export function setBound(at: usize, nodes: usize): void {
  bound = 0
  if (!isDiffusive) return
  let largest = f32x4.splat(0)
  let others = f32x4.splat(0)
  for (let node: usize = 0; node < nodes; node++) {
    const raw = v128.load(at + (node << 4))
    const m = f32x4.abs(raw)
    const swapped = v128.shuffle<i32>(m, m, 1, 0, 3, 2)
    largest = f32x4.pmax(largest, f32x4.add(m, swapped))
    others = f32x4.pmax(others, swapped)
    v128.store64_lane(diagonal + (node << 3), v128.shuffle<i32>(raw, raw, 0, 3, 0, 3), 0)
  }
  const cells = max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 2))
  bound = cells * noiseScale * PAIR_MAX
  isDiagonal = f32x4.extract_lane(others, 0) == 0 && f32x4.extract_lane(others, 3) == 0
}

/** Whole numbers of mean 0, the sum of the two 16-bit halves of each lane, as f32 (exact). */
// @ts-ignore: decorator
@inline
function pairSum(word: v128, low: v128): v128 {
  const sum = i32x4.add(v128.and(word, low), i32x4.shr_u(word, 16))
  return f32x4.convert_i32x4_s(i32x4.sub(sum, low))
}

/** 1, and the low half of a word, which is the mean of two whole halves. */
const words = memory.data<i32>([1, 65535], 16)
/** Random words of a batch, two vectors per block. */
const drawn = memory.data((BATCH + 1) * 32, 16)

/** Between two values. */
// @ts-ignore: decorator
@inline
function between(a: v128, b: v128, share: v128): v128 {
  return f32x4.add(a, f32x4.mul(share, f32x4.sub(b, a)))
}

/** Bilinear metric of one particle: [x per east, x per north, y per east, y per north]. */
// @ts-ignore: decorator
@inline
function metricAt(corner: i32, row: usize, fx: v128, fy: v128): v128 {
  const at = <usize>corner
  const left = between(v128.load(at), v128.load(at + row), fy)
  return between(left, between(v128.load(at, 16), v128.load(at + row, 16), fy), fx)
}

/** Diagonal of the metric on the left and on the right side of a cell. */
// @ts-ignore: decorator
@inline
function sidesAt(corner: i32, row: usize, fy: v128): v128 {
  const at = <usize>corner
  return between(v128.load(at), v128.load(at + row), fy)
}

/** Diagonals of two particles, from their sides. */
// @ts-ignore: decorator
@inline
function across(first: v128, second: v128, fractions: v128): v128 {
  const left = v128.shuffle<i32>(first, second, 0, 1, 4, 5)
  return between(left, v128.shuffle<i32>(first, second, 2, 3, 6, 7), fractions)
}

/** Draws the words of `n` blocks, two at a time: of an odd one more, which nobody reads. */
function drawWords(from: usize, n: i32, step: i32): void {
  const counters1 = i32x4.splat(step * DRAWS_PER_STEP + DRAW_WALK)
  const k0 = i32x4.splat(key0)
  const k1 = i32x4.splat(key1)
  const one = v128.load32_splat(words)
  const first = i32x4.splat(firstParticle)
  const end = from + (<usize>n << 6)
  let to = drawn
  for (let at = from; at < end; at += 128) {
    const these = i32x4.add(v128.load(at, AT_ROW), first)
    const those = i32x4.add(v128.load(at, 64 + AT_ROW), first)
    threefry8(k0, k1, these, those, counters1, one, to)
    to += 64
  }
}

/** The walk of `n` blocks; `isPlain` where the metric is diagonal, with the same bits. */
// @ts-ignore: decorator
@inline
function addTo(isPlain: bool, from: usize, n: i32): void {
  const lowHalf = v128.load32_splat(words, 4)
  const factor = f32x4.splat(noiseScale)
  const unit = quantum()
  const mask = fractionBits()
  const row = <usize>(isPlain ? rowBytes >> 1 : rowBytes)
  const rows = i32x4.splat(<i32>row)
  const base = i32x4.splat(<i32>(isPlain ? diagonal0 : metric))
  const nodeShift = isPlain ? 3 : 4
  const end = from + (<usize>n << 6)
  let scratch = stages
  let word = drawn
  for (let at = from; at < end; at += 64) {
    const east = f32x4.mul(pairSum(v128.load(word), lowHalf), factor)
    const north = f32x4.mul(pairSum(v128.load(word, 16), lowHalf), factor)
    word += 32
    const x = v128.load(at)
    const y = v128.load(at, AT_Y)
    const inRow = i32x4.add(i32x4.shl(i32x4.shr_s(x, FRACTION_BITS), nodeShift), base)
    const corners = i32x4.add(i32x4.mul(i32x4.shr_s(y, FRACTION_BITS), rows), inRow)
    const fx = f32x4.mul(f32x4.convert_i32x4_s(v128.and(x, mask)), unit)
    const fy = f32x4.mul(f32x4.convert_i32x4_s(v128.and(y, mask)), unit)
    const at0 = i32x4.extract_lane(corners, 0)
    const at1 = i32x4.extract_lane(corners, 1)
    const at2 = i32x4.extract_lane(corners, 2)
    const at3 = i32x4.extract_lane(corners, 3)
    const fy0 = v128.shuffle<i32>(fy, fy, 0, 0, 0, 0)
    const fy1 = v128.shuffle<i32>(fy, fy, 1, 1, 1, 1)
    const fy2 = v128.shuffle<i32>(fy, fy, 2, 2, 2, 2)
    const fy3 = v128.shuffle<i32>(fy, fy, 3, 3, 3, 3)
    let dx: v128
    let dy: v128
    if (isPlain) {
      const s0 = sidesAt(at0, row, fy0)
      const s1 = sidesAt(at1, row, fy1)
      const m01 = across(s0, s1, v128.shuffle<i32>(fx, fx, 0, 0, 1, 1))
      const s2 = sidesAt(at2, row, fy2)
      const s3 = sidesAt(at3, row, fy3)
      const m23 = across(s2, s3, v128.shuffle<i32>(fx, fx, 2, 2, 3, 3))
      dx = f32x4.mul(v128.shuffle<i32>(m01, m23, 0, 2, 4, 6), east)
      dy = f32x4.mul(v128.shuffle<i32>(m01, m23, 1, 3, 5, 7), north)
    } else {
      const m0 = metricAt(at0, row, v128.shuffle<i32>(fx, fx, 0, 0, 0, 0), fy0)
      const m1 = metricAt(at1, row, v128.shuffle<i32>(fx, fx, 1, 1, 1, 1), fy1)
      const m2 = metricAt(at2, row, v128.shuffle<i32>(fx, fx, 2, 2, 2, 2), fy2)
      const m3 = metricAt(at3, row, v128.shuffle<i32>(fx, fx, 3, 3, 3, 3), fy3)
      const lo01 = v128.shuffle<i32>(m0, m1, 0, 4, 1, 5)
      const hi01 = v128.shuffle<i32>(m0, m1, 2, 6, 3, 7)
      const lo23 = v128.shuffle<i32>(m2, m3, 0, 4, 1, 5)
      const hi23 = v128.shuffle<i32>(m2, m3, 2, 6, 3, 7)
      dx = f32x4.add(
        f32x4.mul(v128.shuffle<i32>(lo01, lo23, 0, 1, 4, 5), east),
        f32x4.mul(v128.shuffle<i32>(lo01, lo23, 2, 3, 6, 7), north)
      )
      dy = f32x4.add(
        f32x4.mul(v128.shuffle<i32>(hi01, hi23, 0, 1, 4, 5), east),
        f32x4.mul(v128.shuffle<i32>(hi01, hi23, 2, 3, 6, 7), north)
      )
    }
    v128.store(scratch, f32x4.add(v128.load(scratch, AT_SUM_X), dx), AT_SUM_X)
    v128.store(scratch, f32x4.add(v128.load(scratch, AT_SUM_Y), dy), AT_SUM_Y)
    scratch += STAGE_BYTES
  }
}

/** Adds a draw to the displacements of `n` blocks from `from` on. */
export function addWalk(from: usize, n: i32, step: i32): void {
  drawWords(from, n, step)
  if (isDiagonal) addTo(true, from, n)
  else addTo(false, from, n)
}

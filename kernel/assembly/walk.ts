/**
 * Random walk of variance 2·K·|dt| per axis and step. Each output word of Threefry is split in two
 * 16-bit uniforms whose centred sum is the draw; the metric at the start of the step, bilinear
 * between nodes, turns metres east and north into cells.
 */
import { AT_ROW, AT_Y } from './active'
import { DRAW_WALK, DRAWS_PER_STEP, PAIR_DEVIATION } from './draws'
import { FRACTION_BITS, QUANTA } from './layout'
import { AT_SUM_X, AT_SUM_Y, fractionBits, quantum, STAGE_BYTES, stages } from './stages'
import { threefry4 } from './threefry'

let key0: u32 = 0
let key1: u32 = 0
let firstParticle: u32 = 0
export let isDiffusive: bool = false
/** Quanta·m/cell per unit of noise: multiplied by the metric it is a displacement. */
let noiseScale: f32 = 0
/** Metric of node 0 of the crop. */
let metric: usize = 0
let rowBytes: i32 = 0
/** No draw moves a particle farther along an axis, in quanta. */
export let bound: f32 = 0
/** Largest sum of two uniforms, centred. */
const PAIR_MAX: f32 = 65535.0

export function setWalk(
  diffusivity: f64, stepSeconds: f64, k0: u32, k1: u32, first: u32, metricAt: usize, stride: i32
): void {
  key0 = k0
  key1 = k1
  firstParticle = first
  isDiffusive = diffusivity > 0.0
  const deviation = Math.sqrt(2.0 * diffusivity * Math.abs(stepSeconds))
  noiseScale = <f32>((deviation / PAIR_DEVIATION) * <f64>QUANTA)
  metric = metricAt
  rowBytes = stride << 4
}

/** Bounds the draws by the largest metric of `nodes` nodes from `at` on. */
export function setBound(at: usize, nodes: usize): void {
  bound = 0
  if (!isDiffusive) return
  let largest = f32x4.splat(0)
  for (let i: usize = 0; i < nodes << 4; i += 16) {
    const m = f32x4.abs(v128.load(at + i))
    largest = f32x4.pmax(largest, f32x4.add(m, v128.shuffle<i32>(m, m, 1, 0, 3, 2)))
  }
  const cells = max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 2))
  bound = cells * noiseScale * PAIR_MAX
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
/** Random words of a block. */
const drawn = memory.data(32, 16)

/** Bilinear metric of one particle: [x per east, x per north, y per east, y per north]. */
// @ts-ignore: decorator
@inline
function metricAt(corner: i32, fx: v128, fy: v128): v128 {
  const at = <usize>corner
  const upper = at + <usize>rowBytes
  const a = v128.load(at)
  const b = v128.load(upper)
  const low = f32x4.add(a, f32x4.mul(fx, f32x4.sub(v128.load(at, 16), a)))
  const high = f32x4.add(b, f32x4.mul(fx, f32x4.sub(v128.load(upper, 16), b)))
  return f32x4.add(low, f32x4.mul(fy, f32x4.sub(high, low)))
}

/** Adds a draw to the displacements of `n` blocks from `from` on. */
export function addWalk(from: usize, n: i32, step: i32): void {
  const counters1 = i32x4.splat(step * DRAWS_PER_STEP + DRAW_WALK)
  const k0 = i32x4.splat(key0)
  const k1 = i32x4.splat(key1)
  const one = v128.load32_splat(words)
  const lowHalf = v128.load32_splat(words, 4)
  const first = i32x4.splat(firstParticle)
  const factor = f32x4.splat(noiseScale)
  const unit = quantum()
  const mask = fractionBits()
  const rows = i32x4.splat(rowBytes)
  const base = i32x4.splat(<i32>metric)
  const end = from + (<usize>n << 6)
  let scratch = stages
  for (let at = from; at < end; at += 64) {
    threefry4(k0, k1, i32x4.add(v128.load(at, AT_ROW), first), counters1, one, drawn)
    const east = f32x4.mul(pairSum(v128.load(drawn), lowHalf), factor)
    const north = f32x4.mul(pairSum(v128.load(drawn, 16), lowHalf), factor)
    const x = v128.load(at)
    const y = v128.load(at, AT_Y)
    const inRow = i32x4.add(i32x4.shl(i32x4.shr_s(x, FRACTION_BITS), 4), base)
    const corners = i32x4.add(i32x4.mul(i32x4.shr_s(y, FRACTION_BITS), rows), inRow)
    const fx = f32x4.mul(f32x4.convert_i32x4_s(v128.and(x, mask)), unit)
    const fy = f32x4.mul(f32x4.convert_i32x4_s(v128.and(y, mask)), unit)
    const m0 = metricAt(i32x4.extract_lane(corners, 0),
      v128.shuffle<i32>(fx, fx, 0, 0, 0, 0), v128.shuffle<i32>(fy, fy, 0, 0, 0, 0))
    const m1 = metricAt(i32x4.extract_lane(corners, 1),
      v128.shuffle<i32>(fx, fx, 1, 1, 1, 1), v128.shuffle<i32>(fy, fy, 1, 1, 1, 1))
    const m2 = metricAt(i32x4.extract_lane(corners, 2),
      v128.shuffle<i32>(fx, fx, 2, 2, 2, 2), v128.shuffle<i32>(fy, fy, 2, 2, 2, 2))
    const m3 = metricAt(i32x4.extract_lane(corners, 3),
      v128.shuffle<i32>(fx, fx, 3, 3, 3, 3), v128.shuffle<i32>(fy, fy, 3, 3, 3, 3))
    const lo01 = v128.shuffle<i32>(m0, m1, 0, 4, 1, 5)
    const hi01 = v128.shuffle<i32>(m0, m1, 2, 6, 3, 7)
    const lo23 = v128.shuffle<i32>(m2, m3, 0, 4, 1, 5)
    const hi23 = v128.shuffle<i32>(m2, m3, 2, 6, 3, 7)
    const dx = f32x4.add(
      f32x4.mul(v128.shuffle<i32>(lo01, lo23, 0, 1, 4, 5), east),
      f32x4.mul(v128.shuffle<i32>(lo01, lo23, 2, 3, 6, 7), north)
    )
    const dy = f32x4.add(
      f32x4.mul(v128.shuffle<i32>(hi01, hi23, 0, 1, 4, 5), east),
      f32x4.mul(v128.shuffle<i32>(hi01, hi23, 2, 3, 6, 7), north)
    )
    v128.store(scratch, f32x4.add(v128.load(scratch, AT_SUM_X), dx), AT_SUM_X)
    v128.store(scratch, f32x4.add(v128.load(scratch, AT_SUM_Y), dy), AT_SUM_Y)
    scratch += STAGE_BYTES
  }
}

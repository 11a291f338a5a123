/**
 * Moves the active particles one step:
 *   dx/dt = U(x, t) + c·Uw(x, t),  records of pack.ts, c = windage of the particle,
 * with RK4 (weights 1/6 1/3 1/3 1/6 at t, t+½, t+½, t+1), RK2 (midpoint) or Euler, and a random
 * walk of variance 2·K·|dt| per axis added once. Stage positions are rounded to quanta like stored
 * ones. Particles go through in batches, stage by stage, so that their chains overlap.
 */
import {
  FAULT_NONE, FAULT_REACH, FAULT_SPEED, FRACTION_BITS, FRACTION_MASK, HALO, MISSING, OUTSIDE,
  QUANTA, STRANDED
} from './layout'
import * as grid from './grid'
import * as particles from './particles'
import { threefryMany } from './threefry'

export const RK4: i32 = 0
export const RK2: i32 = 1
export const EULER: i32 = 2

/** Particles of one batch: enough independent chains to fill the pipeline. */
const BATCH: i32 = 16
const positions = memory.data(BATCH * 16, 16)
const sums = memory.data(BATCH * 16, 16)
const peaks = memory.data(BATCH * 16, 16)
const noises = memory.data(BATCH * 16, 16)
const words0 = memory.data(BATCH * 4, 16)
const words1 = memory.data(BATCH * 4, 16)

/** Adding it to |v| < 2²² leaves the nearest integer (ties to even) in the low bits. */
const MAGIC: f32 = 12582912.0
const MAGIC_BITS: i32 = 0x4b400000
/** Above this a displacement comes from a hole: 10⁶ cells in a step is no ocean. */
const HOLE_QUANTA: f32 = 1e12
/** Standard deviation of the sum of two whole uniforms of [0, 65535]: √((65536² − 1)/6). */
const PAIR_DEVIATION: f64 = Math.sqrt((65536.0 * 65536.0 - 1.0) / 6.0)
/** Draw number of the random walk; steps count by 256, so a step has as many draws. */
const DRAWS_PER_STEP: i32 = 256
const DRAW_WALK: i32 = 0

let scheme: i32 = RK4
let key0: u32 = 0
let key1: u32 = 0
let isDiffusive: bool = false
/** Quanta·m/cell per unit of noise: multiplied by the metric it is a displacement. */
let noiseScale: f32 = 0
let metric: usize = 0
let land: usize = 0
/** Records at t, t+½, t+1, shifted so that node 0 of the crop is at offset 0. */
let record0: usize = 0
let record1: usize = 0
let record2: usize = 0
let rowBytes: i32 = 0
/** Largest coordinates of two particles that lie within the crop and need no wrapping. */
let inside: v128 = i32x4.splat(0)
let nodeOffset: i32 = 0

export function setAdvect(
  kind: i32, diffusivity: f64, stepSeconds: f64, k0: u32, k1: u32, metricAt: usize, landAt: usize
): void {
  scheme = kind
  key0 = k0
  key1 = k1
  isDiffusive = diffusivity > 0.0
  const deviation = Math.sqrt(2.0 * diffusivity * Math.abs(stepSeconds))
  noiseScale = <f32>((deviation / PAIR_DEVIATION) * <f64>QUANTA)
  nodeOffset = HALO * grid.stride + HALO
  rowBytes = grid.stride << 4
  const lastX = grid.isRing ? (grid.cropColumns << FRACTION_BITS) - 1
    : (grid.cropColumns - 1) << FRACTION_BITS
  inside = i32x4.splat((grid.cropRows - 1) << FRACTION_BITS)
  inside = i32x4.replace_lane(i32x4.replace_lane(inside, 0, lastX), 2, lastX)
  metric = metricAt + (<usize>nodeOffset << 4)
  land = landAt + <usize>nodeOffset
}

export function setRecords(at: usize, bytes: usize): void {
  record0 = at + (<usize>nodeOffset << 4)
  record1 = record0 + bytes
  record2 = record1 + bytes
}

/** Where a record starts, halo included. */
export function recordOf(half: i32): usize {
  const shifted = half == 0 ? record0 : half == 1 ? record1 : record2
  return shifted - (<usize>nodeOffset << 4)
}

/** The record of t+1 is that of t of the next step. */
export function rotateRecords(): void {
  const swap = record0
  record0 = record2
  record2 = swap
}

/** Bilinear value of a field of four f32 per node at a position. */
// @ts-ignore: decorator
@inline
function bilinear(field: usize, pitch: i32, position: v128): v128 {
  const cell = i32x4.shr_s(position, FRACTION_BITS)
  const offset = i32x4.extract_lane(cell, 1) * pitch + (i32x4.extract_lane(cell, 0) << 4)
  const at = field + <usize>offset
  const fraction = f32x4.mul(
    f32x4.convert_i32x4_s(v128.and(position, i32x4.splat(FRACTION_MASK))),
    f32x4.splat(<f32>(1.0 / <f64>QUANTA))
  )
  const fx = v128.shuffle<i32>(fraction, fraction, 0, 0, 0, 0)
  const fy = v128.shuffle<i32>(fraction, fraction, 1, 1, 1, 1)
  const upper = at + <usize>pitch
  const a = v128.load(at)
  const b = v128.load(upper)
  const low = f32x4.add(a, f32x4.mul(fx, f32x4.sub(v128.load(at, 16), a)))
  const high = f32x4.add(b, f32x4.mul(fx, f32x4.sub(v128.load(upper, 16), b)))
  return f32x4.add(low, f32x4.mul(fy, f32x4.sub(high, low)))
}

/** Displacement per step at a position: lanes 0, 1 are x, y; lanes 2, 3 mean nothing. */
// @ts-ignore: decorator
@inline
function velocity(record: usize, pitch: i32, position: v128, windage: v128): v128 {
  const value = bilinear(record, pitch, position)
  return f32x4.add(value, f32x4.mul(windage, v128.shuffle<i32>(value, value, 2, 3, 2, 3)))
}

/** Nearest whole quanta; outside ± one cell the bound, and `peaks` remembers the excess. */
// @ts-ignore: decorator
@inline
function quantaOf(displacement: v128): v128 {
  const limit = f32x4.splat(<f32>QUANTA)
  const bounded = f32x4.pmax(f32x4.neg(limit), f32x4.pmin(limit, displacement))
  return i32x4.sub(f32x4.add(bounded, f32x4.splat(MAGIC)), i32x4.splat(MAGIC_BITS))
}

// @ts-ignore: decorator
@inline
function windageOf(particle: v128): v128 {
  return v128.shuffle<i32>(particle, particle, 2, 2, 2, 2)
}

/** First stage of every scheme; `reach` is the part of the step to the next stage. */
// @ts-ignore: decorator
@inline
function firstStage(at: usize, n: i32, reach: f32): void {
  const record = record0
  const pitch = rowBytes
  for (let i: usize = 0; i < <usize>n << 4; i += 16) {
    const particle = v128.load(at + i)
    const k = velocity(record, pitch, particle, windageOf(particle))
    v128.store(sums + i, k)
    v128.store(peaks + i, f32x4.abs(k))
    const next = i32x4.add(particle, quantaOf(f32x4.mul(k, f32x4.splat(reach))))
    v128.store(positions + i, next)
  }
}

/** A later stage: adds `weight`·k to the sum (or replaces it), and places the next stage. */
// @ts-ignore: decorator
@inline
function laterStage(record: usize, at: usize, n: i32, weight: f32, reach: f32): void {
  const pitch = rowBytes
  for (let i: usize = 0; i < <usize>n << 4; i += 16) {
    const particle = v128.load(at + i)
    const k = velocity(record, pitch, v128.load(positions + i), windageOf(particle))
    const weighted = f32x4.mul(k, f32x4.splat(weight))
    v128.store(sums + i, weight == 0 ? k : f32x4.add(v128.load(sums + i), weighted))
    v128.store(peaks + i, f32x4.pmax(v128.load(peaks + i), f32x4.abs(k)))
    if (reach != 0) {
      const next = i32x4.add(particle, quantaOf(f32x4.mul(k, f32x4.splat(reach))))
      v128.store(positions + i, next)
    }
  }
}

/** Whole numbers of mean 0, the sum of the two 16-bit halves of each lane, as f32 (exact). */
// @ts-ignore: decorator
@inline
function pairSum(word: v128): v128 {
  const sum = i32x4.add(v128.and(word, i32x4.splat(0xffff)), i32x4.shr_u(word, 16))
  return f32x4.convert_i32x4_s(i32x4.sub(sum, i32x4.splat(65535)))
}

/** Random walk of a batch, as displacements at the particles' positions. */
function drawNoise(at: usize, n: i32, step: i32): void {
  const counter = <u32>(step * DRAWS_PER_STEP + DRAW_WALK)
  const factor = f32x4.splat(noiseScale)
  const ids = i32x4.splat(particles.firstParticle)
  const bytes = <usize>n << 2
  for (let i: usize = 0; i < bytes; i += 16) {
    const from = at + (i << 2)
    const rows01 = v128.shuffle<i32>(v128.load(from), v128.load(from, 16), 3, 7, 3, 7)
    const rows23 = v128.shuffle<i32>(v128.load(from, 32), v128.load(from, 48), 3, 7, 3, 7)
    v128.store(words0 + i, i32x4.add(v128.shuffle<i32>(rows01, rows23, 0, 1, 4, 5), ids))
  }
  threefryMany(key0, key1, counter, words0, words1, bytes)
  for (let i: usize = 0; i < bytes; i += 16) {
    const east = f32x4.mul(pairSum(v128.load(words0 + i)), factor)
    const north = f32x4.mul(pairSum(v128.load(words1 + i)), factor)
    const to = noises + (i << 2)
    v128.store(to, v128.shuffle<i32>(east, north, 0, 4, 0, 4))
    v128.store(to, v128.shuffle<i32>(east, north, 1, 5, 1, 5), 16)
    v128.store(to, v128.shuffle<i32>(east, north, 2, 6, 2, 6), 32)
    v128.store(to, v128.shuffle<i32>(east, north, 3, 7, 3, 7), 48)
  }
  const field = metric
  const pitch = rowBytes
  for (let i: usize = 0; i < <usize>n << 4; i += 16) {
    const parts = f32x4.mul(bilinear(field, pitch, v128.load(at + i)), v128.load(noises + i))
    const sum = f32x4.add(parts, v128.shuffle<i32>(parts, parts, 1, 0, 3, 2))
    v128.store(noises + i, v128.shuffle<i32>(sum, sum, 0, 2, 0, 2))
  }
}

/** Weighted sum of the stages of every particle of a batch into `sums`, its walk into `noises`. */
function displace(at: usize, n: i32, step: i32): void {
  firstStage(at, n, 0.5)
  if (scheme == RK4) {
    laterStage(record1, at, n, 2, 0.5)
    laterStage(record1, at, n, 2, 1)
    laterStage(record2, at, n, 1, 0)
  } else if (scheme == RK2) {
    laterStage(record1, at, n, 0, 0)
  }
  if (isDiffusive) drawNoise(at, n, step)
}

/** Where a working coordinate ends: 0 within, 1 beyond the domain, 2 beyond the crop only. */
function edge(x: i32, nodes: i32, isFirst: bool, isLast: bool): i32 {
  if (x < 0) return isFirst ? 1 : 2
  if (x > (nodes - 1) << FRACTION_BITS) return isLast ? 1 : 2
  return 0
}

const isSea: i32 = -1

/** Status of a position, or the negative of a fault, or −1 for the open sea. */
function fateOf(x: i32, y: i32): i32 {
  const isOpen = grid.isPeriodic
  const byY = edge(y, grid.cropRows, grid.cropRow == 0, grid.cropRow + grid.cropRows == grid.rows)
  const byX = grid.isRing ? 0 : edge(
    x, grid.cropColumns, !isOpen && grid.cropColumn == 0,
    !isOpen && grid.cropColumn + grid.cropColumns == grid.columns
  )
  if (byX == 1 || byY == 1) return OUTSIDE
  if (byX == 2 || byY == 2) return -FAULT_REACH - 1
  const column = (x + QUANTA / 2) >> FRACTION_BITS
  const row = (y + QUANTA / 2) >> FRACTION_BITS
  return load<u8>(land + <usize>(row * grid.stride + column)) != 0 ? STRANDED : isSea
}

/** Is any of the lanes 0, 1 above a bound? */
// @ts-ignore: decorator
@inline
function exceeds(peak: v128, bound: f32): bool {
  return (i32x4.bitmask(f32x4.gt(peak, f32x4.splat(bound))) & 3) != 0
}

/** End of the particles kept so far. */
let kept: usize = 0
let keptResiduals: usize = 0

/** Ends a particle's drift at a position, with what is left of `residual`. */
function end(particle: v128, position: v128, residual: v128, status: u8): void {
  particles.storeRow(
    i32x4.extract_lane(particle, 3), i32x4.extract_lane(position, 0),
    i32x4.extract_lane(position, 1), particles.residualUnits(f32x4.extract_lane(residual, 0)),
    particles.residualUnits(f32x4.extract_lane(residual, 1)), status
  )
}

/** Keeps a particle afloat at a position. */
// @ts-ignore: decorator
@inline
function keep(particle: v128, position: v128, residual: v128): void {
  v128.store(kept, v128.shuffle<i32>(position, particle, 0, 1, 6, 7))
  v128.store64_lane(keptResiduals, residual, 0)
  kept += 16
  keptResiduals += 8
}

/** Settles one particle with every rule; lanes 0, 1 count. Returns the fault. */
function settleOne(particle: v128, peak: v128, moved: v128, left: v128, before: v128): i32 {
  const row = i32x4.extract_lane(particle, 3)
  if (exceeds(peak, <f32>QUANTA)) {
    if (!exceeds(peak, HOLE_QUANTA)) return particles.fail(FAULT_SPEED, row)
    end(particle, particle, before, MISSING)
    return FAULT_NONE
  }
  const ring = grid.cropColumns << FRACTION_BITS
  let x = i32x4.extract_lane(moved, 0)
  if (grid.isRing) x = x < 0 ? x + ring : x >= ring ? x - ring : x
  const position = i32x4.replace_lane(moved, 0, x)
  const fate = fateOf(x, i32x4.extract_lane(moved, 1))
  if (fate != isSea) {
    if (fate < 0) return particles.fail(-fate - 1, row)
    end(particle, position, left, <u8>fate)
    return FAULT_NONE
  }
  keep(particle, position, left)
  return FAULT_NONE
}

/** The lower two lanes of two vectors. */
// @ts-ignore: decorator
@inline
function pair(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 1, 4, 5)
}

// @ts-ignore: decorator
@inline
function upper(a: v128): v128 {
  return v128.shuffle<i32>(a, a, 2, 3, 2, 3)
}

/**
 * Moves a batch from `at`, two particles in one vector, keeping those still afloat from `kept` on;
 * returns the fault. Behind an odd last particle lies room for a second, whose result is dropped.
 */
function settle(at: usize, n: i32): i32 {
  const magic = f32x4.splat(MAGIC)
  const bound = f32x4.splat(<f32>QUANTA)
  const divisor = f32x4.splat(scheme == RK4 ? 6 : 1)
  const limits = inside
  const shore = land
  const hasNoise = isDiffusive
  const stride = grid.stride
  let residualAt = particles.residuals + ((at - particles.active) >> 1)
  for (let i: usize = 0; i < <usize>n << 4; i += 32) {
    const isPair = i + 16 < <usize>n << 4
    const a = v128.load(at + i)
    const b = v128.load(at + i, 16)
    const residual = v128.load(residualAt)
    residualAt += 16
    let displacement = f32x4.div(pair(v128.load(sums + i), v128.load(sums + i, 16)), divisor)
    if (hasNoise) {
      displacement = f32x4.add(displacement, pair(v128.load(noises + i), v128.load(noises + i, 16)))
    }
    const peak = f32x4.pmax(
      pair(v128.load(peaks + i), v128.load(peaks + i, 16)), f32x4.abs(displacement)
    )
    // Nearest whole quanta of displacement and residual; the rest, in whole 2⁻¹² quanta, stays.
    const wanted = f32x4.add(displacement, residual)
    const shifted = f32x4.add(wanted, magic)
    const over = f32x4.sub(wanted, f32x4.sub(shifted, magic))
    const scaled = f32x4.mul(over, f32x4.splat(<f32>(1.0 / particles.RESIDUAL_UNIT)))
    const whole = f32x4.sub(f32x4.add(scaled, magic), magic)
    const rest = f32x4.mul(whole, f32x4.splat(particles.RESIDUAL_UNIT))
    // A rest of +½ is −½ of the next quantum, as it is when read back from the state.
    const carry = f32x4.ge(rest, f32x4.splat(0.5))
    const left = f32x4.sub(rest, v128.and(carry, f32x4.splat(1)))
    const quanta = i32x4.sub(i32x4.sub(shifted, i32x4.splat(MAGIC_BITS)), carry)
    const moved = i32x4.add(pair(a, b), quanta)
    const isPlain = v128.and(f32x4.le(peak, bound), i32x4.le_u(moved, limits))
    if (isPair && i32x4.all_true(isPlain)) {
      const near = i32x4.shr_s(i32x4.add(moved, i32x4.splat(QUANTA / 2)), FRACTION_BITS)
      const nodeA = i32x4.extract_lane(near, 1) * stride + i32x4.extract_lane(near, 0)
      const nodeB = i32x4.extract_lane(near, 3) * stride + i32x4.extract_lane(near, 2)
      if ((load<u8>(shore + <usize>nodeA) | load<u8>(shore + <usize>nodeB)) == 0) {
        v128.store(kept, v128.shuffle<i32>(moved, a, 0, 1, 6, 7))
        v128.store(kept, v128.shuffle<i32>(moved, b, 2, 3, 6, 7), 16)
        v128.store(keptResiduals, left)
        kept += 32
        keptResiduals += 16
        continue
      }
    }
    const first = settleOne(a, peak, moved, left, residual)
    if (first != FAULT_NONE) return first
    if (!isPair) break
    const second = settleOne(b, upper(peak), upper(moved), upper(left), upper(residual))
    if (second != FAULT_NONE) return second
  }
  return FAULT_NONE
}

/** One step of all active particles; those that are no longer afloat leave the list. */
export function advance(step: i32): i32 {
  const start = particles.active
  const count = particles.activeCount
  kept = start
  keptResiduals = particles.residuals
  for (let i: i32 = 0; i < count; i += BATCH) {
    const n = min(BATCH, count - i)
    const at = start + (<usize>i << 4)
    displace(at, n, step)
    const code = settle(at, n)
    if (code != FAULT_NONE) return code
  }
  particles.setActiveCount(<i32>((kept - start) >> 4))
  return FAULT_NONE
}

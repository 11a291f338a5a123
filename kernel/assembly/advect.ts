/**
 * Moves the particles afloat one step:
 *   dx/dt = U(x, t) + c·Uw(x, t),  records of pack.ts, c = windage of the particle,
 * with RK4 (weights 1/6 1/3 1/3 1/6 at t, t+½, t+½, t+1), RK2 (midpoint) or Euler, and a random
 * walk added once. Where a bound of the fields says that no stage can pass one cell, the loops
 * leave the checks out; the bits are the same.
 */
import * as active from './active'
import { AT_ROW, AT_Y, BLOCK_BYTES, REST_BYTES } from './active'
import * as coast from './coast'
import {
  FAULT_NONE, FAULT_SPEED, FRACTION_BITS, HALO, MISSING, QUANTA, STRANDED
} from './layout'
import * as grid from './grid'
import * as pack from './pack'
import * as particles from './particles'
import {
  AT_PEAK_X, AT_PEAK_Y, AT_SUM_X, AT_SUM_Y, BATCH, cell, EACH, FIRST, FOLDED, LAST, magic, MIDDLE,
  ONLY, PAIRS, restUnit, restUnits, setStages, stage, STAGE_BYTES, stages
} from './stages'
import * as walk from './walk'

export const RK4: i32 = 0
export const RK2: i32 = 1
export const EULER: i32 = 2

/** Above this a displacement comes from a hole: 10⁶ cells in a step is no ocean. */
const HOLE_QUANTA: f32 = 1e12
/** Fields bounded by this leave room for the rounding of interpolation below one cell. */
const CALM_QUANTA: f32 = <f32>QUANTA * (1.0 - 1.0 / 1024.0)
/** Largest residual; half a cell in quanta. */
const MOST = memory.data<i32>([127], 16)
const HALF = memory.data<i32>([524288], 16)

let scheme: i32 = RK4
let land: usize = 0
let nodeOffset: i32 = 0
/** What records hold: FOLDED where all particles have one windage, or nothing has. */
let form: i32 = EACH
/** Records at t, t+½, t+1, halo included. */
let record0: usize = 0
let record1: usize = 0
let record2: usize = 0
/** Bound of the components of the slices that half step 0, 1, 2 reads. */
const bounds = memory.data(12)
/** Half steps whose record is not formed yet, as bits. */
let deferred: i32 = 0
/** Places whose drift ended in this step, ascending. */
let ended: usize = 0
let endedCount: i32 = 0

export function setAdvect(
  kind: i32, stride: i32, nodes: usize, landAt: usize, recordsAt: usize, endedAt: usize
): void {
  scheme = kind
  nodeOffset = HALO * stride + HALO
  land = landAt + <usize>nodeOffset
  record0 = recordsAt
  record1 = recordsAt + (nodes << 4)
  record2 = recordsAt + (nodes << 5)
  ended = endedAt
  deferred = 0
  setStages(stride, nodes, <usize>nodeOffset << 3)
}

/** To be called when the windages are known. */
export function chooseForm(): void {
  const isFolded = !pack.hasRole(pack.WIND) || active.windageLow == active.windageHigh
  form = isFolded ? FOLDED : EACH
}

function recordOf(half: i32): usize {
  return half == 0 ? record0 : half == 1 ? record1 : record2
}

/** Forms the record of a half step where particles can read it. */
function packNow(half: i32): void {
  const lastColumn = grid.cropColumns + 2 * HALO - 1
  const x0 = grid.isRing ? 0 : max(0, particles.x0 - 1 + HALO)
  const x1 = grid.isRing ? lastColumn : min(lastColumn, particles.x1 + 2 + HALO)
  const y0 = max(0, particles.y0 - 1 + HALO)
  const y1 = min(grid.paddedRows - 1, particles.y1 + 2 + HALO)
  const windage = pack.hasRole(pack.WIND) ? active.windageHigh : 0
  pack.packBox(half, recordOf(half), x0, y0, x1, y1, form == FOLDED, windage)
  deferred &= ~(1 << half)
}

/** Forms every record that still waits: before a slice it reads is replaced. */
export function packDeferred(): void {
  for (let half: i32 = 0; half < 3; half++) if (((deferred >> half) & 1) != 0) packNow(half)
}

/** Brackets of half step `half` are set: its record may be formed. */
export function packRecord(half: i32, isSparse: bool): void {
  pack.assignBrackets(half)
  store<f32>(bounds + (<usize>half << 2), pack.peakBound(active.windageHigh))
  if (particles.x0 > particles.x1) return
  deferred |= 1 << half
  if (!isSparse) packNow(half)
}

/** The half step t+1 is t of the next step. */
function rotateRecords(): void {
  const swap = record0
  record0 = record2
  record2 = swap
  store<f32>(bounds, load<f32>(bounds, 8))
  pack.rotateBrackets()
  deferred = (deferred >> 2) & 1
}

// @ts-ignore: decorator
@inline
function stagesOf(shape: i32, isCareful: bool, at: usize, n: i32): void {
  const shift = <usize>nodeOffset << 3
  const r0 = record0 + shift
  const r1 = record1 + shift
  stage(shape, isCareful, FIRST, 0, r0, at, n, false)
  if (scheme == RK4) {
    stage(shape, isCareful, MIDDLE, 1, r1, at, n, false)
    stage(shape, isCareful, MIDDLE, 1, r1, at, n, true)
    stage(shape, isCareful, LAST, 2, record2 + shift, at, n, true)
  } else if (scheme == RK2) {
    stage(shape, isCareful, ONLY, 1, r1, at, n, true)
  }
}

/** Ends the drift of a place as it is. */
function end(place: i32, status: u8): void {
  particles.storePlace(place, status)
  if (status == STRANDED) particles.noteBeached(load<i32>(active.placeOf(place), AT_ROW))
  store<u32>(ended + (<usize>endedCount << 2), place)
  endedCount++
}

/** A block before its step, where some of it needs a second look: x, y, residuals. */
const before = memory.data(40, 16)

/** The step of a ring that is wrapped has another sign: its length is that of the short way. */
function stepAlong(from: i32, to: i32): i32 {
  const step = to - from
  if (!grid.isRing) return step
  const ring = grid.cropColumns << FRACTION_BITS
  return step > ring >> 1 ? step - ring : step < -(ring >> 1) ? step + ring : step
}

/** What the coast and the edges make of a place that moved; returns the fault. */
function decide(place: i32, step: i32): i32 {
  const lane = <usize>(place & 3)
  const at = active.placeOf(place)
  const row = load<i32>(at, AT_ROW)
  const x = load<i32>(before + (lane << 2))
  const y = load<i32>(before + (lane << 2), 16)
  const newX = load<i32>(at)
  const newY = load<i32>(at, AT_Y)
  const id = particles.firstParticle + <u32>row
  const fate = coast.fate(id, step, x, y, newX, newY, stepAlong(x, newX), newY - y)
  if (fate < coast.AT_SEA) return particles.fail(-fate - 1, row)
  store<i32>(at, coast.outX)
  store<i32>(at, coast.outY, AT_Y)
  if (coast.isUndoneX) store<u8>(active.restOf(place), load<u8>(before + 32 + lane))
  if (coast.isUndoneY) store<u8>(active.restOf(place), load<u8>(before + 36 + lane), 4)
  if (fate != coast.AT_SEA) end(place, <u8>fate)
  return FAULT_NONE
}

/**
 * The places of a block that met a hole (lanes of `over`, whose peaks are in `scratch`) end; too
 * great a speed is a fault; what is not on open sea any more is decided. Returns the fault.
 */
function endBlock(first: i32, over: i32, scratch: usize, step: i32): i32 {
  const last = min(first + 4, active.count)
  for (let place = first; place < last; place++) {
    const lane = place - first
    if (((over >> lane) & 1) == 0) {
      const code = decide(place, step)
      if (code != FAULT_NONE) return code
      continue
    }
    const peaks = scratch + (<usize>lane << 2)
    const isHole = max(load<f32>(peaks, AT_PEAK_X), load<f32>(peaks, AT_PEAK_Y)) > HOLE_QUANTA
    if (!isHole) return particles.fail(FAULT_SPEED, load<i32>(active.placeOf(place), AT_ROW))
    end(place, MISSING)
  }
  return FAULT_NONE
}

/** Marks under the places of a block: not 0 where one is not on open sea. */
// @ts-ignore: decorator
@inline
function marksUnder(x: v128, y: v128, half: v128, rows: v128): i32 {
  const offsets = i32x4.add(
    i32x4.mul(i32x4.shr_s(i32x4.add(y, half), FRACTION_BITS), rows),
    i32x4.shr_s(i32x4.add(x, half), FRACTION_BITS)
  )
  return <i32>load<u8>(land + <usize>i32x4.extract_lane(offsets, 0)) |
    <i32>load<u8>(land + <usize>i32x4.extract_lane(offsets, 1)) |
    <i32>load<u8>(land + <usize>i32x4.extract_lane(offsets, 2)) |
    <i32>load<u8>(land + <usize>i32x4.extract_lane(offsets, 3))
}

let boxLow0: v128 = i32x4.splat(0)
let boxLow1: v128 = i32x4.splat(0)
let boxHigh0: v128 = i32x4.splat(0)
let boxHigh1: v128 = i32x4.splat(0)

/** Moves a batch of blocks by its displacements; returns the fault. */
// @ts-ignore: decorator
@inline
function settle(isCareful: bool, from: usize, n: i32, step: i32): i32 {
  const round = magic()
  const units = restUnits()
  const unit = restUnit()
  const limit = cell()
  const most = v128.load32_splat(MOST)
  const half = v128.load32_splat(HALF)
  const rows = i32x4.splat(grid.stride)
  const ring = i32x4.splat(grid.cropColumns << FRACTION_BITS)
  const lastX = i32x4.splat(grid.isRing ? i32.MAX_VALUE : (grid.cropColumns - 1) << FRACTION_BITS)
  const lastY = i32x4.splat((grid.cropRows - 1) << FRACTION_BITS)
  const isRing = grid.isRing
  const stop = from + (<usize>n << 6)
  let scratch = stages
  let restAt = active.rests + ((from - active.blocks) >> 3)
  let low0 = boxLow0
  let low1 = boxLow1
  let high0 = boxHigh0
  let high1 = boxHigh1
  for (let at = from; at < stop; at += BLOCK_BYTES) {
    let dx = v128.load(scratch, AT_SUM_X)
    let dy = v128.load(scratch, AT_SUM_Y)
    let ending = 0
    if (isCareful) {
      const peakX = f32x4.pmax(v128.load(scratch, AT_PEAK_X), f32x4.abs(dx))
      const peakY = f32x4.pmax(v128.load(scratch, AT_PEAK_Y), f32x4.abs(dy))
      const over = v128.or(f32x4.gt(peakX, limit), f32x4.gt(peakY, limit))
      if (v128.any_true(over)) {
        v128.store(scratch, peakX, AT_PEAK_X)
        v128.store(scratch, peakY, AT_PEAK_Y)
        ending = i32x4.bitmask(over)
        dx = v128.andnot(dx, over)
        dy = v128.andnot(dy, over)
      }
    }
    // Nearest whole quanta of displacement and residual; the rest, in whole 1/256, stays.
    const rest = i16x8.extend_low_i8x16_s(v128.load64_zero(restAt))
    const restX = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(rest))
    const restY = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(rest))
    const wantedX = f32x4.add(dx, f32x4.mul(restX, unit))
    const wantedY = f32x4.add(dy, f32x4.mul(restY, unit))
    const shiftedX = f32x4.add(wantedX, round)
    const shiftedY = f32x4.add(wantedY, round)
    const overX = f32x4.sub(wantedX, f32x4.sub(shiftedX, round))
    const overY = f32x4.sub(wantedY, f32x4.sub(shiftedY, round))
    const partX = i32x4.sub(f32x4.add(f32x4.mul(overX, units), round), round)
    const partY = i32x4.sub(f32x4.add(f32x4.mul(overY, units), round), round)
    // A rest of +½ is −½ of the next quantum, as it is when read back from the state.
    const carryX = i32x4.gt_s(partX, most)
    const carryY = i32x4.gt_s(partY, most)
    const leftX = i32x4.add(partX, i32x4.shl(carryX, 8))
    const leftY = i32x4.add(partY, i32x4.shl(carryY, 8))
    let x = i32x4.add(v128.load(at), i32x4.sub(i32x4.sub(shiftedX, round), carryX))
    const y = i32x4.add(v128.load(at, AT_Y), i32x4.sub(i32x4.sub(shiftedY, round), carryY))
    if (isRing) {
      x = i32x4.add(x, v128.and(ring, i32x4.shr_s(x, 31)))
      x = i32x4.sub(x, v128.and(ring, i32x4.ge_s(x, ring)))
    }
    const beyond = v128.or(
      i32x4.shr_s(v128.or(x, y), 31), v128.or(i32x4.gt_s(x, lastX), i32x4.gt_s(y, lastY))
    )
    const special = ending | i32x4.bitmask(beyond) | marksUnder(x, y, half, rows)
    if (special) {
      const startX = v128.load(at)
      const startY = v128.load(at, AT_Y)
      v128.store(before, startX)
      v128.store(before, startY, 16)
      store<u64>(before, load<u64>(restAt), 32)
      // A coast may send a particle back to where it was.
      low0 = i32x4.min_s(low0, startX)
      low1 = i32x4.min_s(low1, startY)
      high0 = i32x4.max_s(high0, startX)
      high1 = i32x4.max_s(high1, startY)
    }
    v128.store(at, x)
    v128.store(at, y, AT_Y)
    const left = i16x8.narrow_i32x4_s(leftX, leftY)
    v128.store64_lane(restAt, i8x16.narrow_i16x8_s(left, left), 0)
    low0 = i32x4.min_s(low0, x)
    low1 = i32x4.min_s(low1, y)
    high0 = i32x4.max_s(high0, x)
    high1 = i32x4.max_s(high1, y)
    if (special) {
      const code = endBlock(<i32>((at - active.blocks) >> 4), ending, scratch, step)
      if (code != FAULT_NONE) return code
    }
    scratch += STAGE_BYTES
    restAt += REST_BYTES
  }
  boxLow0 = low0
  boxLow1 = low1
  boxHigh0 = high0
  boxHigh1 = high1
  return FAULT_NONE
}

/** Every batch in one form. */
// @ts-ignore: decorator
@inline
function moveAll(shape: i32, isCareful: bool, step: i32): i32 {
  const count = active.blockCount()
  for (let i: i32 = 0; i < count; i += BATCH) {
    const n = min(BATCH, count - i)
    const at = active.blocks + (<usize>i << 6)
    stagesOf(shape, isCareful, at, n)
    if (walk.isDiffusive) walk.addWalk(at, n, step)
    const code = settle(isCareful, at, n, step)
    if (code != FAULT_NONE) return code
  }
  return FAULT_NONE
}

function moveEach(step: i32): i32 { return moveAll(EACH, false, step) }
function moveEachCareful(step: i32): i32 { return moveAll(EACH, true, step) }
function moveFolded(step: i32): i32 { return moveAll(FOLDED, false, step) }
function moveFoldedCareful(step: i32): i32 { return moveAll(FOLDED, true, step) }
function movePairs(step: i32): i32 { return moveAll(PAIRS, false, step) }

/** One step of all particles afloat; those that are no longer leave the list. */
export function advance(step: i32): i32 {
  if (active.count == 0) {
    rotateRecords()
    return FAULT_NONE
  }
  active.padLast()
  boxLow0 = i32x4.splat(i32.MAX_VALUE)
  boxLow1 = i32x4.splat(i32.MAX_VALUE)
  boxHigh0 = i32x4.splat(i32.MIN_VALUE)
  boxHigh1 = i32x4.splat(i32.MIN_VALUE)
  endedCount = 0
  const bound = max(max(load<f32>(bounds), load<f32>(bounds, 4)), load<f32>(bounds, 8))
  const isCalm = bound + walk.bound <= CALM_QUANTA
  let code: i32
  if (isCalm && deferred == 7) code = movePairs(step)
  else {
    packDeferred()
    if (form == FOLDED) code = isCalm ? moveFolded(step) : moveFoldedCareful(step)
    else code = isCalm ? moveEach(step) : moveEachCareful(step)
  }
  if (code != FAULT_NONE) return code
  for (let i = endedCount - 1; i >= 0; i--) {
    active.remove(load<u32>(ended + (<usize>i << 2)))
  }
  particles.setBox(boxLow0, boxLow1, boxHigh0, boxHigh1)
  rotateRecords()
  return FAULT_NONE
}

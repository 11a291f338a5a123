/**
 * Particles of a run. The state table holds every particle as it is hashed (18 or 22 bytes, id order);
 * the active list holds those afloat, 16 bytes each: i32 x, i32 y (quanta from the crop's first
 * node), f32 windage, u32 row of the table. Its order means nothing, so it may be sorted for speed.
 * Beside it lie the residuals, two f32 each: what rounding to quanta left over, whole multiples of
 * 2⁻¹² quanta in [−½, ½). Stages see whole quanta; the residual is added to the next displacement,
 * so that rounding does not walk randomly. A stored fraction has both: 20 bits and 12.
 */
import * as classes from './classes'
import {
  AFLOAT, AT_CELL_X, AT_CELL_Y, AT_CLASS, AT_FRACTION_X, AT_FRACTION_Y, AT_RELEASE, AT_STATUS,
  AT_WINDAGE, FAULT_NONE, FAULT_REACH, FAULT_STATE, FRACTION_BITS, STATE_BYTES, STATUS_COUNT,
  WAITING
} from './layout'
import * as grid from './grid'
import { sortKeys } from './sort'

/** 12 fraction bits of the stored 32 are below a quantum. */
const STORED_SHIFT: i32 = 32 - FRACTION_BITS
export const RESIDUAL_UNIT: f32 = 1.0 / 4096.0
const RESIDUAL_SCALE: f32 = 4096.0
const HALF_QUANTUM: i64 = 2048
const NEVER: i32 = i32.MAX_VALUE

export let table: usize = 0
export let count: i32 = 0
export let firstParticle: u32 = 0
export let active: usize = 0
export let activeCount: i32 = 0
export let residuals: usize = 0
let spareResiduals: usize = 0
let keys: usize = 0
let spareKeys: usize = 0
let spare: usize = 0
let classCount: i32 = 0
/** Bytes of a row of the table. */
let rowBytes: usize = STATE_BYTES
/** Every release is this many steps later (a member's perturbation). */
let releaseShift: i32 = 0
let nextRelease: i32 = NEVER
/** Row of the table of the particle that met a fault. */
export let faultRow: i32 = -1

/** Cells that hold every particle waiting or afloat, of the crop. */
export let x0: i32 = 0
export let y0: i32 = 0
export let x1: i32 = 0
export let y1: i32 = 0
let waitX0: i32 = 0
let waitY0: i32 = 0
let waitX1: i32 = 0
let waitY1: i32 = 0

export function setParticles(n: i32, first: u32, kinds: i32, bytes: usize, shift: i32): void {
  count = n
  firstParticle = first
  classCount = kinds
  rowBytes = bytes
  releaseShift = shift
}

export function setParticleRegions(
  tableAt: usize, activeAt: usize, keysAt: usize, spareKeysAt: usize, spareAt: usize,
  residualsAt: usize, spareResidualsAt: usize
): void {
  residuals = residualsAt
  spareResiduals = spareResidualsAt
  table = tableAt
  active = activeAt
  keys = keysAt
  spareKeys = spareKeysAt
  spare = spareAt
}

export function setActiveCount(n: i32): void {
  activeCount = n
}

// @ts-ignore: decorator
@inline
export function rowAt(row: i32): usize {
  return table + <usize>row * rowBytes
}

export function statusOf(row: i32): u8 {
  return load<u8>(rowAt(row), AT_STATUS)
}

export function fail(code: i32, row: i32): i32 {
  faultRow = row
  return code
}

/** Writes a working position with its residual (whole 2⁻¹² quanta) into the table. */
export function storeRow(row: i32, x: i32, y: i32, restX: i32, restY: i32, status: u8): void {
  const at = rowAt(row)
  const storedX = (<i64>x << STORED_SHIFT) + <i64>restX
  const storedY = (<i64>y << STORED_SHIFT) + <i64>restY
  store<u32>(at, <u32>storedX, AT_FRACTION_X)
  store<u32>(at, <u32>storedY, AT_FRACTION_Y)
  store<i16>(at, <i16>grid.parentCellX(<i32>(storedX >> 32)), AT_CELL_X)
  store<i16>(at, <i16>(<i32>(storedY >> 32) + grid.cropRow), AT_CELL_Y)
  store<u8>(at, status, AT_STATUS)
}

/** Whole units of a residual. */
// @ts-ignore: decorator
@inline
export function residualUnits(rest: f32): i32 {
  return <i32>(rest * RESIDUAL_SCALE)
}

/** Brings the table up to date with the active list. */
export function storeActive(): void {
  for (let i: i32 = 0; i < activeCount; i++) {
    const at = active + (<usize>i << 4)
    const rest = residuals + (<usize>i << 3)
    storeRow(
      load<i32>(at, 12), load<i32>(at), load<i32>(at, 4),
      residualUnits(load<f32>(rest)), residualUnits(load<f32>(rest, 4)), AFLOAT
    )
  }
}

/** Stored coordinate in quanta, nearest; the rest is kept in `rest`. */
function quantaOf(cell: i32, fraction: u32): i64 {
  const stored = (<i64>cell << 32) | <i64>fraction
  const quanta = (stored + HALF_QUANTUM) >> STORED_SHIFT
  rest = <f32>(stored - (quanta << STORED_SHIFT)) * RESIDUAL_UNIT
  return quanta
}

let rest: f32 = 0

/** Puts a row on the active list. */
function activate(row: i32): i32 {
  const at = rowAt(row)
  const ring = <i64>grid.cropColumns << FRACTION_BITS
  let x = quantaOf(grid.cropCellX(<i32>load<i16>(at, AT_CELL_X)), load<u32>(at, AT_FRACTION_X))
  const restX = rest
  if (grid.isRing && x >= ring) x -= ring
  const y = quantaOf(<i32>load<i16>(at, AT_CELL_Y) - grid.cropRow, load<u32>(at, AT_FRACTION_Y))
  const lastX = grid.isRing ? ring : <i64>(grid.cropColumns - 1) << FRACTION_BITS
  const lastY = <i64>(grid.cropRows - 1) << FRACTION_BITS
  if (x < 0 || x > lastX || y < 0 || y > lastY) return fail(FAULT_REACH, row)
  const to = active + (<usize>activeCount << 4)
  store<i32>(to, <i32>x)
  store<i32>(to, <i32>y, 4)
  store<f32>(to, classes.windageOf(<i32>load<u8>(at, AT_CLASS), load<u16>(at, AT_WINDAGE)), 8)
  store<i32>(to, row, 12)
  store<f32>(residuals + (<usize>activeCount << 3), restX)
  store<f32>(residuals + (<usize>activeCount << 3), rest, 4)
  store<u8>(at, AFLOAT, AT_STATUS)
  activeCount++
  return FAULT_NONE
}

function resetWaitingBox(): void {
  waitX0 = i32.MAX_VALUE
  waitY0 = i32.MAX_VALUE
  waitX1 = i32.MIN_VALUE
  waitY1 = i32.MIN_VALUE
}

function includeWaiting(row: i32): void {
  const at = rowAt(row)
  const cellX = grid.cropCellX(<i32>load<i16>(at, AT_CELL_X))
  const cellY = <i32>load<i16>(at, AT_CELL_Y) - grid.cropRow
  waitX0 = min(waitX0, cellX)
  waitY0 = min(waitY0, cellY)
  waitX1 = max(waitX1, cellX)
  waitY1 = max(waitY1, cellY)
}

/** Releases what is due at a step of the plan. */
export function release(step: i32): i32 {
  if (step < nextRelease) return FAULT_NONE
  nextRelease = NEVER
  resetWaitingBox()
  for (let row: i32 = 0; row < count; row++) {
    if (statusOf(row) != WAITING) continue
    const due = <i32>load<u16>(rowAt(row), AT_RELEASE) + releaseShift
    if (due <= step) {
      const code = activate(row)
      if (code != FAULT_NONE) return code
    } else {
      nextRelease = min(nextRelease, due)
      includeWaiting(row)
    }
  }
  return FAULT_NONE
}

/** Checks the table and fills the active list. */
export function begin(step: i32): i32 {
  activeCount = 0
  for (let row: i32 = 0; row < count; row++) {
    const at = rowAt(row)
    const status = load<u8>(at, AT_STATUS)
    const isFormed = <i32>status < STATUS_COUNT && <i32>load<u8>(at, AT_CLASS) < classCount
    if (!isFormed) return fail(FAULT_STATE, row)
    if (status == AFLOAT) {
      const code = activate(row)
      if (code != FAULT_NONE) return code
    }
  }
  nextRelease = i32.MIN_VALUE
  const code = release(step)
  updateBox()
  return code
}

/** Box of the particles waiting or afloat; empty when x0 > x1. */
export function updateBox(): void {
  let low = i32x4.splat(i32.MAX_VALUE)
  let high = i32x4.splat(i32.MIN_VALUE)
  for (let i: i32 = 0; i < activeCount; i++) {
    const p = v128.load(active + (<usize>i << 4))
    low = i32x4.min_s(low, p)
    high = i32x4.max_s(high, p)
  }
  const isEmpty = activeCount == 0
  x0 = min(waitX0, isEmpty ? i32.MAX_VALUE : i32x4.extract_lane(low, 0) >> FRACTION_BITS)
  y0 = min(waitY0, isEmpty ? i32.MAX_VALUE : i32x4.extract_lane(low, 1) >> FRACTION_BITS)
  x1 = max(waitX1, isEmpty ? i32.MIN_VALUE : i32x4.extract_lane(high, 0) >> FRACTION_BITS)
  y1 = max(waitY1, isEmpty ? i32.MIN_VALUE : i32x4.extract_lane(high, 1) >> FRACTION_BITS)
}

/** Widens the box by the first rows of the table, whatever their status. */
export function includeRows(rows: i32): void {
  for (let row: i32 = 0; row < rows; row++) {
    const at = rowAt(row)
    const cellX = grid.cropCellX(<i32>load<i16>(at, AT_CELL_X))
    const cellY = <i32>load<i16>(at, AT_CELL_Y) - grid.cropRow
    x0 = min(x0, cellX)
    y0 = min(y0, cellY)
    x1 = max(x1, cellX)
    y1 = max(y1, cellY)
  }
}

/** Every second bit of a 16-bit number. */
// @ts-ignore: decorator
@inline
function spread(value: u32): u32 {
  let x = value & 0xffff
  x = (x | (x << 8)) & 0x00ff00ff
  x = (x | (x << 4)) & 0x0f0f0f0f
  x = (x | (x << 2)) & 0x33333333
  return (x | (x << 1)) & 0x55555555
}

/** Key bits that hold the place in the list (2²² particles) and, above them, the Morton cell. */
const PLACE_BITS: u32 = 22
const KEY_BITS: u32 = PLACE_BITS + 22

/** Sorts the active list by cell in Morton order, so that neighbours share cache lines. */
export function sortActive(): void {
  for (let i: i32 = 0; i < activeCount; i++) {
    const at = active + (<usize>i << 4)
    const x = <u32>(load<i32>(at) >> FRACTION_BITS)
    const y = <u32>(load<i32>(at, 4) >> FRACTION_BITS)
    const cell = (spread(y) << 1) | spread(x)
    store<u64>(keys + (<usize>i << 3), (<u64>cell << PLACE_BITS) | <u64>i)
  }
  const sorted = sortKeys(keys, spareKeys, activeCount, PLACE_BITS, KEY_BITS)
  for (let i: i32 = 0; i < activeCount; i++) {
    const from = <usize>(load<u64>(sorted + (<usize>i << 3)) & ((1 << PLACE_BITS) - 1))
    v128.store(spare + (<usize>i << 4), v128.load(active + (from << 4)))
    store<u64>(spareResiduals + (<usize>i << 3), load<u64>(residuals + (from << 3)))
  }
  const swapResiduals = residuals
  residuals = spareResiduals
  spareResiduals = swapResiduals
  const swap = active
  active = spare
  spare = swap
}

/** Particles of a status, counted in the table. */
export function countStatus(status: u8): i32 {
  let sum = 0
  for (let row: i32 = 0; row < count; row++) sum += i32(statusOf(row) == status)
  return sum
}


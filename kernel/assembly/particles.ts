/**
 * Particles of a run. The state table holds every particle as it is hashed (28 bytes, id order);
 * the active list holds those afloat, 16 bytes each: i32 x, i32 y (quanta from the crop's first
 * node), f32 windage, u32 row of the table. Its order means nothing, so it may be sorted for speed.
 */
import {
  AFLOAT, FAULT_NONE, FAULT_REACH, FAULT_STATE, FRACTION_BITS, FRACTION_MASK, STATE_BYTES,
  STATUS_COUNT, WAITING
} from './layout'
import * as grid from './grid'
import { sortKeys } from './sort'

/** 12 fraction bits of the stored 32 are below a quantum. */
const STORED_SHIFT: i32 = 32 - FRACTION_BITS
const WINDAGE_UNIT: f64 = 1.0 / 2147483648.0
const NEVER: i32 = i32.MAX_VALUE

export let table: usize = 0
export let count: i32 = 0
export let firstParticle: u32 = 0
export let active: usize = 0
export let activeCount: i32 = 0
let keys: usize = 0
let spareKeys: usize = 0
let spare: usize = 0
let classCount: i32 = 0
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

export function setParticles(n: i32, first: u32, classes: i32): void {
  count = n
  firstParticle = first
  classCount = classes
}

export function setParticleRegions(
  tableAt: usize, activeAt: usize, keysAt: usize, spareKeysAt: usize, spareAt: usize
): void {
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
  return table + <usize>row * STATE_BYTES
}

export function statusOf(row: i32): u8 {
  return load<u8>(rowAt(row), 24)
}

export function fail(code: i32, row: i32): i32 {
  faultRow = row
  return code
}

/** Writes a working position into the table. */
export function storeRow(row: i32, x: i32, y: i32, status: u8): void {
  const at = rowAt(row)
  store<i32>(at, grid.parentCellX(x >> FRACTION_BITS))
  store<u32>(at, <u32>(x & FRACTION_MASK) << STORED_SHIFT, 4)
  store<i32>(at, (y >> FRACTION_BITS) + grid.cropRow, 8)
  store<u32>(at, <u32>(y & FRACTION_MASK) << STORED_SHIFT, 12)
  store<u8>(at, status, 24)
}

/** Brings the table up to date with the active list. */
export function storeActive(): void {
  for (let i: i32 = 0; i < activeCount; i++) {
    const at = active + (<usize>i << 4)
    storeRow(load<i32>(at, 12), load<i32>(at), load<i32>(at, 4), AFLOAT)
  }
}

/** Is the stored cell within the crop's cells (its last node included)? */
function isInCrop(cellX: i32, fractionX: u32, cellY: i32, fractionY: u32): bool {
  const lastX = grid.isRing ? grid.cropColumns : grid.cropColumns - 1
  const isInX = cellX >= 0 && (cellX < lastX || (cellX == lastX && fractionX >> STORED_SHIFT == 0))
  const lastY = grid.cropRows - 1
  return isInX && cellY >= 0 && (cellY < lastY || (cellY == lastY && fractionY >> STORED_SHIFT == 0))
}

/** Puts a row on the active list. */
function activate(row: i32): i32 {
  const at = rowAt(row)
  const cellX = grid.cropCellX(load<i32>(at))
  const cellY = load<i32>(at, 8) - grid.cropRow
  const fractionX = load<u32>(at, 4)
  const fractionY = load<u32>(at, 12)
  if (!isInCrop(cellX, fractionX, cellY, fractionY)) return fail(FAULT_REACH, row)
  const to = active + (<usize>activeCount << 4)
  store<i32>(to, (cellX << FRACTION_BITS) | <i32>(fractionX >> STORED_SHIFT))
  store<i32>(to, (cellY << FRACTION_BITS) | <i32>(fractionY >> STORED_SHIFT), 4)
  store<f32>(to, <f32>(<f64>load<u32>(at, 20) * WINDAGE_UNIT), 8)
  store<i32>(to, row, 12)
  store<u8>(at, AFLOAT, 24)
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
  const cellX = grid.cropCellX(load<i32>(at))
  const cellY = load<i32>(at, 8) - grid.cropRow
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
    const due = load<i32>(rowAt(row), 16)
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
    const status = load<u8>(at, 24)
    const isFormed = <i32>status < STATUS_COUNT && <i32>load<u8>(at, 25) < classCount
    if (!isFormed || load<u16>(at, 26) != 0) return fail(FAULT_STATE, row)
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
  }
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


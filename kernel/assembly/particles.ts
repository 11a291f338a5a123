/**
 * Particles of a run. The state table holds every particle as it is hashed (18 or 22 bytes, id
 * order); those afloat are also in the blocks of active.ts, which are what a step works on. A stored
 * fraction of 32 bits holds 20 bits of quanta, 8 of residual and 4 that are 0. Stages see whole
 * quanta; the residual is added to the next displacement, so that rounding does not walk randomly.
 */
import * as active from './active'
import { AT_ROW, AT_Y } from './active'
import * as classes from './classes'
import {
  AFLOAT, AT_CELL_X, AT_CELL_Y, AT_CLASS, AT_FRACTION_X, AT_FRACTION_Y, AT_RELEASE, AT_STATUS,
  AT_WINDAGE, FAULT_NONE, FAULT_REACH, FAULT_STATE, FRACTION_BITS, RETIRED, STATE_BYTES,
  STATUS_COUNT, STRANDED, WAITING
} from './layout'
import * as coast from './coast'
import * as grid from './grid'
import * as motion from './motion'
import * as retire from './retire'

/** 12 fraction bits of the stored 32 are below a quantum, 8 of them the residual. */
const STORED_SHIFT: i32 = 32 - FRACTION_BITS
const REST_SHIFT: i32 = 4
const HALF_QUANTUM: i64 = 2048
const NEVER: i32 = i32.MAX_VALUE

export let table: usize = 0
export let count: i32 = 0
export let firstParticle: u32 = 0
export let classCount: i32 = 0
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

/** Do stranded particles matter: may they drift again, or are they counted by coastal cell? */
let keepsStranded: bool = false
/** Rows stranded that may drift again, and the cells that hold them. */
let beached: usize = 0
export let beachedCount: i32 = 0
let beachX0: i32 = 0
let beachY0: i32 = 0
let beachX1: i32 = 0
let beachY1: i32 = 0

export function setBeachedRows(at: usize, isCounted: bool): void {
  beached = at
  keepsStranded = isCounted || coast.canRefloat()
}

/** Is the cell of a row in the crop? A residual may put it a cell before the first. */
function isInCrop(row: i32): bool {
  const at = rowAt(row)
  const cellX = grid.cropCellX(<i32>load<i16>(at, AT_CELL_X))
  const cellY = <i32>load<i16>(at, AT_CELL_Y) - grid.cropRow
  const isInX = grid.isRing || (cellX >= -1 && cellX < grid.cropColumns)
  return isInX && cellY >= -1 && cellY < grid.cropRows
}

export function setParticles(n: i32, first: u32, kinds: i32, bytes: usize, shift: i32): void {
  count = n
  firstParticle = first
  classCount = kinds
  rowBytes = bytes
  releaseShift = shift
}

export function setTable(at: usize): void {
  table = at
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

/** Writes a place of the particles afloat into the table. */
export function storePlace(place: i32, status: u8): void {
  const from = active.placeOf(place)
  const rest = active.restOf(place)
  const at = rowAt(load<i32>(from, AT_ROW))
  const storedX = (<i64>load<i32>(from) << STORED_SHIFT) + (<i64>load<i8>(rest) << REST_SHIFT)
  const y = <i64>load<i32>(from, AT_Y) << STORED_SHIFT
  const storedY = y + (<i64>load<i8>(rest, 4) << REST_SHIFT)
  store<u32>(at, <u32>storedX, AT_FRACTION_X)
  store<u32>(at, <u32>storedY, AT_FRACTION_Y)
  store<i16>(at, <i16>grid.parentCellX(<i32>(storedX >> 32)), AT_CELL_X)
  store<i16>(at, <i16>(<i32>(storedY >> 32) + grid.cropRow), AT_CELL_Y)
  store<u8>(at, status, AT_STATUS)
}

/** Brings the table up to date with the particles afloat. */
export function storeActive(): void {
  for (let place: i32 = 0; place < active.count; place++) storePlace(place, AFLOAT)
}

/** Brings the first rows of the table up to date. */
export function storeFirstRows(rows: i32): void {
  const limit = i32x4.splat(rows)
  active.padLast()
  for (let block: i32 = 0; block < active.blockCount(); block++) {
    const held = v128.load(active.blocks + (<usize>block << 6), AT_ROW)
    const tracked = i32x4.bitmask(i32x4.lt_s(held, limit))
    if (tracked == 0) continue
    for (let lane: i32 = 0; lane < 4; lane++) {
      const place = (block << 2) + lane
      if (((tracked >> lane) & 1) != 0 && place < active.count) storePlace(place, AFLOAT)
    }
  }
}

/** Stored coordinate in quanta, nearest; the rest, in 1/256, is kept in `rest`. */
function quantaOf(cell: i32, fraction: u32): i64 {
  const stored = (<i64>cell << 32) | <i64>fraction
  const quanta = (stored + HALF_QUANTUM) >> STORED_SHIFT
  rest = <i32>((stored - (quanta << STORED_SHIFT)) >> REST_SHIFT)
  return quanta
}

let rest: i32 = 0

function windageOf(row: i32): f32 {
  return classes.windageOf(<i32>load<u8>(rowAt(row), AT_CLASS), load<u16>(rowAt(row), AT_WINDAGE))
}

/** Puts a row among the particles afloat. */
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
  active.push(<i32>x, <i32>y, restX, rest, windageOf(row), row)
  store<u8>(at, AFLOAT, AT_STATUS)
  retire.noteRelease(<i32>load<u16>(at, AT_RELEASE) + releaseShift)
  return FAULT_NONE
}

function resetWaitingBox(): void {
  waitX0 = i32.MAX_VALUE
  waitY0 = i32.MAX_VALUE
  waitX1 = i32.MIN_VALUE
  waitY1 = i32.MIN_VALUE
}

function resetBeachedBox(): void {
  beachX0 = i32.MAX_VALUE
  beachY0 = i32.MAX_VALUE
  beachX1 = i32.MIN_VALUE
  beachY1 = i32.MIN_VALUE
}

function includeBeached(row: i32): void {
  const at = rowAt(row)
  const cellX = grid.cropCellX(<i32>load<i16>(at, AT_CELL_X))
  const cellY = <i32>load<i16>(at, AT_CELL_Y) - grid.cropRow
  beachX0 = min(beachX0, cellX)
  beachY0 = min(beachY0, cellY)
  beachX1 = max(beachX1, cellX)
  beachY1 = max(beachY1, cellY)
}

/** Remembers a row that is stranded, where it may drift again. */
export function noteBeached(row: i32): void {
  if (!coast.canRefloat()) return
  store<u32>(beached + (<usize>beachedCount << 2), row)
  beachedCount++
  includeBeached(row)
}

/** Sets afloat what refloats in a step, of the first `before` rows that are beached. */
export function refloat(step: i32, before: i32): i32 {
  for (let i = before - 1; i >= 0; i--) {
    const at = beached + (<usize>i << 2)
    const row = load<i32>(at)
    if (!coast.isRefloated(firstParticle + <u32>row, step)) continue
    beachedCount--
    store<u32>(at, load<u32>(beached + (<usize>beachedCount << 2)))
    const code = activate(row)
    if (code != FAULT_NONE) return code
  }
  return FAULT_NONE
}

/** Retires what is due at the end of a step. */
export function retireDue(step: i32): void {
  retire.forgetAges()
  for (let place = active.count - 1; place >= 0; place--) {
    const row = load<i32>(active.placeOf(place), AT_ROW)
    const released = <i32>load<u16>(rowAt(row), AT_RELEASE) + releaseShift
    if (!retire.isRetired(firstParticle + <u32>row, step, step + 1 - released)) {
      retire.noteRelease(released)
      continue
    }
    storePlace(place, RETIRED)
    active.remove(place)
  }
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
      motion.startNoise(rowAt(row), firstParticle + <u32>row, step)
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
  active.clear()
  retire.forgetAges()
  beachedCount = 0
  resetBeachedBox()
  for (let row: i32 = 0; row < count; row++) {
    const at = rowAt(row)
    const status = load<u8>(at, AT_STATUS)
    const isFormed = <i32>status < STATUS_COUNT && <i32>load<u8>(at, AT_CLASS) < classCount
    if (!isFormed) return fail(FAULT_STATE, row)
    active.includeWindage(windageOf(row))
    if (status == STRANDED) {
      if (keepsStranded && !isInCrop(row)) return fail(FAULT_REACH, row)
      noteBeached(row)
    }
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

/** Least lane. */
// @ts-ignore: decorator
@inline
function lowest(v: v128): i32 {
  const low = min(i32x4.extract_lane(v, 0), i32x4.extract_lane(v, 1))
  return min(low, min(i32x4.extract_lane(v, 2), i32x4.extract_lane(v, 3)))
}

// @ts-ignore: decorator
@inline
function highest(v: v128): i32 {
  const high = max(i32x4.extract_lane(v, 0), i32x4.extract_lane(v, 1))
  return max(high, max(i32x4.extract_lane(v, 2), i32x4.extract_lane(v, 3)))
}

/** Box of the particles waiting or afloat, given lanes that bound those afloat. */
export function setBox(lowX: v128, lowY: v128, highX: v128, highY: v128): void {
  const isEmpty = active.count == 0
  x0 = min(min(waitX0, beachX0), isEmpty ? i32.MAX_VALUE : lowest(lowX) >> FRACTION_BITS)
  y0 = min(min(waitY0, beachY0), isEmpty ? i32.MAX_VALUE : lowest(lowY) >> FRACTION_BITS)
  x1 = max(max(waitX1, beachX1), isEmpty ? i32.MIN_VALUE : highest(highX) >> FRACTION_BITS)
  y1 = max(max(waitY1, beachY1), isEmpty ? i32.MIN_VALUE : highest(highY) >> FRACTION_BITS)
}

/** The exact box; empty when x0 > x1. */
export function updateBox(): void {
  let lowX = i32x4.splat(i32.MAX_VALUE)
  let lowY = i32x4.splat(i32.MAX_VALUE)
  let highX = i32x4.splat(i32.MIN_VALUE)
  let highY = i32x4.splat(i32.MIN_VALUE)
  if (active.count > 0) active.padLast()
  for (let i: i32 = 0; i < active.blockCount(); i++) {
    const x = v128.load(active.blocks + (<usize>i << 6))
    const y = v128.load(active.blocks + (<usize>i << 6), AT_Y)
    lowX = i32x4.min_s(lowX, x)
    lowY = i32x4.min_s(lowY, y)
    highX = i32x4.max_s(highX, x)
    highY = i32x4.max_s(highY, y)
  }
  setBox(lowX, lowY, highX, highY)
}

/** The exact box, with what is stranded in it where that matters. */
export function updateBounds(): void {
  resetBeachedBox()
  if (keepsStranded) {
    for (let row: i32 = 0; row < count; row++) if (statusOf(row) == STRANDED) includeBeached(row)
  }
  updateBox()
}

const statusCounts = memory.data(32)

/** Counts the table by status. */
export function countStatuses(): void {
  memory.fill(statusCounts, 0, 32)
  for (let row: i32 = 0; row < count; row++) {
    const at = statusCounts + (<usize>statusOf(row) << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
}

/** Particles of a status, counted last. */
export function countOf(status: u8): i32 {
  return load<i32>(statusCounts + (<usize>status << 2))
}


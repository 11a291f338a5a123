/**
 * What a run emits: sparse density counts by cell of a regular lon/lat grid and class, and
 * positions of tracked particles. Counts are integers; order is by cell, then class.
 */
import * as active from './active'
import { AT_ROW, AT_Y } from './active'
import {
  AT_CELL_X, AT_CELL_Y, AT_CLASS, AT_FRACTION_X, AT_FRACTION_Y, AT_STATUS
} from './layout'
import * as grid from './grid'
import * as particles from './particles'
import { sortKeys } from './sort'

/** Bytes of one tracked particle: u32 id, u32 status, f64 lon, f64 lat. */
export const TRACK_BYTES: usize = 24
/** Bytes of one density triple: u32 cell, class, count. */
export const TRIPLE_BYTES: usize = 12
/** 1 / 2³²: the stored fraction. */
const STORED_UNIT: f64 = 1.0 / 4294967296.0

let west: f64 = 0
let south: f64 = 0
let resolution: f64 = 1
let columns: i32 = 0
let rows: i32 = 0
let classCount: i32 = 1
let trackedRows: i32 = 0
let keys: usize = 0
let spareKeys: usize = 0
let triples: usize = 0
let tracks: usize = 0

export function setDensity(w: f64, s: f64, r: f64, c: i32, rowCount: i32, classes: i32): void {
  west = w
  south = s
  resolution = r
  columns = c
  rows = rowCount
  classCount = classes
}

export function setOutputRegions(
  keysAt: usize, spareKeysAt: usize, triplesAt: usize, tracksAt: usize, tracked: i32
): void {
  keys = keysAt
  spareKeys = spareKeysAt
  triples = triplesAt
  tracks = tracksAt
  trackedRows = tracked
}

/** Density cell of a position, −1 outside the density grid. Longitudes of either convention meet. */
function densityCell(lon: f64, lat: f64): i64 {
  let dx = lon - west
  if (!grid.isFlat) dx -= 360.0 * Math.floor(dx / 360.0)
  const column = Math.floor(dx / resolution)
  const row = Math.floor((lat - south) / resolution)
  if (!(column >= 0.0 && column < <f64>columns && row >= 0.0 && row < <f64>rows)) return -1
  return <i64>row * <i64>columns + <i64>column
}

/**
 * Per column, then per row of the crop: f64 place of its first node in density cells, and cells
 * across it. Only a hint: where it is not sure of the cell, the place is found exactly.
 */
let hints: usize = 0
/** Density cells around the globe; infinite where the axes are metres. */
let turn: f64 = 0
/** Nearer to an edge of a density cell than this a hint is not trusted: ≫ its rounding. */
const DOUBT: f64 = 1e-6

export function hintBytes(): u64 {
  return <u64>(grid.cropColumns + grid.cropRows) << 4
}

/** Farther away, in density cells, nothing is hinted: an i32 must hold the cell. */
const HINT_MAX: f64 = 1e9
let areHintsGood: bool = false

function writeHint(at: usize, from: f64, to: f64): void {
  const far = max(Math.abs(from), Math.abs(to)) / resolution
  areHintsGood = areHintsGood && far < HINT_MAX
  store<f64>(at, from / resolution)
  store<f64>(at, (to - from) / resolution, 8)
}

/** Prepares the hints; call when the axes are written. */
export function setHints(at: usize): void {
  hints = at
  areHintsGood = !grid.hasNodes
  if (!areHintsGood) return
  turn = grid.isFlat ? Infinity : 360.0 / resolution
  for (let column: i32 = 0; column < grid.cropColumns; column++) {
    const cell = grid.parentCellX(column)
    grid.findPlace(cell, 0, 0, 0)
    let from = grid.outLon - west
    if (!grid.isFlat) from -= 360.0 * Math.floor(from / 360.0)
    grid.findPlace(cell, 0.5, 0, 0)
    let half = grid.outLon - west - from
    if (!grid.isFlat) half -= 360.0 * Math.floor(half / 360.0 + 0.5)
    writeHint(hints + (<usize>column << 4), from, from + 2.0 * half)
  }
  const rowHints = hints + (<usize>grid.cropColumns << 4)
  for (let row: i32 = 0; row < grid.cropRows; row++) {
    grid.findPlace(0, 0, row + grid.cropRow, 0)
    const from = grid.outLat - south
    grid.findPlace(0, 0, row + grid.cropRow, 0.5)
    writeHint(rowHints + (<usize>row << 4), from, from + 2.0 * (grid.outLat - south - from))
  }
}

/** Adding it to |v| < 2³¹ leaves the nearest integer in the low bits of an f64. */
const ROUND: f64 = 6755399441055744.0

/** Density cell along an axis by its hint, −1 where that is in doubt. */
// @ts-ignore: decorator
@inline
function hinted(at: usize, x: i32): i32 {
  const middle = load<f64>(at) + grid.fractionOf(x) * load<f64>(at, 8) - 0.5
  const rounded = middle + ROUND
  const isSure = Math.abs(middle - (rounded - ROUND)) < 0.5 - DOUBT
  return isSure ? <i32>reinterpret<i64>(rounded) : -1
}

/** Column and row of the density cell of a place that is inside the density grid. */
let foundColumn: i32 = 0
let foundRow: i32 = 0

/** Finds the density cell of a working position; false outside the density grid. */
// @ts-ignore: decorator
@inline
function findCell(x: i32, y: i32): bool {
  if (areHintsGood) {
    const column = hinted(hints + (<usize>(x >> 20) << 4), x)
    const row = hinted(hints + (<usize>(grid.cropColumns + (y >> 20)) << 4), y)
    if (column >= 0 && row >= 0 && <f64>(column + 1) < turn) {
      foundColumn = column
      foundRow = row
      return column < columns && row < rows
    }
  }
  return findCellExactly(x, y)
}

function findCellExactly(x: i32, y: i32): bool {
  grid.findPlace(
    grid.parentCellX(x >> 20), grid.fractionOf(x), (y >> 20) + grid.cropRow, grid.fractionOf(y)
  )
  const cell = densityCell(grid.outLon, grid.outLat)
  if (cell < 0) return false
  foundColumn = <i32>(cell % <i64>columns)
  foundRow = <i32>(cell / <i64>columns)
  return true
}

/** Bits of a place in `keys`: row, column, class. */
const ROW_SHIFT: u64 = 40
const COLUMN_SHIFT: u64 = 8

/** Counts the active particles; returns the number of triples. */
export function countDensity(): i32 {
  let n = 0
  let column0 = i32.MAX_VALUE
  let column1 = i32.MIN_VALUE
  let row0 = i32.MAX_VALUE
  let row1 = i32.MIN_VALUE
  for (let i: i32 = 0; i < active.count; i++) {
    const at = active.placeOf(i)
    if (!findCell(load<i32>(at), load<i32>(at, AT_Y))) continue
    const column = foundColumn
    const row = foundRow
    const kind = classCount == 1 ? <u8>0 : load<u8>(particles.rowAt(load<i32>(at, AT_ROW)), AT_CLASS)
    const place = (<u64>row << ROW_SHIFT) | (<u64>column << COLUMN_SHIFT) | <u64>kind
    store<u64>(keys + (<usize>n << 3), place)
    column0 = min(column0, column)
    column1 = max(column1, column)
    row0 = min(row0, row)
    row1 = max(row1, row)
    n++
  }
  if (n == 0) return 0
  const width = <u64>(column1 - column0 + 1) * <u64>classCount
  const counters = width * <u64>(row1 - row0 + 1)
  if (counters <= <u64>n << 1) return countInBox(n, column0, row0, width, <i32>counters)
  return countBySorting(n)
}

/** Counts into one counter per cell of the box and class. */
function countInBox(n: i32, column0: i32, row0: i32, width: u64, counters: i32): i32 {
  memory.fill(spareKeys, 0, <usize>counters << 2)
  for (let i: i32 = 0; i < n; i++) {
    const place = load<u64>(keys + (<usize>i << 3))
    const column = (place >> COLUMN_SHIFT & 0xffffffff) - <u64>column0
    const inRow = column * <u64>classCount + (place & 0xff)
    const slot = spareKeys + (<usize>(((place >> ROW_SHIFT) - <u64>row0) * width + inRow) << 2)
    store<u32>(slot, load<u32>(slot) + 1)
  }
  let to = triples
  for (let slot: i32 = 0; slot < counters; slot++) {
    const count = load<u32>(spareKeys + (<usize>slot << 2))
    if (count == 0) continue
    const row = slot / <i32>width
    const inRow = slot - row * <i32>width
    const column = inRow / classCount
    store<u32>(to, (row + row0) * columns + column + column0)
    store<u32>(to, inRow - column * classCount, 4)
    store<u32>(to, count, 8)
    to += TRIPLE_BYTES
  }
  return <i32>((to - triples) / TRIPLE_BYTES)
}

/** Sorts the places: for particles few and far between. */
function countBySorting(n: i32): i32 {
  let highest: u64 = 0
  let lowest: u64 = u64.MAX_VALUE
  for (let i: i32 = 0; i < n; i++) {
    const at = keys + (<usize>i << 3)
    const place = load<u64>(at)
    const cell = (place >> ROW_SHIFT) * <u64>columns + (place >> COLUMN_SHIFT & 0xffffffff)
    const key = cell * <u64>classCount + (place & 0xff)
    store<u64>(at, key)
    highest = max(highest, key)
    lowest = min(lowest, key)
  }
  for (let i: i32 = 0; i < n; i++) {
    const at = keys + (<usize>i << 3)
    store<u64>(at, load<u64>(at) - lowest)
  }
  const bits = 64 - <u32>clz(highest - lowest)
  return writeTriples(sortKeys(keys, spareKeys, n, 0, bits), n, lowest)
}

function writeTriples(sorted: usize, n: i32, lowest: u64): i32 {
  let written = 0
  let previous: u64 = u64.MAX_VALUE
  let to = triples - TRIPLE_BYTES
  for (let i: i32 = 0; i < n; i++) {
    const key = load<u64>(sorted + (<usize>i << 3)) + lowest
    if (key != previous) {
      previous = key
      written++
      to += TRIPLE_BYTES
      store<u32>(to, <u32>(key / <u64>classCount))
      store<u32>(to, <u32>(key % <u64>classCount), 4)
      store<u32>(to, 0, 8)
    }
    store<u32>(to, load<u32>(to, 8) + 1, 8)
  }
  return written
}

/** Writes the tracked rows of the table; those afloat are brought up to date first. */
export function writeTracks(): void {
  if (trackedRows > 0) particles.storeFirstRows(trackedRows)
  for (let row: i32 = 0; row < trackedRows; row++) {
    const at = particles.rowAt(row)
    const to = tracks + <usize>row * TRACK_BYTES
    store<u32>(to, particles.firstParticle + row)
    store<u32>(to, <u32>load<u8>(at, AT_STATUS), 4)
    grid.findPlace(
      <i32>load<i16>(at, AT_CELL_X), <f64>load<u32>(at, AT_FRACTION_X) * STORED_UNIT,
      <i32>load<i16>(at, AT_CELL_Y), <f64>load<u32>(at, AT_FRACTION_Y) * STORED_UNIT
    )
    store<f64>(to, grid.outLon, 8)
    store<f64>(to, grid.outLat, 16)
  }
}

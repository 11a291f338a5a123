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

/** Counts the active particles; returns the number of triples. */
export function countDensity(): i32 {
  let n = 0
  let highest: u64 = 0
  let lowest: u64 = u64.MAX_VALUE
  for (let i: i32 = 0; i < active.count; i++) {
    const at = active.placeOf(i)
    const x = load<i32>(at)
    const y = load<i32>(at, AT_Y)
    grid.findPlace(
      grid.parentCellX(x >> 20), grid.fractionOf(x), (y >> 20) + grid.cropRow, grid.fractionOf(y)
    )
    const cell = densityCell(grid.outLon, grid.outLat)
    if (cell < 0) continue
    const kind = load<u8>(particles.rowAt(load<i32>(at, AT_ROW)), AT_CLASS)
    const key = <u64>cell * <u64>classCount + <u64>kind
    store<u64>(keys + (<usize>n << 3), key)
    highest = max(highest, key)
    lowest = min(lowest, key)
    n++
  }
  if (n == 0) return 0
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

/** Writes the tracked rows of the table, which must be up to date. */
export function writeTracks(): void {
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

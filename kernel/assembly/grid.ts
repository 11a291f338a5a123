/**
 * The parent grid, the crop that a run works on, and the ways between a stored position (parent
 * cell and fraction), a working position (quanta from the crop's first node) and lon/lat. Working
 * positions fit an i32 because a crop has at most 2047 cells; bits never depend on where it lies.
 */
import { FRACTION_BITS, FRACTION_MASK, HALO, QUANTA } from './layout'
import * as nodes from './nodes'

export let columns: i32 = 0
export let rows: i32 = 0
export let isPeriodic: bool = false
export let isFlat: bool = false
/** The crop closes around the globe: positions wrap inside it. */
export let isRing: bool = false
export let cropColumn: i32 = 0
export let cropRow: i32 = 0
export let cropColumns: i32 = 0
export let cropRows: i32 = 0
/** Nodes of one row of crop and halo, padded to whole vectors. */
export let stride: i32 = 0
export let paddedRows: i32 = 0
export let longitudes: usize = 0
export let latitudes: usize = 0
/** Nodes have coordinates of their own (nodes.ts) instead of axes. */
export let hasNodes: bool = false

/** Says that nodes have coordinates of their own; `setParent` takes it back. */
export function useNodes(): void {
  hasNodes = true
}

export function setAxes(lons: usize, lats: usize): void {
  longitudes = lons
  latitudes = lats
}

export function setParent(c: i32, r: i32, periodic: bool, flat: bool): void {
  columns = c
  rows = r
  isPeriodic = periodic
  isFlat = flat
  hasNodes = false
}

export function setCrop(column: i32, row: i32, c: i32, r: i32): void {
  isRing = isPeriodic && c >= columns
  cropColumn = isRing ? 0 : column
  cropRow = row
  cropColumns = isRing ? columns : c
  cropRows = r
  stride = (cropColumns + 2 * HALO + 3) & ~3
  paddedRows = cropRows + 2 * HALO
}

/** Remainder of the sign of the divisor. */
export function modulo(value: i32, divisor: i32): i32 {
  const rest = value % divisor
  return rest < 0 ? rest + divisor : rest
}

/** Cell of the crop of a stored column; may lie outside the crop. */
export function cropCellX(cell: i32): i32 {
  return isPeriodic ? modulo(cell - cropColumn, columns) : cell - cropColumn
}

/** Stored column of a cell of the crop. */
export function parentCellX(cell: i32): i32 {
  const parent = cell + cropColumn
  return isPeriodic ? modulo(parent, columns) : parent
}

/** Coordinate on an axis: linear inside a cell, and beyond the ends as in the last cell. */
function along(axis: usize, length: i32, cell: i32, fraction: f64): f64 {
  const i = max(0, min(cell, length - 2))
  const a = load<f64>(axis + (<usize>i << 3))
  const b = load<f64>(axis + (<usize>i << 3), 8)
  return a + (<f64>(cell - i) + fraction) * (b - a)
}

/** Degrees (metres where flat) of the place found last. */
export let outLon: f64 = 0
export let outLat: f64 = 0

/**
 * Place of a stored position. Where nodes have coordinates of their own it must lie in the crop or
 * its halo; beyond the last node it is as in the last cell.
 */
export function findPlace(cellX: i32, fractionX: f64, cellY: i32, fractionY: f64): void {
  if (!hasNodes) {
    outLon = lonOf(cellX, fractionX)
    outLat = latOf(cellY, fractionY)
    return
  }
  const lastX = isPeriodic ? columns - 1 : columns - 2
  const x = max(0, min(cellX, lastX))
  const y = max(0, min(cellY, rows - 2))
  const column = max(0, min(cropCellX(x) + HALO, cropColumns + 2 * HALO - 2))
  const row = max(0, min(y - cropRow + HALO, paddedRows - 2))
  nodes.placeIn(column, row, <f64>(cellX - x) + fractionX, <f64>(cellY - y) + fractionY)
  outLon = nodes.outLon
  outLat = nodes.outLat
}

/** Longitude of a stored position, in [−180, 180) unless the grid is flat. */
function lonOf(cell: i32, fraction: f64): f64 {
  if (isFlat) return along(longitudes, columns, cell, fraction)
  let lon: f64
  if (isPeriodic && cell == columns - 1) {
    const a = load<f64>(longitudes + (<usize>cell << 3))
    lon = a + fraction * (load<f64>(longitudes) + 360.0 - a)
  } else {
    lon = along(longitudes, columns, cell, fraction)
  }
  lon -= 360.0 * Math.floor((lon + 180.0) / 360.0)
  return lon >= 180.0 ? lon - 360.0 : lon
}

function latOf(cell: i32, fraction: f64): f64 {
  return along(latitudes, rows, cell, fraction)
}

/** Fraction of a working coordinate. */
// @ts-ignore: decorator
@inline
export function fractionOf(x: i32): f64 {
  return <f64>(x & FRACTION_MASK) * (1.0 / <f64>QUANTA)
}

let foundCell: i32 = 0
let foundFraction: i32 = 0

/** Finds a value on an ascending axis; false outside it. The cell and quanta are kept. */
function search(axis: usize, length: i32, value: f64, closing: f64): bool {
  const first = load<f64>(axis)
  const last = load<f64>(axis + (<usize>(length - 1) << 3))
  const end = closing > last ? closing : last
  if (!(value >= first && value <= end)) return false
  let low = 0
  let high = length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (load<f64>(axis + (<usize>middle << 3)) <= value) low = middle
    else high = middle
  }
  if (low == length - 1 && !(closing > last)) {
    foundCell = low
    foundFraction = 0
    return value == last
  }
  const a = load<f64>(axis + (<usize>low << 3))
  const b = low == length - 1 ? closing : load<f64>(axis + (<usize>low << 3), 8)
  const quanta = <i32>nearest<f64>(((value - a) / (b - a)) * <f64>QUANTA)
  foundCell = low + (quanta >> FRACTION_BITS)
  foundFraction = quanta & FRACTION_MASK
  return true
}

/** Column of a longitude of either convention. */
function searchX(lon: f64): bool {
  if (isFlat) return search(longitudes, columns, lon, -Infinity)
  const first = load<f64>(longitudes)
  const value = lon - 360.0 * Math.floor((lon - first) / 360.0)
  if (!search(longitudes, columns, value, isPeriodic ? first + 360.0 : -Infinity)) return false
  if (isPeriodic) foundCell = modulo(foundCell, columns)
  return true
}

function searchY(lat: f64): bool {
  return search(latitudes, rows, lat, -Infinity)
}

/** Finds a lon/lat on a grid of nodes, which `nodes.setNodes` knows whole. */
function searchNodes(lon: f64, lat: f64): bool {
  if (!nodes.locateDegrees(lon, lat, SEAM_CELLS, false)) return false
  const x = <i64>nearest<f64>(nodes.foundX * <f64>QUANTA)
  const y = <i64>nearest<f64>(nodes.foundY * <f64>QUANTA)
  const endX = <i64>(isPeriodic ? columns : columns - 1) << FRACTION_BITS
  if (x < 0 || x > endX || y < 0 || y > <i64>(rows - 1) << FRACTION_BITS) return false
  foundCell = <i32>(x >> FRACTION_BITS)
  foundFraction = <i32>x & FRACTION_MASK
  if (isPeriodic) foundCell = modulo(foundCell, columns)
  foundCellY = <i32>(y >> FRACTION_BITS)
  foundFractionY = <i32>y & FRACTION_MASK
  return true
}

/** Half a quantum beyond the last node is on it. */
const SEAM_CELLS: f64 = 4e-7

export let foundCellX: i32 = 0
export let foundFractionX: i32 = 0
export let foundCellY: i32 = 0
export let foundFractionY: i32 = 0

/** Cell and fraction (quanta) of a place, kept in found…; false outside the grid. */
export function searchPlace(lon: f64, lat: f64): bool {
  if (hasNodes) {
    if (!searchNodes(lon, lat)) return false
  } else {
    if (!searchY(lat)) return false
    foundCellY = foundCell
    foundFractionY = foundFraction
    if (!searchX(lon)) return false
  }
  foundCellX = foundCell
  foundFractionX = foundFraction
  return true
}

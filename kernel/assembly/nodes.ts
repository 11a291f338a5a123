/**
 * Grids whose nodes lie anywhere: a direction (unit vector of the ellipsoid's normal) per node,
 * 24 bytes. Inside a cell the direction is bilinear, so nothing is special at a pole or the date
 * line; a place is found again by Newton's method in the plane that touches it.
 */
import {
  ECCENTRICITY2, eastRadius, northRadius, SPHERE1852, SPHERE_RADIUS_METRES
} from './geodesy'

const RADIANS: f64 = 3.14159265358979323846 / 180.0
export const NODE_BYTES: usize = 24

let vectors: usize = 0
let stride: i32 = 0
let columns: i32 = 0
let rows: i32 = 0
let isPeriodic: bool = false

/** Coordinates beyond this are no coordinates: nodes under land of some models. */
const LATITUDE_MAX: f64 = 90.0 + 1e-6

/** Direction of a longitude and latitude; the zero vector where they are none. */
export function storeDirection(lon: f64, lat: f64, at: usize): void {
  const hasPlace = Math.abs(lat) <= LATITUDE_MAX && Math.abs(lon) < 1e6
  const cosine = Math.cos(lat * RADIANS)
  store<f64>(at, hasPlace ? cosine * Math.cos(lon * RADIANS) : 0.0)
  store<f64>(at, hasPlace ? cosine * Math.sin(lon * RADIANS) : 0.0, 8)
  store<f64>(at, hasPlace ? Math.sin(lat * RADIANS) : 0.0, 16)
}

/** Turns packed (lon, lat) pairs into directions, in place, from the last. */
export function toDirections(at: usize, count: i32): void {
  for (let i = count - 1; i >= 0; i--) {
    const pair = at + (<usize>i << 4)
    storeDirection(load<f64>(pair), load<f64>(pair, 8), at + <usize>i * NODE_BYTES)
  }
}

/** The nodes that `placeIn` and `locate` work on. */
export function setNodes(at: usize, rowNodes: i32, c: i32, r: i32, periodic: bool): void {
  vectors = at
  stride = rowNodes
  columns = c
  rows = r
  isPeriodic = periodic
}

function nodeAt(column: i32, row: i32): usize {
  const c = isPeriodic && column >= columns ? column - columns : column
  return vectors + <usize>(row * stride + c) * NODE_BYTES
}

export let outLon: f64 = 0
export let outLat: f64 = 0

function lonLatOf(x: f64, y: f64, z: f64): void {
  const lon = Math.atan2(y, x) / RADIANS
  outLon = lon >= 180.0 ? lon - 360.0 : lon
  outLat = Math.atan2(z, Math.sqrt(x * x + y * y)) / RADIANS
}

// @ts-ignore: decorator
@inline
function mix(a: usize, b: usize, c: usize, d: usize, fx: f64, fy: f64, offset: usize): f64 {
  const va = load<f64>(a + offset)
  const vc = load<f64>(c + offset)
  const low = va + fx * (load<f64>(b + offset) - va)
  return low + fy * (vc + fx * (load<f64>(d + offset) - vc) - low)
}

/** Degrees of a place in the cell whose first corner is (column, row), into outLon, outLat. */
export function placeIn(column: i32, row: i32, fx: f64, fy: f64): void {
  const a = nodeAt(column, row)
  const b = nodeAt(column + 1, row)
  const c = nodeAt(column, row + 1)
  const d = nodeAt(column + 1, row + 1)
  lonLatOf(mix(a, b, c, d, fx, fy, 0), mix(a, b, c, d, fx, fy, 8), mix(a, b, c, d, fx, fy, 16))
}

// The place sought: its direction and the two axes of the plane that touches it.
let px: f64 = 0
let py: f64 = 0
let pz: f64 = 0
let ax: f64 = 0
let ay: f64 = 0
let az: f64 = 0
let bx: f64 = 0
let by: f64 = 0
let bz: f64 = 0

function seek(x: f64, y: f64, z: f64): void {
  px = x
  py = y
  pz = z
  // Cross product with the axis least along p keeps the plane's axes well-formed.
  if (Math.abs(z) <= Math.abs(x) && Math.abs(z) <= Math.abs(y)) {
    ax = y
    ay = -x
    az = 0.0
  } else if (Math.abs(y) <= Math.abs(x)) {
    ax = -z
    ay = 0.0
    az = x
  } else {
    ax = 0.0
    ay = z
    az = -y
  }
  const length = Math.sqrt(ax * ax + ay * ay + az * az)
  ax /= length
  ay /= length
  az /= length
  bx = py * az - pz * ay
  by = pz * ax - px * az
  bz = px * ay - py * ax
}

// @ts-ignore: decorator
@inline
function alongA(at: usize): f64 {
  return load<f64>(at) * ax + load<f64>(at, 8) * ay + load<f64>(at, 16) * az
}

// @ts-ignore: decorator
@inline
function alongB(at: usize): f64 {
  return load<f64>(at) * bx + load<f64>(at, 8) * by + load<f64>(at, 16) * bz
}

// @ts-ignore: decorator
@inline
function alongP(at: usize): f64 {
  return load<f64>(at) * px + load<f64>(at, 8) * py + load<f64>(at, 16) * pz
}

let fractionX: f64 = 0
let fractionY: f64 = 0
const NEWTON_ROUNDS: i32 = 12
const NEWTON_END: f64 = 1e-14
/** Beyond this many cells the straight part of the cell is followed, not its bend. */
const BEND_CELLS: f64 = 1.5

/** Where p lies in the coordinates of a cell, which it need not be in; false for a broken cell. */
function solve(column: i32, row: i32): bool {
  const a = nodeAt(column, row)
  const b = nodeAt(column + 1, row)
  const c = nodeAt(column, row + 1)
  const d = nodeAt(column + 1, row + 1)
  const a0 = alongA(a)
  const a1 = alongA(b) - a0
  const a2 = alongA(c) - a0
  const a3 = alongA(d) - a0 - a1 - a2
  const b0 = alongB(a)
  const b1 = alongB(b) - b0
  const b2 = alongB(c) - b0
  const b3 = alongB(d) - b0 - b1 - b2
  let x: f64 = 0.5
  let y: f64 = 0.5
  for (let round = 0; round < NEWTON_ROUNDS; round++) {
    const fa = a0 + x * a1 + y * a2 + x * y * a3
    const fb = b0 + x * b1 + y * b2 + x * y * b3
    const ja = a1 + y * a3
    const ka = a2 + x * a3
    const jb = b1 + y * b3
    const kb = b2 + x * b3
    const det = ja * kb - ka * jb
    if (det == 0.0 || !isFinite(det)) return false
    const dx = (fa * kb - fb * ka) / det
    const dy = (fb * ja - fa * jb) / det
    x -= dx
    y -= dy
    if (Math.abs(dx) + Math.abs(dy) < NEWTON_END) break
    if (Math.abs(x - 0.5) > BEND_CELLS || Math.abs(y - 0.5) > BEND_CELLS) break
  }
  fractionX = x
  fractionY = y
  return alongP(a) + alongP(d) > 0.0
}

export let foundX: f64 = 0
export let foundY: f64 = 0
/** A place this close to a cell is in it: rounding must not open seams. */
const SEAM: f64 = 1e-9
const WALK_CELLS: i32 = 256

/**
 * Walks from a cell to the one that holds p. True: foundX, foundY are its index coordinates, which
 * at an edge may lie up to `margin` cells outside the grid.
 */
function walk(startColumn: i32, startRow: i32, margin: f64): bool {
  const lastColumn = isPeriodic ? columns - 1 : columns - 2
  const lastRow = rows - 2
  let column = max(0, min(startColumn, lastColumn))
  let row = max(0, min(startRow, lastRow))
  for (let step = 0; step < WALK_CELLS; step++) {
    if (!solve(column, row)) return false
    const x = fractionX
    const y = fractionY
    const isInX = x >= -SEAM && x <= 1.0 + SEAM
    const isInY = y >= -SEAM && y <= 1.0 + SEAM
    if (isInX && isInY) {
      foundX = <f64>column + x
      foundY = <f64>row + y
      return true
    }
    let nextColumn = column
    let nextRow = row
    // A quarter of the grid at most: far off, the cell's own axes point only roughly.
    if (!isInX) nextColumn += <i32>Math.floor(max(-0.25 * <f64>columns - 1.0, min(0.25 * <f64>columns + 1.0, x)))
    if (!isInY) nextRow += <i32>Math.floor(max(-0.25 * <f64>rows - 1.0, min(0.25 * <f64>rows + 1.0, y)))
    if (isPeriodic) {
      nextColumn = nextColumn % columns
      if (nextColumn < 0) nextColumn += columns
    } else {
      nextColumn = max(0, min(nextColumn, lastColumn))
    }
    nextRow = max(0, min(nextRow, lastRow))
    if (nextColumn == column && nextRow == row) {
      const isNearX = isPeriodic || (x >= -margin && x <= 1.0 + margin)
      if (!isNearX || !(y >= -margin && y <= 1.0 + margin)) return false
      foundX = <f64>column + x
      foundY = <f64>row + y
      return true
    }
    column = nextColumn
    row = nextRow
  }
  return false
}

/** Nodes looked at to begin a search; the same for every place, so that no history matters. */
const SAMPLES: f64 = 4096.0

/** Nearest node among every `step`-th of both axes, as row · columns + column. */
function nearest(step: i32): i32 {
  let best = 0
  let most: f64 = -2.0
  for (let row = step >> 1; row < rows; row += step) {
    for (let column = step >> 1; column < columns; column += step) {
      const along = alongP(nodeAt(column, row))
      if (along > most) {
        most = along
        best = row * columns + column
      }
    }
  }
  return best
}

function sampleStep(): i32 {
  const step = <i32>Math.ceil(Math.sqrt((<f64>columns * <f64>rows) / SAMPLES))
  return max(1, min(step, min(columns, rows)))
}

/** Cells around a node, each tried: for grids on which no straight way leads to the place. */
function searchAround(node: i32): bool {
  const middleRow = node / columns
  const middleColumn = node % columns
  for (let row = max(0, middleRow - 2); row <= min(rows - 2, middleRow + 1); row++) {
    for (let offset = -2; offset <= 1; offset++) {
      let column = middleColumn + offset
      if (isPeriodic) column = (column + columns) % columns
      else if (column < 0 || column > columns - 2) continue
      if (!solve(column, row)) continue
      if (fractionX < -SEAM || fractionX > 1.0 + SEAM) continue
      if (fractionY < -SEAM || fractionY > 1.0 + SEAM) continue
      foundX = <f64>column + fractionX
      foundY = <f64>row + fractionY
      return true
    }
  }
  return false
}

/** Index coordinates of a direction; a thorough search looks at every node before it says no. */
export function locate(x: f64, y: f64, z: f64, margin: f64, isThorough: bool): bool {
  seek(x, y, z)
  const step = sampleStep()
  const start = nearest(step)
  if (walk(start % columns, start / columns, margin)) return true
  return isThorough && searchAround(nearest(1))
}

/** As `locate`, beginning at the place found last: for many places near each other. */
export function locateNext(x: f64, y: f64, z: f64, margin: f64): bool {
  seek(x, y, z)
  if (walk(<i32>Math.floor(foundX), <i32>Math.floor(foundY), margin)) return true
  const start = nearest(sampleStep())
  return walk(start % columns, start / columns, margin)
}

function isPlace(at: usize): bool {
  return load<f64>(at) != 0.0 || load<f64>(at, 8) != 0.0 || load<f64>(at, 16) != 0.0
}

/** How many of the next two nodes in a direction have a place. */
function room(at: usize, step: isize): i32 {
  if (!isPlace(<usize>(<isize>at + step))) return 0
  return isPlace(<usize>(<isize>at + 2 * step)) ? 2 : 1
}

/** Part X (0), Y (8) or Z (16) of the metres per index step, by differences. */
function slope(at: usize, spacing: usize, before: i32, after: i32, offset: usize): f64 {
  const here = load<f64>(at + offset)
  if (before >= 1 && after >= 1) {
    const near = load<f64>(at + spacing + offset) - load<f64>(at - spacing + offset)
    if (before == 1 || after == 1) return 0.5 * near
    const far = load<f64>(at + 2 * spacing + offset) - load<f64>(at - 2 * spacing + offset)
    return (8.0 * near - far) / 12.0
  }
  if (after >= 1) {
    const one = load<f64>(at + spacing + offset)
    if (after == 1) return one - here
    return 0.5 * (4.0 * one - 3.0 * here - load<f64>(at + 2 * spacing + offset))
  }
  if (before == 0) return 0.0
  const one = load<f64>(at - spacing + offset)
  if (before == 1) return here - one
  return 0.5 * (3.0 * here - 4.0 * one + load<f64>(at - 2 * spacing + offset))
}

/**
 * Metric and frame of nodes given as (lon, lat) pairs with two nodes of room on every side, which
 * hold the other end of a periodic grid, the rows beyond a band, or no place. Scratch: 24 bytes
 * per node at `points`.
 * Metric, four f32 per node: cells per metre [x per u, x per v, y per u, y per v], where u is along
 * the columns' direction and v 90° to its left. Frame, two f64: cosine and sine of the angle from
 * east to u. Fourth-order differences of places on the ellipsoid; 0 where a node has no place, no
 * neighbour, or the grid is folded.
 */
export function writeGridMetric(
  lonLats: usize, width: i32, height: i32, metric: i32, points: usize, metricAt: usize,
  frameAt: usize
): void {
  const total = width * height
  for (let i = 0; i < total; i++) {
    const at = points + <usize>i * NODE_BYTES
    const lat = load<f64>(lonLats + (<usize>i << 4), 8)
    storeDirection(load<f64>(lonLats + (<usize>i << 4)), lat, at)
    if (!isPlace(at)) continue
    const normal = metric == SPHERE1852 ? SPHERE_RADIUS_METRES : eastRadius(lat)
    const polar = metric == SPHERE1852 ? normal : normal * (1.0 - ECCENTRICITY2)
    store<f64>(at, load<f64>(at) * normal)
    store<f64>(at, load<f64>(at, 8) * normal, 8)
    store<f64>(at, load<f64>(at, 16) * polar, 16)
  }
  for (let row = 2; row < height - 2; row++) {
    for (let column = 2; column < width - 2; column++) {
      const i = row * width + column
      writeNode(lonLats + (<usize>i << 4), points + <usize>i * NODE_BYTES,
        <usize>width * NODE_BYTES, metricAt, frameAt)
      metricAt += 16
      frameAt += 16
    }
  }
}

/** Widest cell that is one: 18 degrees. */
const CELL_METRES_MAX: f64 = 2e6
const CELL_METRES_MIN: f64 = 1e-6

function writeNode(pair: usize, at: usize, down: usize, metricTo: usize, frameTo: usize): void {
  const west = room(at, -<isize>NODE_BYTES)
  const east = room(at, <isize>NODE_BYTES)
  const south = room(at, -<isize>down)
  const north = room(at, <isize>down)
  const xi = slope(at, NODE_BYTES, west, east, 0)
  const yi = slope(at, NODE_BYTES, west, east, 8)
  const zi = slope(at, NODE_BYTES, west, east, 16)
  const xj = slope(at, down, south, north, 0)
  const yj = slope(at, down, south, north, 8)
  const zj = slope(at, down, south, north, 16)
  const lon = load<f64>(pair) * RADIANS
  const lat = load<f64>(pair, 8) * RADIANS
  const sinLon = Math.sin(lon)
  const cosLon = Math.cos(lon)
  const sinLat = Math.sin(lat)
  const cosLat = Math.cos(lat)
  const eastI = cosLon * yi - sinLon * xi
  const eastJ = cosLon * yj - sinLon * xj
  const northI = cosLat * zi - sinLat * (cosLon * xi + sinLon * yi)
  const northJ = cosLat * zj - sinLat * (cosLon * xj + sinLon * yj)
  const length = Math.sqrt(eastI * eastI + northI * northI)
  const cosine = eastI / length
  const sine = northI / length
  const along = eastJ * cosine + northJ * sine
  const across = northJ * cosine - eastJ * sine
  const isWhole = isPlace(at) && length > CELL_METRES_MIN && length < CELL_METRES_MAX &&
    across > CELL_METRES_MIN && across < CELL_METRES_MAX
  store<f32>(metricTo, isWhole ? <f32>(1.0 / length) : <f32>0.0)
  store<f32>(metricTo, isWhole ? <f32>(-along / (length * across)) : <f32>0.0, 4)
  store<f32>(metricTo, 0.0, 8)
  store<f32>(metricTo, isWhole ? <f32>(1.0 / across) : <f32>0.0, 12)
  store<f64>(frameTo, isWhole ? cosine : 1.0)
  store<f64>(frameTo, isWhole ? sine : 0.0, 8)
}

/** Degrees of the place `east` and `north` metres away (a disc, small against the Earth). */
export function shifted(lon: f64, lat: f64, east: f64, north: f64): void {
  const de = east / eastRadius(lat)
  const dn = north / northRadius(lat)
  const sinLon = Math.sin(lon * RADIANS)
  const cosLon = Math.cos(lon * RADIANS)
  const sinLat = Math.sin(lat * RADIANS)
  const cosLat = Math.cos(lat * RADIANS)
  lonLatOf(
    cosLat * cosLon - de * sinLon - dn * sinLat * cosLon,
    cosLat * sinLon + de * cosLon - dn * sinLat * sinLon,
    sinLat + dn * cosLat
  )
}

/** Finds degrees on the grid (see `locate`). */
export function locateDegrees(lon: f64, lat: f64, margin: f64, isNext: bool): bool {
  const cosLat = Math.cos(lat * RADIANS)
  const x = cosLat * Math.cos(lon * RADIANS)
  const y = cosLat * Math.sin(lon * RADIANS)
  const z = Math.sin(lat * RADIANS)
  return isNext ? locateNext(x, y, z, margin) : locate(x, y, z, margin, true)
}

/**
 * A coastline laid on a grid: cut into pieces of at most half a cell, each with its length and the
 * node whose cell it lies in. Distances are chords between directions from the Earth's centre,
 * which the kernel makes: within 0.4 % of the ellipsoid, and by `+ - * / sqrt` alone.
 */
import { geometry } from '../grids/geometry.ts'
import { indicesIn } from '../grids/remap.ts'
import { boxOf, cellDegrees, columnsOf, type Grid, rowsOf } from '../meaning/grid.ts'
import type { Shoreline } from './shoreline.ts'

const EARTH_METRES = 6_371_008.8
/** Longest piece, in cells. */
const PIECE_CELLS = 0.5
/** A segment is cut into no more: data without a cell to speak of. */
const PIECES_MAX = 10_000

export interface Tracing {
  /** Node of each piece. */
  readonly nodes: Int32Array
  readonly lengthMetres: Float64Array
  /** As in the coastline. */
  readonly countryOf: Uint16Array
  /** Metres from the Earth's centre: start and end, six numbers each. */
  readonly ends: Float64Array
  /** Pieces of one node: `order[first[node]]` up to `order[first[node + 1]]`. */
  readonly first: Int32Array
  readonly order: Int32Array
}

/** Into how many pieces each segment is cut: none where it is an edge, or far from the grid. */
function piecesOf({ segments, isEdge }: Shoreline, grid: Grid): Uint16Array {
  const cell = cellDegrees(grid)
  const { south, north } = boxOf(grid)
  const counts = new Uint16Array(isEdge.length)
  for (let segment = 0; segment < counts.length; segment++) {
    const at = 4 * segment
    const [x1, y1] = [segments[at] ?? 0, segments[at + 1] ?? 0]
    const [x2, y2] = [segments[at + 2] ?? 0, segments[at + 3] ?? 0]
    const isNear = Math.max(y1, y2) > south - cell && Math.min(y1, y2) < north + cell
    if (!isNear || isEdge[segment] === 1) continue
    const longest = Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1))
    counts[segment] = Math.min(Math.max(Math.ceil(longest / (PIECE_CELLS * cell)), 1), PIECES_MAX)
  }
  return counts
}

/** Ends of pieces (lon, lat, lon, lat) in the latitudes of a grid, and their segments. */
function pieces(shoreline: Shoreline, grid: Grid): { ends: Float64Array; of: Int32Array } {
  const { segments } = shoreline
  const counts = piecesOf(shoreline, grid)
  const total = counts.reduce((sum, count) => sum + count, 0)
  const ends = new Float64Array(4 * total)
  const of = new Int32Array(total)
  let next = 0
  for (const [segment, count] of counts.entries()) {
    const at = 4 * segment
    const [x1, y1] = [segments[at] ?? 0, segments[at + 1] ?? 0]
    const [x2, y2] = [segments[at + 2] ?? 0, segments[at + 3] ?? 0]
    for (let piece = 0; piece < count; piece++) {
      const [from, to] = [piece / count, (piece + 1) / count]
      ends[4 * next] = x1 + from * (x2 - x1)
      ends[4 * next + 1] = y1 + from * (y2 - y1)
      ends[4 * next + 2] = x1 + to * (x2 - x1)
      ends[4 * next + 3] = y1 + to * (y2 - y1)
      of[next++] = segment
    }
  }
  return { ends, of }
}

/** Node nearest to the middle of each piece, −1 outside the grid. */
function nodesOf(ends: Float64Array, grid: Grid): Int32Array {
  const middles = new Float64Array(ends.length / 2)
  for (let piece = 0; piece < ends.length / 4; piece++) {
    middles[2 * piece] = ((ends[4 * piece] ?? 0) + (ends[4 * piece + 2] ?? 0)) / 2
    middles[2 * piece + 1] = ((ends[4 * piece + 1] ?? 0) + (ends[4 * piece + 3] ?? 0)) / 2
  }
  const places = indicesIn(grid, middles)
  const [rows, columns] = [rowsOf(grid), columnsOf(grid)]
  return Int32Array.from({ length: ends.length / 4 }, (_, piece) => {
    const [x, y] = [places[2 * piece] ?? Number.NaN, places[2 * piece + 1] ?? Number.NaN]
    if (Number.isNaN(x) || Number.isNaN(y)) return -1
    const column = Math.round(x) % columns
    const row = Math.min(Math.max(Math.round(y), 0), rows - 1)
    return row * columns + Math.max(column, 0)
  })
}

export function traceShoreline(shoreline: Shoreline, grid: Grid): Tracing {
  const all = pieces(shoreline, grid)
  const nodesOfAll = nodesOf(all.ends, grid)
  const kept = Int32Array.from(nodesOfAll.keys()).filter((piece) => (nodesOfAll[piece] ?? -1) >= 0)
  const pairs = new Float64Array(4 * kept.length)
  kept.forEach((piece, index) => {
    pairs.set(all.ends.subarray(4 * piece, 4 * piece + 4), 4 * index)
  })
  const ends = geometry()
    .directions(pairs)
    .map((part) => EARTH_METRES * part)
  const nodes = Int32Array.from(kept, (piece) => nodesOfAll[piece] ?? 0)
  const lengthMetres = Float64Array.from(kept, (_, piece) => {
    const part = (axis: number): number =>
      (ends[6 * piece + 3 + axis] ?? 0) - (ends[6 * piece + axis] ?? 0)
    return Math.sqrt(part(0) * part(0) + part(1) * part(1) + part(2) * part(2))
  })
  const countryOf = Uint16Array.from(kept, (piece) => shoreline.countryOf[all.of[piece] ?? 0] ?? 0)
  return { nodes, lengthMetres, countryOf, ends, ...byNode(nodes, rowsOf(grid) * columnsOf(grid)) }
}

function byNode(nodes: Int32Array, size: number): Pick<Tracing, 'first' | 'order'> {
  const first = new Int32Array(size + 1)
  for (const node of nodes) first[node + 1] = (first[node + 1] ?? 0) + 1
  for (let node = 0; node < size; node++)
    first[node + 1] = (first[node + 1] ?? 0) + (first[node] ?? 0)
  const next = first.slice()
  const order = new Int32Array(nodes.length)
  nodes.forEach((node, piece) => {
    const at = next[node] ?? 0
    order[at] = piece
    next[node] = at + 1
  })
  return { first, order }
}

/** Metres from a point to a piece, both from the Earth's centre. */
export function metresToPiece({ ends }: Tracing, piece: number, point: Float64Array): number {
  let [along, length2] = [0, 0]
  for (let axis = 0; axis < 3; axis++) {
    const from = ends[6 * piece + axis] ?? 0
    const part = (ends[6 * piece + 3 + axis] ?? 0) - from
    along += part * ((point[axis] ?? 0) - from)
    length2 += part * part
  }
  const share = length2 === 0 ? 0 : Math.min(Math.max(along / length2, 0), 1)
  let sum = 0
  for (let axis = 0; axis < 3; axis++) {
    const from = ends[6 * piece + axis] ?? 0
    const to = ends[6 * piece + 3 + axis] ?? 0
    const off = (point[axis] ?? 0) - (from + share * (to - from))
    sum += off * off
  }
  return Math.sqrt(sum)
}

/** Pieces around a node: within `reach` nodes along rows and columns. */
export function* piecesAround(
  { first, order }: Tracing,
  grid: Grid,
  node: number,
  reach: number
): Iterable<number> {
  const [rows, columns] = [rowsOf(grid), columnsOf(grid)]
  const row = Math.floor(node / columns)
  const column = node % columns
  for (let y = Math.max(row - reach, 0); y <= Math.min(row + reach, rows - 1); y++) {
    for (let step = -reach; step <= reach; step++) {
      const x = grid.isPeriodic ? (column + step + columns) % columns : column + step
      if (x < 0 || x >= columns) continue
      const other = y * columns + x
      for (let at = first[other] ?? 0; at < (first[other + 1] ?? 0); at++) yield order[at] ?? 0
    }
  }
}

/** Where nodes are, in metres from the Earth's centre. */
export const placesOf = (lonLats: Float64Array): Float64Array =>
  geometry()
    .directions(lonLats)
    .map((part) => EARTH_METRES * part)

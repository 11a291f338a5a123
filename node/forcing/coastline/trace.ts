/**
 * A coastline laid on a grid: cut into pieces of at most half a cell, each with its length and the
 * node whose cell it lies in. Where a piece ends is reckoned whenever it is asked for, some
 * thousand at a time: kept, the ends of a global coastline would be most of its memory.
 * Distances are chords between directions from the Earth's centre, which the kernel makes: within
 * 0.4 % of the ellipsoid, and by `+ - * / sqrt` alone.
 */
import { geometry } from '../grids/geometry.ts'
import { indicesIn } from '../grids/remap.ts'
import { boxOf, cellDegrees, columnsOf, type Grid, isNodeGrid, rowsOf } from '../meaning/grid.ts'
import { orderByNode, type PieceOrder } from './piece-order.ts'
import type { Shoreline } from './shoreline.ts'

const EARTH_METRES = 6_371_008.8
/** Longest piece, in cells. */
const PIECE_CELLS = 0.5
/** A segment is cut into no more: data without a cell to speak of. */
const PIECES_MAX = 10_000
/** Pieces whose ends are made, or places that are found, in one call of the kernel. */
export const AT_ONCE = 8192

/** Pieces of a coastline within a grid, in the order of the coastline. */
interface Pieces {
  readonly shoreline: Shoreline
  /** Into how many pieces each segment is cut. */
  readonly counts: Uint16Array
  /** Segment of each piece, and which of the segment's pieces it is. */
  readonly segmentOf: Int32Array
  readonly partOf: Uint16Array
  /** Node of each piece. */
  readonly nodes: Int32Array
}

export interface Tracing extends Pieces {
  readonly lengthMetres: Float64Array
  readonly byNode: PieceOrder
}

/** Into how many pieces each segment is cut: none where it is an edge, or far from the grid. */
function countsOf({ segments, isEdge }: Shoreline, grid: Grid): Uint16Array {
  const cell = cellDegrees(grid)
  const { south, north } = boxOf(grid)
  const counts = new Uint16Array(isEdge.length)
  for (let segment = 0; segment < counts.length; segment++) {
    const at = 4 * segment
    const y1 = segments[at + 1] ?? 0
    const y2 = segments[at + 3] ?? 0
    const isNear = Math.max(y1, y2) > south - cell && Math.min(y1, y2) < north + cell
    if (!isNear || isEdge[segment] === 1) continue
    const across = Math.abs((segments[at + 2] ?? 0) - (segments[at] ?? 0))
    const longest = Math.max(across, Math.abs(y2 - y1))
    counts[segment] = Math.min(Math.max(Math.ceil(longest / (PIECE_CELLS * cell)), 1), PIECES_MAX)
  }
  return counts
}

/** Writes both ends of a piece (lon, lat, lon, lat). */
function writeEnds(
  { segments }: Shoreline,
  segment: number,
  part: number,
  count: number,
  into: Float64Array,
  at: number
): void {
  const x1 = segments[4 * segment] ?? 0
  const y1 = segments[4 * segment + 1] ?? 0
  const x2 = segments[4 * segment + 2] ?? 0
  const y2 = segments[4 * segment + 3] ?? 0
  const from = part / count
  const to = (part + 1) / count
  into[at] = x1 + from * (x2 - x1)
  into[at + 1] = y1 + from * (y2 - y1)
  into[at + 2] = x1 + to * (x2 - x1)
  into[at + 3] = y1 + to * (y2 - y1)
}

/** Where all pieces have their middles: node nearest to each, −1 outside the grid. */
function nodesOf(shoreline: Shoreline, counts: Uint16Array, grid: Grid): Int32Array {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const nodes = new Int32Array(total)
  // Where nodes have places, a search begins where the one before ended: they are one call.
  const atOnce = isNodeGrid(grid) ? total : AT_ONCE
  const middles = new Float64Array(2 * Math.min(atOnce, total))
  const ends = new Float64Array(4)
  let [found, waiting] = [0, 0]
  const find = (): void => {
    const places = indicesIn(grid, middles.subarray(0, 2 * waiting))
    for (let index = 0; index < waiting; index++) nodes[found++] = nodeAt(places, index, grid)
    waiting = 0
  }
  for (let segment = 0; segment < counts.length; segment++) {
    const count = counts[segment] ?? 0
    for (let part = 0; part < count; part++) {
      writeEnds(shoreline, segment, part, count, ends, 0)
      middles[2 * waiting] = ((ends[0] ?? 0) + (ends[2] ?? 0)) / 2
      middles[2 * waiting + 1] = ((ends[1] ?? 0) + (ends[3] ?? 0)) / 2
      waiting++
      if (waiting === atOnce) find()
    }
  }
  if (waiting > 0) find()
  return nodes
}

function nodeAt(places: Float64Array, index: number, grid: Grid): number {
  const x = places[2 * index] ?? Number.NaN
  const y = places[2 * index + 1] ?? Number.NaN
  if (Number.isNaN(x) || Number.isNaN(y)) return -1
  const columns = columnsOf(grid)
  const column = Math.round(x) % columns
  const row = Math.min(Math.max(Math.round(y), 0), rowsOf(grid) - 1)
  return row * columns + Math.max(column, 0)
}

/** The pieces within the grid. */
function piecesOf(shoreline: Shoreline, grid: Grid): Pieces {
  const counts = countsOf(shoreline, grid)
  const all = nodesOf(shoreline, counts, grid)
  let size = 0
  for (const node of all) if (node >= 0) size++
  const segmentOf = new Int32Array(size)
  const partOf = new Uint16Array(size)
  const nodes = new Int32Array(size)
  let [piece, kept] = [0, 0]
  for (let segment = 0; segment < counts.length; segment++) {
    const count = counts[segment] ?? 0
    for (let part = 0; part < count; part++) {
      const node = all[piece++] ?? -1
      if (node < 0) continue
      segmentOf[kept] = segment
      partOf[kept] = part
      nodes[kept++] = node
    }
  }
  return { shoreline, counts, segmentOf, partOf, nodes }
}

export function traceShoreline(shoreline: Shoreline, grid: Grid): Tracing {
  const pieces = piecesOf(shoreline, grid)
  const lengthMetres = new Float64Array(pieces.nodes.length)
  forEnds(pieces, (piece, ends, at) => {
    const x = (ends[at + 3] ?? 0) - (ends[at] ?? 0)
    const y = (ends[at + 4] ?? 0) - (ends[at + 1] ?? 0)
    const z = (ends[at + 5] ?? 0) - (ends[at + 2] ?? 0)
    lengthMetres[piece] = Math.sqrt(x * x + y * y + z * z)
  })
  return { ...pieces, lengthMetres, byNode: orderByNode(pieces.nodes, grid) }
}

/** 1 + index of the country of a piece; 0 for none. */
export const countryOfPiece = ({ shoreline, segmentOf }: Tracing, piece: number): number =>
  shoreline.countryOf[segmentOf[piece] ?? 0] ?? 0

/** Every piece in turn: its start and end, in metres from the Earth's centre, are at `ends[at]`. */
export function forEnds(
  { shoreline, counts, segmentOf, partOf, nodes }: Pieces,
  visit: (piece: number, ends: Float64Array, at: number) => void
): void {
  const pairs = new Float64Array(4 * Math.min(AT_ONCE, nodes.length))
  for (let first = 0; first < nodes.length; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, nodes.length - first)
    for (let index = 0; index < count; index++) {
      const segment = segmentOf[first + index] ?? 0
      const part = partOf[first + index] ?? 0
      writeEnds(shoreline, segment, part, counts[segment] ?? 1, pairs, 4 * index)
    }
    const ends = metresFromCentre(pairs.subarray(0, 4 * count))
    for (let index = 0; index < count; index++) visit(first + index, ends, 6 * index)
  }
}

/** Where (lon, lat) pairs are, in metres from the Earth's centre. */
export function metresFromCentre(pairs: Float64Array): Float64Array {
  const places = geometry().directions(pairs)
  for (let at = 0; at < places.length; at++) places[at] = EARTH_METRES * (places[at] ?? 0)
  return places
}

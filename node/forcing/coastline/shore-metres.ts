/** How far a coastline is from the nodes beside it. */
import { columnsOf, type Grid, isNodeGrid, rowsOf } from '../meaning/grid.ts'
import { AT_ONCE, forEnds, metresFromCentre, type Tracing } from './trace.ts'

/** Nodes around a piece whose distance it may be: between two nodes it must be nearer. */
const REACH_NODES = 2
/** Least distance between a node and the coast: its sign tells land from sea. */
const LEAST_METRES = 1

/** Where nodes are, in metres from the Earth's centre; one without a place is at 0, 0. */
function placesOf(nodes: Uint32Array, grid: Grid): Float64Array {
  const places = new Float64Array(3 * nodes.length)
  const columns = columnsOf(grid)
  for (let first = 0; first < nodes.length; first += AT_ONCE) {
    const some = nodes.subarray(first, first + AT_ONCE)
    const pairs = new Float64Array(2 * some.length)
    some.forEach((node, index) => {
      const isFree = isNodeGrid(grid)
      const lon = isFree ? grid.lonLats[2 * node] : grid.longitudes[node % columns]
      const lat = isFree ? grid.lonLats[2 * node + 1] : grid.latitudes[Math.floor(node / columns)]
      pairs[2 * index] = Number.isFinite(lon) ? (lon ?? 0) : 0
      pairs[2 * index + 1] = Number.isFinite(lat) ? (lat ?? 0) : 0
    })
    places.set(metresFromCentre(pairs), 3 * first)
  }
  return places
}

/** Index of the first of ascending nodes that is not below a node. */
function firstFrom(nodes: Uint32Array, node: number): number {
  let [low, high] = [0, nodes.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((nodes[middle] ?? 0) < node) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Metres to the coastline from each of some nodes (ascending) that have a piece of it within reach,
 * by their number; undefined for others.
 */
export function shoreMetresOf(
  tracing: Tracing,
  grid: Grid,
  nodes: Uint32Array
): (node: number) => number | undefined {
  const [rows, columns] = [rowsOf(grid), columnsOf(grid)]
  const places = placesOf(nodes, grid)
  // Kept as they are stored: the least of rounded distances is the rounded least.
  const least = new Float32Array(nodes.length).fill(Infinity)
  forEnds(tracing, (piece, ends, at) => {
    const home = tracing.nodes[piece] ?? 0
    const [row, column] = [Math.floor(home / columns), home % columns]
    const learn = (y: number, west: number, east: number): void => {
      const last = y * columns + east
      for (let index = firstFrom(nodes, y * columns + west); index < nodes.length; index++) {
        if ((nodes[index] ?? 0) > last) return
        const metres = metresToPiece(ends, at, places, 3 * index)
        if (metres < (least[index] ?? 0)) least[index] = metres
      }
    }
    const [west, east] = [column - REACH_NODES, column + REACH_NODES]
    const south = Math.max(row - REACH_NODES, 0)
    const north = Math.min(row + REACH_NODES, rows - 1)
    for (let y = south; y <= north; y++) {
      learn(y, Math.max(west, 0), Math.min(east, columns - 1))
      if (grid.isPeriodic && west < 0) learn(y, west + columns, columns - 1)
      if (grid.isPeriodic && east >= columns) learn(y, 0, east - columns)
    }
  })
  return (node) => {
    const index = firstFrom(nodes, node)
    const metres = nodes[index] === node ? least[index] : undefined
    return metres === undefined || metres === Infinity ? undefined : Math.max(metres, LEAST_METRES)
  }
}

/** Metres from a point to a piece, all from the Earth's centre. */
function metresToPiece(ends: Float64Array, at: number, points: Float64Array, to: number): number {
  let [along, length2] = [0, 0]
  for (let axis = 0; axis < 3; axis++) {
    const from = ends[at + axis] ?? 0
    const part = (ends[at + 3 + axis] ?? 0) - from
    along += part * ((points[to + axis] ?? 0) - from)
    length2 += part * part
  }
  const share = length2 === 0 ? 0 : Math.min(Math.max(along / length2, 0), 1)
  let sum = 0
  for (let axis = 0; axis < 3; axis++) {
    const from = ends[at + axis] ?? 0
    const end = ends[at + 3 + axis] ?? 0
    const off = (points[to + axis] ?? 0) - (from + share * (end - from))
    sum += off * off
  }
  return Math.sqrt(sum)
}

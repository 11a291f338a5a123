/**
 * Vectors from one grid to another where either has nodes with places of their own: bilinear in the
 * cells of the source, each corner's vector turned by the difference of the two frames, so that a
 * field stays the true vector field at any latitude. Only `+ - * / sqrt` are used here; places and
 * frames are the kernel's.
 */
import type { Metric } from '../../../kernel/kernel.ts'
import { columnsOf, type Grid, isNodeGrid, rowsOf } from '../meaning/grid.ts'
import type { Slice } from '../slice.ts'
import { geometry } from './geometry.ts'
import { bracket, type FieldGrid, type Regrid } from './regrid.ts'

/** Nodes reach half a cell beyond the outermost: a node stands for its cell. */
const MARGIN_CELLS = 0.5

/** (lon, lat) pairs of every node, or of the nodes of some rows, C order. */
export function lonLatsOf(grid: Grid, firstRow = 0, rowCount = rowsOf(grid)): Float64Array {
  const columns = columnsOf(grid)
  const end = firstRow + rowCount
  if (isNodeGrid(grid)) return grid.lonLats.subarray(2 * firstRow * columns, 2 * end * columns)
  const { longitudes, latitudes } = grid
  const pairs = new Float64Array(2 * columns * rowCount)
  let at = 0
  for (const lat of latitudes.subarray(firstRow, end)) {
    for (const lon of longitudes) {
      pairs[at++] = lon
      pairs[at++] = lat
    }
  }
  return pairs
}

/** Cosine and sine, per node, of the angle from east to the direction that `u` is along. */
function framesOf({ grid, isAlongGrid }: FieldGrid, metric: Metric): Float64Array | undefined {
  if (!isAlongGrid || !isNodeGrid(grid)) return undefined
  const places = { lonLats: grid.lonLats, columns: columnsOf(grid), rows: rowsOf(grid) }
  return geometry().gridMetric(places, grid.isPeriodic, metric).frames
}

/** Index coordinates in a grid of every pair, NaN outside. */
export function indicesIn(grid: Grid, pairs: Float64Array): Float64Array {
  if (isNodeGrid(grid)) {
    const places = { lonLats: grid.lonLats, columns: columnsOf(grid), rows: rowsOf(grid) }
    return geometry().locate(places, grid.isPeriodic, pairs, MARGIN_CELLS)
  }
  const found = new Float64Array(pairs.length).fill(Number.NaN)
  for (let at = 0; at < pairs.length; at += 2) {
    const lon = pairs[at] ?? 0
    const row = bracket(grid.latitudes, pairs[at + 1] ?? 0, false)
    for (const turn of row === undefined ? [] : [0, 1, -1, 2, -2]) {
      const column = bracket(grid.longitudes, lon + 360 * turn, grid.isPeriodic)
      if (column === undefined || row === undefined) continue
      found[at] = column.low + column.share
      found[at + 1] = row.low + row.share
      break
    }
  }
  return found
}

/** Sine and cosine of longitude and latitude, from a unit vector. */
interface Place {
  readonly sinLon: number
  readonly cosLon: number
  readonly sinLat: number
  readonly cosLat: number
}

function placeAt(directions: Float64Array, node: number): Place {
  const x = directions[3 * node] ?? 0
  const y = directions[3 * node + 1] ?? 0
  const z = directions[3 * node + 2] ?? 0
  const cosLat = Math.sqrt(x * x + y * y)
  if (cosLat === 0) return { sinLon: 0, cosLon: 1, sinLat: z, cosLat }
  return { sinLon: y / cosLat, cosLon: x / cosLat, sinLat: z, cosLat }
}

/** A turn as cosine and sine. */
type Turn = readonly [cosine: number, sine: number]

const times = ([a, b]: Turn, [c, d]: Turn): Turn => [a * c - b * d, a * d + b * c]

/** The turn that carries east and north at `a` to those at `b`, along the ground between them. */
function carried(a: Place, b: Place): Turn {
  const cosLon = a.cosLon * b.cosLon + a.sinLon * b.sinLon
  const sinLon = a.sinLon * b.cosLon - a.cosLon * b.sinLon
  const eastEast = cosLon
  const eastNorth = b.sinLat * sinLon
  const northEast = -a.sinLat * sinLon
  const northNorth = a.sinLat * b.sinLat * cosLon + a.cosLat * b.cosLat
  const cosine = eastEast + northNorth
  const sine = eastNorth - northEast
  const length = Math.sqrt(cosine * cosine + sine * sine)
  return length === 0 ? [1, 0] : [cosine / length, sine / length]
}

const CORNERS = 4

/** Per target node: four corners of the source with weight and turn; weight 0 is none. */
interface Table {
  readonly nodes: Int32Array
  readonly weights: Float32Array
  readonly turns: Float32Array
}

function makeTable(from: FieldGrid, to: FieldGrid, metric: Metric): Table {
  const pairs = lonLatsOf(to.grid)
  const count = pairs.length / 2
  const table = {
    nodes: new Int32Array(CORNERS * count),
    weights: new Float32Array(CORNERS * count),
    turns: new Float32Array(2 * CORNERS * count)
  }
  const columns = columnsOf(from.grid)
  const rows = rowsOf(from.grid)
  const indices = indicesIn(from.grid, pairs)
  const sourceDirections = geometry().directions(lonLatsOf(from.grid))
  const targetDirections = geometry().directions(pairs)
  const [sourceFrames, targetFrames] = [framesOf(from, metric), framesOf(to, metric)]
  const frame = (frames: Float64Array | undefined, node: number): Turn =>
    frames === undefined ? [1, 0] : [frames[2 * node] ?? 1, frames[2 * node + 1] ?? 0]
  for (let node = 0; node < count; node++) {
    const x = indices[2 * node] ?? Number.NaN
    const y = indices[2 * node + 1] ?? Number.NaN
    if (Number.isNaN(x) || Number.isNaN(y)) continue
    const column = from.grid.isPeriodic ? Math.floor(x) : clamp(Math.floor(x), columns - 2)
    const row = clamp(Math.floor(y), rows - 2)
    const [fx, fy] = [unit(x - column), unit(y - row)]
    const place = placeAt(targetDirections, node)
    const [cosine, sine] = frame(targetFrames, node)
    for (let corner = 0; corner < CORNERS; corner++) {
      const [east, north] = [corner & 1, corner >> 1]
      const source = (row + north) * columns + ((column + east + columns) % columns)
      const turn = times(
        times(frame(sourceFrames, source), carried(placeAt(sourceDirections, source), place)),
        [cosine, -sine]
      )
      const at = CORNERS * node + corner
      table.nodes[at] = source
      table.weights[at] = (east === 1 ? fx : 1 - fx) * (north === 1 ? fy : 1 - fy)
      table.turns[2 * at] = turn[0]
      table.turns[2 * at + 1] = turn[1]
    }
  }
  return table
}

const clamp = (index: number, last: number): number => Math.min(Math.max(index, 0), last)
const unit = (share: number): number => Math.min(Math.max(share, 0), 1)

/** The same nodes to the last bit, as other levels of one model have. */
function isEqual(a: Grid, b: Grid): boolean {
  if (a === b) return true
  if (!isNodeGrid(a) || !isNodeGrid(b) || columnsOf(a) !== columnsOf(b)) return false
  const { lonLats } = b
  return (
    a.lonLats.length === lonLats.length &&
    a.lonLats.every((value, index) => Object.is(value, lonLats[index]))
  )
}

/** The mean vector at a node of the corners that have one, and their share of the weight. */
class CornerSum {
  u = 0
  v = 0
  share = 0
  readonly #table: Table

  constructor(table: Table) {
    this.#table = table
  }

  take(node: number, { u, v }: Slice): void {
    const { nodes, weights, turns } = this.#table
    this.u = this.v = this.share = 0
    for (let at = CORNERS * node; at < CORNERS * (node + 1); at++) {
      const weight = weights[at] ?? 0
      const source = nodes[at] ?? 0
      const a = u[source] ?? Number.NaN
      const b = v[source] ?? Number.NaN
      if (weight === 0 || Number.isNaN(a)) continue
      const cosine = turns[2 * at] ?? 1
      const sine = turns[2 * at + 1] ?? 0
      this.u += weight * (cosine * a - sine * b)
      this.v += weight * (sine * a + cosine * b)
      this.share += weight
    }
  }
}

/**
 * `leastShare`: a target node has a value when corners of at least this share of the weight do; 0
 * takes what there is.
 */
export function makeRemap(
  from: FieldGrid,
  to: FieldGrid,
  metric: Metric,
  leastShare: number
): Regrid {
  if (isEqual(from.grid, to.grid)) return turnedOnly(from, to, metric)
  const table = makeTable(from, to, metric)
  const { nodes, weights } = table
  const count = nodes.length / CORNERS
  const sum = new CornerSum(table)
  return {
    isCovered: (node) => [0, 1, 2, 3].some((i) => (weights[CORNERS * node + i] ?? 0) > 0),
    vectors: (slice) => {
      const out: Slice = { u: new Float32Array(count), v: new Float32Array(count) }
      for (let node = 0; node < count; node++) {
        sum.take(node, slice)
        const isKnown = sum.share > 0 && sum.share >= leastShare
        out.u[node] = isKnown ? sum.u / sum.share : Number.NaN
        out.v[node] = isKnown ? sum.v / sum.share : Number.NaN
      }
      return out
    },
    scalars: (values) => {
      const out = new Float32Array(count)
      for (let node = 0; node < count; node++) out[node] = scalarAt(table, values, node)
      return out
    }
  }
}

function scalarAt({ nodes, weights }: Table, values: Float32Array, node: number): number {
  let [sum, share] = [0, 0]
  for (let at = CORNERS * node; at < CORNERS * (node + 1); at++) {
    const value = values[nodes[at] ?? 0] ?? Number.NaN
    if ((weights[at] ?? 0) === 0 || Number.isNaN(value)) continue
    sum += (weights[at] ?? 0) * value
    share += weights[at] ?? 0
  }
  return share === 0 ? Number.NaN : sum / share
}

/** The same nodes: true east and north are turned to the grid's frame, nothing else changes. */
function turnedOnly(from: FieldGrid, to: FieldGrid, metric: Metric): Regrid {
  const frames = from.isAlongGrid ? undefined : framesOf(to, metric)
  const turned = (own: Float32Array, other: Float32Array, sign: number): Float32Array =>
    own.map((value, node) => {
      const cosine = frames?.[2 * node] ?? 1
      const sine = frames?.[2 * node + 1] ?? 0
      return cosine * value + sign * sine * (other[node] ?? Number.NaN)
    })
  return {
    isCovered: () => true,
    scalars: (values) => values,
    vectors: ({ u, v }) =>
      frames === undefined ? { u, v } : { u: turned(u, v, 1), v: turned(v, u, -1) }
  }
}

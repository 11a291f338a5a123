/**
 * A mesh as a regular grid of its own resolution: rows as far apart as the middle one of all edges
 * is long, columns as far apart on the ground at the mesh's middle latitude. Values are linear in
 * the triangle that holds a node of the grid; on an edge the one that comes first in the file.
 * Values of faces are brought to the mesh's nodes first (faces-to-nodes.ts).
 * Nodes outside the mesh have no value. Only + - * / and sqrt are used (PHYSICS §1).
 */
import { cosineOf, geometry } from '../grids/geometry.ts'
import { type AxisGrid, arcOf, columnsOf, makeGrid, rowsOf } from '../meaning/grid.ts'
import type { Stored } from '../read/data-file.ts'
import { facesToNodes } from './faces-to-nodes.ts'
import type { Mesh, OnMesh } from './topology.ts'

/** Metres of a degree of latitude. */
const DEGREE_METRES = 111_195
/** Nodes of the grid: about a sixth of a global 1/12 degree; a finer mesh is read coarser, told. */
const NODES_MAX = 2 ** 22
/** Rounding of the test that a node is inside, in shares of a triangle. */
const INSIDE = 1e-9
/** Least share of known corners that gives a value. */
const KNOWN_SHARE = 0.5

export interface MeshGrid {
  readonly grid: AxisGrid
  /** From values of nodes, or of faces, to the grid, C order. */
  readonly toGrid: (stored: Stored, location: OnMesh['location']) => Float32Array
  readonly note: string
}

/** The regular grid of a mesh, or what is wrong with it. */
export function gridOfMesh(mesh: Mesh): MeshGrid | string {
  const lons = aroundMiddle(mesh.lons)
  const box = boxOfMesh(lons, mesh.lats)
  const edge = middleEdge(lons, mesh)
  if (!(edge > 0)) return 'has a mesh without extent'
  const shrink = cosineOf((box.south + box.north) / 2)
  const wide = (box.east - box.west) * shrink * DEGREE_METRES
  const tall = (box.north - box.south) * DEGREE_METRES
  const count = (wide / edge) * (tall / edge)
  const spacing = count > NODES_MAX ? edge * Math.sqrt(count / NODES_MAX) : edge
  const rowDegrees = Number((spacing / DEGREE_METRES).toPrecision(3))
  const columnDegrees = Number((spacing / DEGREE_METRES / shrink).toPrecision(3))
  const grid = makeGrid(
    line(box.west, box.east, columnDegrees),
    line(box.south, box.north, rowDegrees),
    false
  )
  if (typeof grid === 'string') return grid
  const table = tableOf(grid, { ...mesh, lons })
  const ofNodes = facesToNodes({ ...mesh, lons })
  const coarser = spacing > edge ? `, coarser than its middle edge of ${Math.round(edge)} m` : ''
  return {
    grid,
    toGrid: (stored, location) => spread(table, location === 'node' ? stored : ofNodes(stored)),
    note:
      `lies on a mesh of ${mesh.faceCount} faces and is brought to a regular grid of its own ` +
      `resolution, ${columnDegrees} x ${rowDegrees} degrees (${Math.round(spacing)} m)` +
      `${coarser}, linear in triangles; outside the mesh is land`
  }
}

/** Longitudes without a jump inside the mesh. */
function aroundMiddle(lons: Float64Array): Float64Array {
  const wrapped = lons.map((lon) => lon - 360 * Math.floor((lon + 180) / 360))
  const { west } = arcOf(Float64Array.from(wrapped).sort())
  return wrapped.map((lon) => (lon < west ? lon + 360 : lon))
}

function boxOfMesh(lons: Float64Array, lats: Float64Array) {
  const least = (values: Float64Array): number => values.reduce((a, b) => Math.min(a, b))
  const most = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b))
  return { west: least(lons), east: most(lons), south: least(lats), north: most(lats) }
}

/** Multiples of a step from just outside one end to just outside the other. */
function line(low: number, high: number, step: number): Float64Array {
  const first = Math.floor(low / step)
  const count = Math.max(2, Math.ceil(high / step) - first + 1)
  return Float64Array.from({ length: count }, (_, index) => (first + index) * step)
}

/** The median of all edges, in metres. */
function middleEdge(lons: Float64Array, { lats, triangles }: Mesh): number {
  const lengths = new Float64Array(triangles.length)
  const cosines = geometry().directions(
    Float64Array.from({ length: 2 * lats.length }, (_, i) =>
      i % 2 === 1 ? (lats[i >> 1] ?? 0) : 0
    )
  )
  for (let corner = 0; corner < triangles.length; corner++) {
    const a = triangles[corner] ?? 0
    const b = triangles[corner % 3 === 2 ? corner - 2 : corner + 1] ?? 0
    const dx = ((lons[b] ?? 0) - (lons[a] ?? 0)) * (cosines[3 * a] ?? 1)
    const dy = (lats[b] ?? 0) - (lats[a] ?? 0)
    lengths[corner] = DEGREE_METRES * Math.sqrt(dx * dx + dy * dy)
  }
  return lengths.sort()[lengths.length >> 1] ?? 0
}

/** Per node of the grid three nodes of the mesh and their weights; weights 0 outside. */
interface Table {
  readonly nodes: Int32Array
  readonly weights: Float64Array
}

function tableOf(grid: AxisGrid, mesh: Mesh): Table {
  const count = columnsOf(grid) * rowsOf(grid)
  const table = { nodes: new Int32Array(3 * count), weights: new Float64Array(3 * count) }
  for (let at = 0; at < mesh.triangles.length; at += 3) fillTriangle(table, grid, mesh, at)
  return table
}

/** Indices of an even axis from one value to another. */
function within(axis: Float64Array, low: number, high: number): readonly [number, number] {
  const step = ((axis.at(-1) ?? 0) - (axis[0] ?? 0)) / (axis.length - 1)
  const from = Math.max(0, Math.floor((low - (axis[0] ?? 0)) / step))
  const to = Math.min(axis.length - 1, Math.ceil((high - (axis[0] ?? 0)) / step))
  return [from, to]
}

function fillTriangle(table: Table, grid: AxisGrid, mesh: Mesh, at: number): void {
  const corners = mesh.triangles.subarray(at, at + 3)
  const own = Array.from(corners, (node) => mesh.lons[node] ?? 0)
  // The grid starts at a whole turn of its own.
  const turns = Math.round(((grid.longitudes[0] ?? 0) - (own[0] ?? 0)) / 360)
  const [x0 = 0, x1 = 0, x2 = 0] = own.map((lon) => lon + 360 * turns)
  const [y0 = 0, y1 = 0, y2 = 0] = Array.from(corners, (node) => mesh.lats[node] ?? 0)
  const area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
  const [west, east] = [Math.min(x0, x1, x2), Math.max(x0, x1, x2)]
  // A triangle across the seam of a mesh around the globe has no place in the plane.
  if (area === 0 || east - west > 180) return
  const columns = within(grid.longitudes, west, east)
  const rows = within(grid.latitudes, Math.min(y0, y1, y2), Math.max(y0, y1, y2))
  for (let row = rows[0]; row <= rows[1]; row++) {
    const y = grid.latitudes[row] ?? 0
    for (let column = columns[0]; column <= columns[1]; column++) {
      const x = grid.longitudes[column] ?? 0
      const second = ((x - x0) * (y2 - y0) - (x2 - x0) * (y - y0)) / area
      const third = ((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)) / area
      const weights = [1 - second - third, second, third]
      if (weights.some((weight) => weight < -INSIDE)) continue
      const node = 3 * (row * columnsOf(grid) + column)
      if (table.weights.subarray(node, node + 3).some((weight) => weight !== 0)) continue
      table.nodes.set(corners, node)
      table.weights.set(weights, node)
    }
  }
}

function spread({ nodes, weights }: Table, values: Stored): Float32Array {
  const out = new Float32Array(nodes.length / 3)
  for (let node = 0; node < out.length; node++) {
    let [sum, share] = [0, 0]
    for (let corner = 3 * node; corner < 3 * node + 3; corner++) {
      const value = values[nodes[corner] ?? 0] ?? Number.NaN
      if (Number.isNaN(value)) continue
      sum += (weights[corner] ?? 0) * value
      share += weights[corner] ?? 0
    }
    out[node] = share >= KNOWN_SHARE ? sum / share : Number.NaN
  }
  return out
}

/**
 * Nodes with places of their own: from a projection's axes, or from two-dimensional longitudes and
 * latitudes, which may turn out to be axes after all.
 */
import type { Projection } from '../../../kernel/kernel.ts'
import { geometry } from '../grids/geometry.ts'
import { type Grid, makeGrid, type NodeGrid } from './grid.ts'

/** Two-dimensional coordinates as stored, C order, and which of their dimensions is which. */
export interface StoredPlaces {
  readonly lons: Float64Array
  readonly lats: Float64Array
  readonly columns: number
  readonly rows: number
}

const NAMES: Readonly<Record<Projection['kind'], string>> = {
  'polar-stereographic': 'polar stereographic',
  lambert: 'Lambert conformal',
  mercator: 'Mercator',
  'rotated-pole': 'rotated pole'
}

/** (lon, lat) pairs of nodes on two axes of a projection. */
function unproject(projection: Projection, x: ArrayLike<number>, y: ArrayLike<number>) {
  const pairs = new Float64Array(2 * x.length * y.length)
  let at = 0
  for (let row = 0; row < y.length; row++) {
    for (let column = 0; column < x.length; column++) {
      pairs[at++] = x[column] ?? 0
      pairs[at++] = y[row] ?? 0
    }
  }
  return geometry().unproject(projection, pairs)
}

/** The grid of projection axes (metres; degrees on a rotated pole), or what is wrong with them. */
export function projectedGrid(projection: Projection, x: Float64Array, y: Float64Array) {
  const flat = makeGrid(x, y, true)
  if (typeof flat === 'string') return flat.replace(/(lat|long)itudes/, 'coordinates')
  const { longitudes: across, latitudes: up, columnOrder, rowOrder } = flat
  if (projection.kind === 'mercator') {
    const lons = unproject(projection, x, y.slice(0, 1)).filter((_, index) => index % 2 === 0)
    const lats = unproject(projection, x.slice(0, 1), y).filter((_, index) => index % 2 === 1)
    return makeGrid(lons, lats, false)
  }
  const grid: NodeGrid = {
    name: NAMES[projection.kind],
    isPeriodic: isWholeTurn(projection, across),
    columnOrder,
    rowOrder,
    lonLats: unproject(projection, across, up)
  }
  return grid
}

function isWholeTurn(projection: Projection, x: Float64Array): boolean {
  if (projection.kind !== 'rotated-pole') return false
  const span = (x.at(-1) ?? 0) - (x[0] ?? 0)
  return Math.abs((span * x.length) / (x.length - 1) - 360) < 1e-3 * 360
}

/** Coordinates differ from a straight axis by less than this share of a cell. */
const STRAIGHT_CELLS = 1e-3

/** Axes of two-dimensional coordinates that are really one-dimensional. */
function straightAxes({ lons, lats, columns, rows }: StoredPlaces) {
  const x = lons.slice(0, columns)
  const y = Float64Array.from({ length: rows }, (_, row) => lats[row * columns] ?? Number.NaN)
  if (![...x, ...y].every(Number.isFinite)) return undefined
  const cell = (axis: Float64Array): number => Math.abs((axis[1] ?? 0) - (axis[0] ?? 0))
  const limitX = STRAIGHT_CELLS * Math.min(cell(x), 360 - cell(x))
  const limitY = STRAIGHT_CELLS * cell(y)
  const isStraight = lons.every((lon, node) => {
    const dx = Math.abs(lon - (x[node % columns] ?? 0))
    const dy = Math.abs((lats[node] ?? 0) - (y[Math.floor(node / columns)] ?? 0))
    return (dx <= limitX || Math.abs(dx - 360) <= limitX) && dy <= limitY
  })
  return isStraight ? { x, y } : undefined
}

/** The grid of two-dimensional coordinates, or what is wrong with them. */
export function curvedGrid(stored: StoredPlaces): Grid | string {
  if (stored.columns < 2 || stored.rows < 2) return 'needs at least two columns and two rows'
  const axes = straightAxes(stored)
  if (axes !== undefined) return makeGrid(axes.x, axes.y, false)
  const lats = stored.lats.filter(Number.isFinite)
  if (lats.length < 4) return 'has missing coordinates'
  if (lats.some((lat) => Math.abs(lat) > 90)) return 'has latitudes beyond 90 degrees'
  const { columns: kept, isPeriodic } = closing(stored)
  const columnOrder = Array.from({ length: kept }, (_, column) => column)
  const rowOrder = Array.from({ length: stored.rows }, (_, row) => row)
  if (!isLeftHanded(stored)) return nodeGrid(stored, columnOrder, rowOrder, isPeriodic)
  return nodeGrid(stored, columnOrder, rowOrder.reverse(), isPeriodic)
}

function nodeGrid(
  { lons, lats, columns }: StoredPlaces,
  columnOrder: readonly number[],
  rowOrder: readonly number[],
  isPeriodic: boolean
): NodeGrid {
  const lonLats = new Float64Array(2 * columnOrder.length * rowOrder.length)
  let at = 0
  for (const row of rowOrder) {
    for (const column of columnOrder) {
      lonLats[at++] = lons[row * columns + column] ?? Number.NaN
      lonLats[at++] = lats[row * columns + column] ?? Number.NaN
    }
  }
  return { name: 'curvilinear', isPeriodic, columnOrder, rowOrder, lonLats }
}

/** Shortest difference of two longitudes. */
const turned = (degrees: number): number => degrees - 360 * Math.floor((degrees + 180) / 360)

/** Do rows run to the right of the columns' direction, by most nodes away from the poles? */
function isLeftHanded({ lons, lats, columns, rows }: StoredPlaces): boolean {
  let sum = 0
  for (let row = 0; row < rows - 1; row++) {
    for (let column = 0; column < columns - 1; column++) {
      const node = row * columns + column
      const at = (values: Float64Array, other: number): number =>
        (values[other] ?? Number.NaN) - (values[node] ?? Number.NaN)
      const right = [turned(at(lons, node + 1)), at(lats, node + 1)] as const
      const up = [turned(at(lons, node + columns)), at(lats, node + columns)] as const
      const cross = right[0] * up[1] - right[1] * up[0]
      if (Math.abs(lats[node] ?? 90) < 88 && cross !== 0) sum += cross > 0 ? 1 : cross < 0 ? -1 : 0
    }
  }
  return sum < 0
}

/** Columns until the first comes again, as on global grids, some of which repeat a few. */
function closing({ lons, lats, columns, rows }: StoredPlaces) {
  const sampled = [0.25, 0.4, 0.5].map((share) => Math.floor(share * rows) * columns)
  const apart = (a: number, b: number): number =>
    Math.abs(turned((lons[a] ?? Number.NaN) - (lons[b] ?? Number.NaN))) +
    Math.abs((lats[a] ?? Number.NaN) - (lats[b] ?? Number.NaN))
  const isAgain = (column: number, cells: number): boolean =>
    sampled.every((row) => {
      const cell = apart(row, row + 1)
      return Math.abs(apart(row, row + column) - cells * cell) < 0.1 * cell
    })
  for (let column = Math.max(3, columns >> 1); column < columns; column++) {
    if (isAgain(column, 0)) return { columns: column, isPeriodic: true }
  }
  const isPeriodic = columns > 3 && isAgain(columns - 1, 1)
  return { columns, isPeriodic }
}

/** How far two-dimensional coordinates lie from the nodes of a projection, in cells. */
export function cellsApart(stored: StoredPlaces, { lonLats, columnOrder, rowOrder }: NodeGrid) {
  const columns = columnOrder.length
  const at = (row: number, column: number): readonly [number, number] => {
    const node = 2 * (row * columns + column)
    return [lonLats[node] ?? Number.NaN, lonLats[node + 1] ?? Number.NaN]
  }
  const apart = (a: readonly [number, number], b: readonly [number, number]): number => {
    // cos(lat) is at least 1 − |lat|/90: enough to compare with a cell.
    const shrink = 1 - Math.abs(a[1]) / 90
    return Math.abs(turned(a[0] - b[0])) * shrink + Math.abs(a[1] - b[1])
  }
  const rows = rowOrder.length
  let most = 0
  for (let sample = 0; sample < 8; sample++) {
    const row = Math.floor(((rows - 2) * (sample % 3)) / 2)
    const column = Math.floor(((columns - 2) * sample) / 7)
    const node = (rowOrder[row] ?? 0) * stored.columns + (columnOrder[column] ?? 0)
    const place = [stored.lons[node] ?? Number.NaN, stored.lats[node] ?? Number.NaN] as const
    const here = at(row, column)
    const cell = apart(here, at(row, column + 1)) + apart(here, at(row + 1, column))
    const cells = (2 * apart(here, place)) / cell
    if (cells > most) most = cells
  }
  return most
}

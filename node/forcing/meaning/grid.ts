/**
 * A structured grid in the order that forcing content has. On axes: columns eastward, rows
 * northward, and longitudes of any convention (0..360, -180..180, beyond, across the date line)
 * come out the same, so that the same ocean on either has the same bytes. Nodes with places of
 * their own (projected, rotated, curvilinear): rows to the left of the columns' direction.
 */

interface Order {
  readonly isPeriodic: boolean
  /** Stored index of each column and row. */
  readonly columnOrder: readonly number[]
  readonly rowOrder: readonly number[]
}

export interface AxisGrid extends Order {
  /** Ascending. */
  readonly longitudes: Float64Array
  readonly latitudes: Float64Array
}

/** Nodes with places of their own; `name` is for people. */
export interface NodeGrid extends Order {
  readonly name: string
  /** (lon, lat) pairs in degrees, C order; not finite where there is no place. */
  readonly lonLats: Float64Array
}

export type Grid = AxisGrid | NodeGrid

export const isNodeGrid = (grid: Grid): grid is NodeGrid => 'lonLats' in grid

export const columnsOf = ({ columnOrder }: Grid): number => columnOrder.length
export const rowsOf = ({ rowOrder }: Grid): number => rowOrder.length

/** Axes of two files are one axis when they differ by less than this share of a cell. */
const SAME_AXIS_CELLS = 0.01
/** A grid closes around the globe when the gap misses a cell by less than this share of it. */
const PERIODIC_CELLS = 0.1

/** The grid of stored axes, or a sentence that says what is wrong with them. */
export function makeGrid(x: Float64Array, y: Float64Array, isFlat: boolean): AxisGrid | string {
  if (x.length < 2 || y.length < 2) return 'needs at least two columns and two rows'
  if (![...x, ...y].every(Number.isFinite)) return 'has missing coordinates'
  const rows = ascending(y)
  if (rows === undefined) return 'has latitudes that neither rise nor fall steadily'
  if (!isFlat && (y.some((lat) => lat > 90) || y.some((lat) => lat < -90))) {
    return 'has latitudes beyond 90 degrees'
  }
  const columns = isFlat ? ascending(x) : eastward(x)
  if (columns === undefined) return 'has longitudes that neither rise nor fall steadily'
  return {
    longitudes: columns.values,
    latitudes: rows.values,
    isPeriodic: columns.isPeriodic,
    columnOrder: columns.order,
    rowOrder: rows.order
  }
}

interface Axis {
  readonly values: Float64Array
  readonly order: readonly number[]
  readonly isPeriodic: boolean
}

function ascending(stored: Float64Array): Axis | undefined {
  const order = Array.from(stored, (_, index) => index)
  if ((stored[0] ?? 0) > (stored[1] ?? 0)) order.reverse()
  const values = Float64Array.from(order, (index) => stored[index] ?? 0)
  return isRising(values) ? { values, order, isPeriodic: false } : undefined
}

const isRising = (values: Float64Array): boolean =>
  values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0))

function eastward(stored: Float64Array): Axis | undefined {
  const isFalling = stored.filter((lon, i) => i > 0 && lon < (stored[i - 1] ?? 0)).length > 1
  const order = Array.from(stored, (_, index) => index)
  if (isFalling) order.reverse()
  // A step back is the date line (or Greenwich): the rest lies one turn further east.
  let turns = 0
  let previous = Number.NEGATIVE_INFINITY
  const unrolled = order.map((index) => {
    const lon = stored[index] ?? 0
    if (lon <= previous) turns++
    previous = lon
    return lon + 360 * turns
  })
  const cell = ((unrolled.at(-1) ?? 0) - (unrolled[0] ?? 0)) / (unrolled.length - 1)
  const end = (unrolled[0] ?? 0) + 360 - PERIODIC_CELLS * cell
  const count = unrolled.findIndex((lon) => lon >= end)
  const kept = count < 0 ? unrolled : unrolled.slice(0, count)
  const gap = (kept[0] ?? 0) + 360 - (kept.at(-1) ?? 0)
  const isPeriodic = Math.abs(gap - cell) <= PERIODIC_CELLS * cell
  const axis = isPeriodic ? fromDateLine(kept, order) : aroundGreenwich(kept, order)
  return isRising(axis.values) ? { ...axis, isPeriodic } : undefined
}

/** A whole circle begins at its first column from -180 on. */
function fromDateLine(lons: readonly number[], order: readonly number[]): Omit<Axis, 'isPeriodic'> {
  const wrapped = lons.map((lon) => lon - 360 * Math.floor((lon + 180) / 360))
  const ranked = wrapped.map((_, index) => index)
  ranked.sort((a, b) => (wrapped[a] ?? 0) - (wrapped[b] ?? 0))
  return {
    values: Float64Array.from(ranked, (index) => wrapped[index] ?? 0),
    order: ranked.map((index) => order[index] ?? 0)
  }
}

/** A part of the circle is shifted by whole turns so that its middle lies in [-180, 180). */
function aroundGreenwich(
  lons: readonly number[],
  order: readonly number[]
): Omit<Axis, 'isPeriodic'> {
  const middle = ((lons[0] ?? 0) + (lons.at(-1) ?? 0)) / 2
  const shift = 360 * Math.floor((middle + 180) / 360)
  return {
    values: Float64Array.from(lons, (lon) => lon - shift),
    order: order.slice(0, lons.length)
  }
}

/** Do both have the same nodes, but for rounding? */
export function isSameGrid(a: Grid, b: Grid): boolean {
  if (isNodeGrid(a) && isNodeGrid(b)) return isSamePlaces(a, b)
  if (isNodeGrid(a) || isNodeGrid(b)) return false
  return isSameAxis(a.longitudes, b.longitudes) && isSameAxis(a.latitudes, b.latitudes)
}

function isSamePlaces(a: NodeGrid, b: NodeGrid): boolean {
  if (columnsOf(a) !== columnsOf(b) || a.lonLats.length !== b.lonLats.length) return false
  const cell = Math.abs((a.lonLats[1] ?? 0) - (a.lonLats[2 * columnsOf(a) + 1] ?? 0))
  const limit = SAME_AXIS_CELLS * Math.max(cell, SAME_DEGREES)
  return a.lonLats.every((value, index) => {
    const apart = Math.abs(value - (b.lonLats[index] ?? 0))
    return !(apart > limit) || Math.abs(apart - 360) <= limit
  })
}

/** Least cell that two node grids are compared by: 10 m. */
const SAME_DEGREES = 1e-4

/** Corners of the box of a grid's nodes, in degrees; longitudes may exceed 180. */
export interface Box {
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
}

export function boxOf(
  places: Pick<AxisGrid, 'longitudes' | 'latitudes'> | Pick<NodeGrid, 'lonLats'>
): Box {
  if (!('lonLats' in places)) {
    const { longitudes, latitudes } = places
    return {
      ...{ west: longitudes[0] ?? 0, east: longitudes.at(-1) ?? 0 },
      ...{ south: latitudes[0] ?? 0, north: latitudes.at(-1) ?? 0 }
    }
  }
  const [lons, lats] = [0, 1].map((part) =>
    places.lonLats.filter((value, i) => i % 2 === part && Math.abs(value) <= 1080).sort()
  )
  return { ...arcOf(lons ?? Float64Array.of()), south: lats?.[0] ?? 0, north: lats?.at(-1) ?? 0 }
}

/** The shortest arc that holds all longitudes (sorted): what is left beside the widest gap. */
export function arcOf(sorted: Float64Array): { west: number; east: number } {
  const first = sorted[0] ?? 0
  const last = sorted.at(-1) ?? 0
  let widest = first + 360 - last
  let arc = { west: first, east: last }
  for (let index = 1; index < sorted.length; index++) {
    const [before, after] = [sorted[index - 1] ?? 0, sorted[index] ?? 0]
    if (after - before <= widest) continue
    widest = after - before
    arc = { west: after, east: before + 360 }
  }
  return arc
}

function isSameAxis(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false
  const cell = ((a.at(-1) ?? 0) - (a[0] ?? 0)) / (a.length - 1)
  return a.every((value, index) => Math.abs(value - (b[index] ?? 0)) <= SAME_AXIS_CELLS * cell)
}

/** About how wide cells are, in degrees of latitude: for choices between grids, not for content. */
export function cellDegrees(grid: Grid): number {
  if (!isNodeGrid(grid)) {
    const steps = grid.latitudes.slice(1).map((lat, index) => lat - (grid.latitudes[index] ?? 0))
    return Math.min(...steps)
  }
  const columns = columnsOf(grid)
  const middle = Math.floor(rowsOf(grid) / 2) * columns + Math.floor(columns / 2)
  const part = (node: number, which: number): number => grid.lonLats[2 * node + which] ?? 0
  const lat = part(middle, 1)
  const shrink = 1 - Math.abs(lat) / 90
  const east = Math.abs(part(middle - 1, 0) - part(middle, 0))
  const dx = Math.min(east, 360 - east) * shrink
  const dy = part(middle - 1, 1) - lat
  return Math.sqrt(dx * dx + dy * dy)
}

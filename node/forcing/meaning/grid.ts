/**
 * A rectangular grid in the order that forcing content has: columns eastward, rows northward.
 * Longitudes of any convention (0..360, -180..180, beyond, across the date line) come out the
 * same, so that the same ocean on either has the same bytes.
 */

export interface Grid {
  /** Ascending. */
  readonly longitudes: Float64Array
  readonly latitudes: Float64Array
  readonly isPeriodic: boolean
  /** Stored index of each column and row. */
  readonly columnOrder: readonly number[]
  readonly rowOrder: readonly number[]
}

/** Axes of two files are one axis when they differ by less than this share of a cell. */
const SAME_AXIS_CELLS = 0.01
/** A grid closes around the globe when the gap misses a cell by less than this share of it. */
const PERIODIC_CELLS = 0.1

/** The grid of stored axes, or a sentence that says what is wrong with them. */
export function makeGrid(x: Float64Array, y: Float64Array, isFlat: boolean): Grid | string {
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
export const isSameGrid = (a: Grid, b: Grid): boolean =>
  isSameAxis(a.longitudes, b.longitudes) && isSameAxis(a.latitudes, b.latitudes)

function isSameAxis(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false
  const cell = ((a.at(-1) ?? 0) - (a[0] ?? 0)) / (a.length - 1)
  return a.every((value, index) => Math.abs(value - (b[index] ?? 0)) <= SAME_AXIS_CELLS * cell)
}

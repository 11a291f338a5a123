/**
 * Fields on another grid, mostly wind and Stokes drift on the current's. Between axes it is
 * bilinear in those of the source, around the globe where they close; anything else is remap.ts.
 * Missing corners are left out and the others' weights rescaled, so a field is neither zeroed nor
 * turned near its own gaps. A node stands for its cell, so the field reaches half a cell beyond its
 * outermost nodes; farther out there is no value.
 */
import type { Metric } from '../../../kernel/kernel.ts'
import { type AxisGrid, type Grid, isNodeGrid } from '../meaning/grid.ts'
import type { Slice } from '../slice.ts'
import { makeRemap } from './remap.ts'

/** A grid and what vectors on it are along. */
export interface FieldGrid {
  readonly grid: Grid
  readonly isAlongGrid: boolean
}

/** A way from one grid to another. */
export interface Regrid {
  /** Does the source reach this node of the target? */
  isCovered(node: number): boolean
  /** Vectors on the target; NaN where the source has none. */
  vectors(slice: Slice): Slice
  scalars(values: Float32Array): Float32Array
}

/**
 * From a source to a target; vectors come out along the target: its own direction where its nodes
 * have places, else eastward and northward. `leastShare` serves grids of nodes (remap.ts).
 */
export function makeRegrid(from: FieldGrid, to: Grid, metric: Metric, leastShare = 0): Regrid {
  if (isNodeGrid(from.grid) || isNodeGrid(to)) {
    return makeRemap(from, { grid: to, isAlongGrid: isNodeGrid(to) }, metric, leastShare)
  }
  if (from.grid === to) return unchanged
  const map = makeBrackets(from.grid, to, metric === 'flat')
  const width = map.columns.length
  return {
    isCovered: (node) =>
      map.rows[Math.floor(node / width)] !== undefined && map.columns[node % width] !== undefined,
    vectors: ({ u, v }) => ({ u: regrid(map, u), v: regrid(map, v) }),
    scalars: (values) => regrid(map, values)
  }
}

interface Bracket {
  readonly low: number
  readonly high: number
  /** Share of `high`, 0 to 1. */
  readonly share: number
}

/** Where each row and column of the target lies between those of the source. */
const unchanged: Regrid = {
  isCovered: () => true,
  vectors: (slice) => slice,
  scalars: (values) => values
}

interface Brackets {
  readonly rows: readonly (Bracket | undefined)[]
  readonly columns: readonly (Bracket | undefined)[]
  readonly sourceColumns: number
}

function makeBrackets(from: AxisGrid, to: AxisGrid, isFlat: boolean): Brackets {
  const turns = isFlat ? [0] : [0, 1, -1, 2, -2]
  return {
    rows: Array.from(to.latitudes, (lat) => bracket(from.latitudes, lat, false)),
    columns: Array.from(to.longitudes, (lon) => {
      for (const turn of turns) {
        const found = bracket(from.longitudes, lon + 360 * turn, from.isPeriodic)
        if (found !== undefined) return found
      }
      return undefined
    }),
    sourceColumns: from.longitudes.length
  }
}

export function bracket(
  axis: Float64Array,
  value: number,
  isPeriodic: boolean
): Bracket | undefined {
  const last = axis.length - 1
  const at = (index: number): number => axis[index] ?? 0
  if (value < at(0)) {
    const isNear = !isPeriodic && at(0) - value <= (at(1) - at(0)) / 2
    return isNear ? { low: 0, high: 0, share: 0 } : undefined
  }
  if (value >= at(last)) {
    const gap = isPeriodic ? at(0) + 360 - at(last) : (at(last) - at(last - 1)) / 2
    const beyond = value - at(last)
    if (isPeriodic && beyond < gap) return { low: last, high: 0, share: beyond / gap }
    return beyond <= gap && !isPeriodic ? { low: last, high: last, share: 0 } : undefined
  }
  let low = 0
  let high = last
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (at(middle) <= value) low = middle
    else high = middle
  }
  return { low, high, share: (value - at(low)) / (at(high) - at(low)) }
}

/** Values on the target grid; NaN where no corner of the source has one. */
function regrid({ rows, columns, sourceColumns }: Brackets, values: Float32Array): Float32Array {
  const out = new Float32Array(rows.length * columns.length)
  let node = 0
  for (const row of rows) {
    for (const column of columns) {
      out[node++] =
        row === undefined || column === undefined
          ? Number.NaN
          : bilinear(values, row, column, sourceColumns)
    }
  }
  return out
}

function bilinear(values: Float32Array, row: Bracket, column: Bracket, width: number): number {
  let sum = 0
  let weights = 0
  for (let corner = 0; corner < 4; corner++) {
    const isHigh = corner >= 2
    const isEast = corner % 2 === 1
    const weight = (isHigh ? row.share : 1 - row.share) * (isEast ? column.share : 1 - column.share)
    const value =
      values[(isHigh ? row.high : row.low) * width + (isEast ? column.high : column.low)]
    if (weight === 0 || value === undefined || Number.isNaN(value)) continue
    sum += weight * value
    weights += weight
  }
  return weights === 0 ? Number.NaN : sum / weights
}

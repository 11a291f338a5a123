/**
 * The metric of a forecast's nodes while it is needed: four numbers per node are 150 MB of a global
 * grid. On axes two of them are 0 and one, with even longitudes both, the same along a row.
 */
import type { Kernel, Metric } from '../../../kernel/kernel.ts'

/** Cells per metre, four f32 per node: [x per u, x per v, y per u, y per v]. */
export interface NodeMetric {
  at(node: number, part: number): number
  /** Square of the length in metres of an offset in cells; in cells where there is no metric. */
  length2(node: number, dx: number, dy: number): number
  /** All four of the nodes of whole rows. */
  rows(first: number, count: number): Float32Array
}

/** By the inverse of [a b; c d], the cells per metre. */
function offset2(
  [a, b, c, d]: readonly [a: number, b: number, c: number, d: number],
  dx: number,
  dy: number
): number {
  const determinant = a * d - b * c
  if (determinant === 0) return dx * dx + dy * dy
  const east = (d * dx - b * dy) / determinant
  const north = (a * dy - c * dx) / determinant
  return east * east + north * north
}

/** Of nodes that have a metric each. */
export const fullMetric = (values: Float32Array, columns: number): NodeMetric => ({
  at: (node, part) => values[4 * node + part] ?? 0,
  length2: (node, dx, dy) => {
    const at = 4 * node
    const [a = 0, b = 0] = [values[at], values[at + 1]]
    const [c = 0, d = 0] = [values[at + 2], values[at + 3]]
    return offset2([a, b, c, d], dx, dy)
  },
  rows: (first, count) => values.subarray(4 * first * columns, 4 * (first + count) * columns)
})

/** Rows that the kernel makes at a time, so that its memory stays small. */
const BAND_ROWS = 64

/** Of nodes on axes; the kernel looks at the rows beside a row, so bands overlap by one. */
export function axisMetric(
  { nodeMetric }: Pick<Kernel, 'nodeMetric'>,
  longitudes: Float64Array,
  latitudes: Float64Array,
  metric: Metric
): NodeMetric {
  const columns = longitudes.length
  // Of even longitudes one number is true of a whole row.
  const across: Float32Array[] = []
  const north = new Float32Array(latitudes.length)
  for (let first = 0; first < latitudes.length; first += BAND_ROWS) {
    const from = Math.max(first - 1, 0)
    const last = Math.min(first + BAND_ROWS, latitudes.length)
    const band = nodeMetric(longitudes, latitudes.slice(from, last + 1), metric)
    for (let row = first; row < last; row++) {
      const at = 4 * (row - from) * columns
      north[row] = band[at + 3] ?? 0
      const values = Float32Array.from({ length: columns }, (_, x) => band[at + 4 * x] ?? 0)
      const isEven = values.every((value) => value === values[0])
      across.push(isEven ? values.slice(0, 1) : values)
    }
  }
  const acrossAt = (row: number, column: number): number => {
    const values = across[row] ?? north
    return values[values.length === 1 ? 0 : column] ?? 0
  }
  return {
    at: (node, part) => {
      if (part === 1 || part === 2) return 0
      const row = Math.floor(node / columns)
      return part === 3 ? (north[row] ?? 0) : acrossAt(row, node % columns)
    },
    length2: (node, dx, dy) => {
      const row = Math.floor(node / columns)
      const a = acrossAt(row, node - row * columns)
      const d = north[row] ?? 0
      const determinant = a * d
      if (determinant === 0) return dx * dx + dy * dy
      const x = (d * dx) / determinant
      const y = (a * dy) / determinant
      return x * x + y * y
    },
    rows: (first, count) => {
      const values = new Float32Array(4 * count * columns)
      for (let index = 0; index < count * columns; index++) {
        const row = first + Math.floor(index / columns)
        values[4 * index] = acrossAt(row, index % columns)
        values[4 * index + 3] = north[row] ?? 0
      }
      return values
    }
  }
}

/**
 * Surface currents in geostrophic balance with the sea level. Satellites see sea level, not
 * currents; with this a forecast runs on altimetry.
 *
 * Along a grid's own two directions a and b (b 90° to the left of a) the balance reads
 * u = −(g/f) ∂η/∂b, v = (g/f) ∂η/∂a with f = 2Ω sin φ (Pond and Pickard 1983, §8.4).
 * Towards the equator f vanishes; there the β-plane balance holds, u = −(g/β) ∂²η/∂y²,
 * v = (g/β) ∂²η/∂x∂y with β = 2Ω cos φ / R, and both are blended over the band (Lagerloef et al.
 * 1999, doi:10.1029/1999JC900197), here by a polynomial weight: 1 at the equator, 0 at its edge.
 * Differences are central, one-sided where a neighbour is missing, so the coast stays where the
 * sea level has it. Only + - * / and the kernel's directions are used (PHYSICS §1).
 */
import { MeshError } from '../mesh-error.ts'
import { geometry } from './grids/geometry.ts'
import { columnsOf, type Grid, isNodeGrid, rowsOf } from './meaning/grid.ts'
import type { Slice } from './slice.ts'

/** m/s² */
const GRAVITY = 9.81
/** rad/s */
const EARTH_ROTATION = 7.292_115e-5
const EARTH_RADIUS_METRES = 6_371_000
/** Half width of the band around the equator where the β-plane has a share. */
export const BAND_DEGREES = 5

/** From sea level in metres on a grid to currents along it. */
export function geostrophic(grid: Grid): (level: Float32Array) => Slice {
  const columns = columnsOf(grid)
  const rows = rowsOf(grid)
  const { metric, lats, sines, cosines } = nodesOf(grid)
  const wrap = (column: number): number =>
    grid.isPeriodic ? (column + columns) % columns : column < 0 || column >= columns ? -1 : column
  const at = (level: Float32Array, row: number, column: number): number => {
    const x = wrap(column)
    return row < 0 || row >= rows || x < 0 ? Number.NaN : (level[row * columns + x] ?? Number.NaN)
  }
  return (level) => {
    const out = { u: new Float32Array(level.length), v: new Float32Array(level.length) }
    for (let node = 0; node < level.length; node++) {
      const row = Math.floor(node / columns)
      const column = node % columns
      const near = (dy: number, dx: number): number => at(level, row + dy, column + dx)
      const share = equatorShare(lats[node] ?? 0)
      const [f, beta] = [
        2 * EARTH_ROTATION * (sines[node] ?? 0),
        (2 * EARTH_ROTATION * (cosines[node] ?? 0)) / EARTH_RADIUS_METRES
      ]
      const cells = metric.subarray(4 * node, 4 * node + 4)
      const away = share < 1 ? onPlane(near, cells, GRAVITY / f) : STILL
      const about = share > 0 ? onBetaPlane(near, cells, GRAVITY / beta) : STILL
      out.u[node] = (1 - share) * away[0] + share * about[0]
      out.v[node] = (1 - share) * away[1] + share * about[1]
    }
    return out
  }
}

type Near = (dy: number, dx: number) => number
type Vector = readonly [u: number, v: number]
const STILL: Vector = [0, 0]

/** Share of the β-plane: (1 − (φ/band)²)² inside the band. */
function equatorShare(lat: number): number {
  const part = 1 - (lat / BAND_DEGREES) * (lat / BAND_DEGREES)
  return part > 0 ? part * part : 0
}

/** `perF` is g/f; `cells` are cells per metre: x per a, x per b, y per a, y per b. */
function onPlane(near: Near, cells: Float32Array, perF: number): Vector {
  const x = slope(near(0, -1), near(0, 0), near(0, 1))
  const y = slope(near(-1, 0), near(0, 0), near(1, 0))
  const [xa = 0, xb = 0, ya = 0, yb = 0] = cells
  return [-perF * (x * xb + y * yb), perF * (x * xa + y * ya)]
}

/** Change per cell; not a number where the node or both neighbours are missing. */
function slope(before: number, here: number, after: number): number {
  if (Number.isNaN(here)) return Number.NaN
  if (Number.isNaN(before)) return after - here
  return Number.isNaN(after) ? here - before : (after - before) / 2
}

/** Only on longitudes and latitudes, whose rows are northward. */
function onBetaPlane(near: Near, cells: Float32Array, perBeta: number): Vector {
  const [east = 0, , , north = 0] = cells
  const bend = near(1, 0) - 2 * near(0, 0) + near(-1, 0)
  const twist = (near(1, 1) - near(1, -1) - near(-1, 1) + near(-1, -1)) / 4
  return [-perBeta * bend * north * north, perBeta * twist * east * north]
}

interface Nodes {
  readonly metric: Float32Array
  readonly lats: Float64Array
  readonly sines: Float64Array
  readonly cosines: Float64Array
}

function nodesOf(grid: Grid): Nodes {
  const count = columnsOf(grid) * rowsOf(grid)
  const columns = columnsOf(grid)
  const lats = isNodeGrid(grid)
    ? Float64Array.from({ length: count }, (_, node) => grid.lonLats[2 * node + 1] ?? Number.NaN)
    : Float64Array.from(
        { length: count },
        (_, node) => grid.latitudes[Math.floor(node / columns)] ?? Number.NaN
      )
  if (isNodeGrid(grid) && lats.some((lat) => Math.abs(lat) < BAND_DEGREES)) {
    const feature = `geostrophic balance within ${BAND_DEGREES} degrees of the equator`
    throw new MeshError(
      'forecast/unsupported',
      `${feature} is not supported on a ${grid.name} grid; use longitudes and latitudes`,
      { detail: { feature } }
    )
  }
  const pairs = Float64Array.from({ length: 2 * count }, (_, i) =>
    i % 2 ? (lats[i >> 1] ?? 0) : 0
  )
  const directions = geometry().directions(pairs)
  const part = (which: number): Float64Array =>
    Float64Array.from({ length: count }, (_, node) => directions[3 * node + which] ?? 0)
  return { metric: metricOf(grid), lats, sines: part(2), cosines: part(0) }
}

function metricOf(grid: Grid): Float32Array {
  if (!isNodeGrid(grid)) return geometry().nodeMetric(grid.longitudes, grid.latitudes, 'wgs84')
  const places = { lonLats: grid.lonLats, columns: columnsOf(grid), rows: rowsOf(grid) }
  return geometry().gridMetric(places, grid.isPeriodic, 'wgs84').metric
}

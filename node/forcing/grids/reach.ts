/**
 * How far north and south particles can come. Speeds are bounded degree by degree of latitude, so
 * that a fast current in the tropics does not carry anybody to a pole.
 */

import { letGo } from '../let-go.ts'
import { boxOf, cellDegrees, type Grid } from '../meaning/grid.ts'
import type { Series } from '../series.ts'
import { slicesOf, type Watch } from '../stages.ts'
import type { SliceWindow } from '../window.ts'
import { lonLatsOf } from './remap.ts'

/** What moves the particles of a forecast, and where they start. */
export interface Drift {
  /** Degrees. */
  readonly points: readonly (readonly [lon: number, lat: number])[]
  readonly radiusMetres: number
  /** Greatest windage of any class. */
  readonly windage: number
  readonly isWindRelative: boolean
  /** m²/s */
  readonly diffusivity: number
}

export interface Latitudes {
  readonly south: number
  readonly north: number
}

const BAND_COUNT = 180
/** The shortest degree of latitude, at the equator, rounded down. */
const DEGREE_METRES = 110_500
/** Standard deviations of a random walk that nobody goes beyond; the kernel checks. */
const DEVIATIONS = 10

const bandOf = (lat: number): number => Math.min(Math.max(Math.floor(lat + 90), 0), BAND_COUNT - 1)

/** Greatest speed (m/s) of a series in every degree of latitude, from the South Pole on. */
export async function bandSpeeds(
  series: Series,
  window: SliceWindow,
  watch: Watch
): Promise<Float64Array> {
  const places = lonLatsOf(series.grid)
  const bands = Uint8Array.from({ length: places.length / 2 }, (_, node) =>
    bandOf(places[2 * node + 1] ?? 0)
  )
  const squares = new Float64Array(BAND_COUNT)
  const phase = `looking for the reach of ${series.role}`
  for await (const { u, v } of slicesOf(series, window, watch, phase)) {
    for (let node = 0; node < u.length; node++) {
      const [east, north, band] = [u[node] ?? 0, v[node] ?? 0, bands[node] ?? 0]
      const square = east * east + north * north
      if (square > (squares[band] ?? 0)) squares[band] = square
    }
    letGo(u, v)
  }
  return widened(squares.map(Math.sqrt), series.grid)
}

/** Between nodes a field is that of its neighbours: every degree has those within a cell. */
function widened(speeds: Float64Array, grid: Grid): Float64Array {
  const reach = 1 + Math.ceil(cellDegrees(grid))
  return speeds.map((_, band) =>
    Math.max(...speeds.slice(Math.max(0, band - reach), band + reach + 1))
  )
}

/** Latitudes that particles can reach in a time, by the speeds of each degree. */
export function latitudesReached(
  { points, radiusMetres, windage, isWindRelative, diffusivity }: Drift,
  speeds: Readonly<Partial<Record<Series['role'], Float64Array>>>,
  seconds: number
): Latitudes {
  const spread = DEVIATIONS * Math.sqrt(2 * diffusivity * seconds)
  const around = (radiusMetres + spread) / DEGREE_METRES
  const lats = points.map(([, lat]) => lat)
  const at = (role: Series['role'], band: number): number => speeds[role]?.[band] ?? 0
  const speedIn = (band: number): number => {
    const wind = at('wind', band) + (isWindRelative ? at('current', band) : 0)
    return at('current', band) + at('stokes', band) + windage * wind
  }
  const least = lats.reduce((low, lat) => Math.min(low, lat), 90) - around
  const most = lats.reduce((high, lat) => Math.max(high, lat), -90) + around
  return { south: drifted(least, -1, speedIn, seconds), north: drifted(most, 1, speedIn, seconds) }
}

function drifted(
  from: number,
  side: 1 | -1,
  speedIn: (band: number) => number,
  seconds: number
): number {
  let lat = Math.min(Math.max(from, -90), 90)
  let left = seconds
  while (left > 0 && lat * side < 90) {
    const band = side === 1 ? bandOf(lat) : bandOf(-Math.floor(-lat) - 1)
    const edge = side === 1 ? band - 89 : band - 90
    const speed = speedIn(band)
    const needed = speed === 0 ? Infinity : (Math.abs(edge - lat) * DEGREE_METRES) / speed
    if (needed >= left) return lat + (side * left * speed) / DEGREE_METRES
    left -= needed
    lat = edge
  }
  return lat
}

/** Poleward of this cells of longitudes and latitudes grow thin and end at a pole (PHYSICS §2). */
export const POLEWARD_DEGREES = 80

/** Can a grid on longitudes and latitudes hold particles poleward of 80 degrees at all? */
export const isPoleward = (grid: Grid): boolean => {
  const { south, north } = boxOf(grid)
  return north > POLEWARD_DEGREES || south < -POLEWARD_DEGREES
}

/**
 * The drift of a particle in the tiny ocean by RK4 in f64 on its formulas: nothing of the kernel,
 * of forcing or of grids is in it, so agreement means that the whole way of the data is right.
 */
import { currentAt, SOUTH, WEST, windAt } from './tiny-forcing.ts'

/** WGS84. */
const EQUATOR_METRES = 6_378_137
const ECCENTRICITY_SQUARED = 0.006_694_379_990_141_3
const RADIANS = Math.PI / 180
const STEP_SECONDS = 60

type Position = readonly [lon: number, lat: number]

/** Metres of one degree of longitude and of latitude. */
export function metresPerDegree(lat: number): [number, number] {
  const sine = Math.sin(lat * RADIANS)
  const w = Math.sqrt(1 - ECCENTRICITY_SQUARED * sine * sine)
  const normal = EQUATOR_METRES / w
  const meridian = (EQUATOR_METRES * (1 - ECCENTRICITY_SQUARED)) / (w * w * w)
  return [normal * Math.cos(lat * RADIANS) * RADIANS, meridian * RADIANS]
}

/** Degrees per second. */
function velocity([lon, lat]: Position, seconds: number, windage: number): Position {
  const hour = seconds / 3600
  const [u, v] = currentAt(hour, lon - WEST - 0.5, lat - SOUTH - 0.5)
  const [windU, windV] = windAt(hour, 0, 0)
  const [x, y] = metresPerDegree(lat)
  return [(u + windage * windU) / x, (v + windage * windV) / y]
}

/** Where a particle is after some hours from the start of the tiny ocean. */
export function referenceDrift(start: Position, windage: number, hours: number): Position {
  let at = start
  const dt = STEP_SECONDS
  const moved = ([u, v]: Position, by: number): Position => [at[0] + u * by, at[1] + v * by]
  for (let seconds = 0; seconds < hours * 3600; seconds += dt) {
    const k1 = velocity(at, seconds, windage)
    const k2 = velocity(moved(k1, dt / 2), seconds + dt / 2, windage)
    const k3 = velocity(moved(k2, dt / 2), seconds + dt / 2, windage)
    const k4 = velocity(moved(k3, dt), seconds + dt, windage)
    const mean = (axis: 0 | 1): number => (k1[axis] + 2 * k2[axis] + 2 * k3[axis] + k4[axis]) / 6
    at = moved([mean(0), mean(1)], dt)
  }
  return at
}

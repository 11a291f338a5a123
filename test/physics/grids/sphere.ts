/** The sphere and its rotations, of which the truth is known. */
import { loadKernel } from '../../../kernel/kernel.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'

export const RADIANS = Math.PI / 180
/** The sphere of `metric: sphere1852`. */
export const RADIUS = (1852 * 60) / RADIANS
export const kernel = loadKernel(builtInKernel().bytes)

export type LonLat = readonly [lon: number, lat: number]
type Vector = readonly [number, number, number]

export const normal = ([lon, lat]: LonLat): Vector => [
  Math.cos(lat * RADIANS) * Math.cos(lon * RADIANS),
  Math.cos(lat * RADIANS) * Math.sin(lon * RADIANS),
  Math.sin(lat * RADIANS)
]
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0]
]

/** Metres between two places on the sphere. */
export function apart(a: LonLat, b: LonLat): number {
  const [p, q] = [normal(a), normal(b)]
  const chord = Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2])
  return 2 * RADIUS * Math.asin(chord / 2)
}

/** The sphere turning around an axis, in radians per second. */
export interface Rotation {
  readonly axis: LonLat
  readonly rate: number
}

/** Eastward and northward m/s of a rotation. */
export function flowAt({ axis, rate }: Rotation, [lon, lat]: LonLat): readonly [number, number] {
  const velocity = cross(normal(axis), normal([lon, lat]))
  const east: Vector = [-Math.sin(lon * RADIANS), Math.cos(lon * RADIANS), 0]
  const north = cross(normal([lon, lat]), east)
  return [RADIUS * rate * dot(velocity, east), RADIUS * rate * dot(velocity, north)]
}

/** Where a place is after some seconds (Rodrigues' formula). */
export function turned({ axis, rate }: Rotation, from: LonLat, seconds: number): LonLat {
  const [k, p] = [normal(axis), normal(from)]
  const [c, s] = [Math.cos(rate * seconds), Math.sin(rate * seconds)]
  const kp = cross(k, p)
  const along = dot(k, p) * (1 - c)
  const [x, y, z] = [0, 1, 2].map((i) => (p[i] ?? 0) * c + (kp[i] ?? 0) * s + (k[i] ?? 0) * along)
  return [Math.atan2(y ?? 0, x ?? 0) / RADIANS, Math.asin(z ?? 0) / RADIANS]
}

/** The cosine of a latitude by the kernel's own functions, here for the shape of a picture. */
import { geometry } from '../grids/geometry.ts'

/** Poles have no width; a picture still needs some. */
const COSINE_MIN = 0.1

export function cosineOf(latitudeDegrees: number): number {
  const [x = 1, y = 0] = geometry().directions(Float64Array.of(0, latitudeDegrees))
  return Math.max(COSINE_MIN, Math.sqrt(x * x + y * y))
}

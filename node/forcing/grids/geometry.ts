/**
 * The geometry that files are understood with: the built-in kernel's own functions, because what
 * is read here ends in CIDs and the host's functions differ between engines (PHYSICS §1).
 */
import { type Kernel, loadKernel } from '../../../kernel/kernel.ts'
import { builtInKernel } from '../../worker/kernel-file.ts'

let loaded: Kernel | undefined

/** The cosine of a latitude: the distance of its circle from the axis. */
export function cosineOf(latitudeDegrees: number): number {
  const [x = 1, y = 0] = geometry().directions(Float64Array.of(0, latitudeDegrees))
  return Math.sqrt(x * x + y * y)
}

export function geometry(): Kernel {
  loaded ??= loadKernel(builtInKernel().bytes)
  return loaded
}

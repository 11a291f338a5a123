/**
 * Memory of large arrays given back at once by whoever is done with them. The collector frees them
 * too, but late: slices come and go faster than it looks, and several more than are in use would be
 * in memory.
 */

/** Smaller arrays may share a pool, and are not worth it. */
const LEAST_BYTES = 64 * 1024

/** Gives up arrays that have their buffers for themselves; they are empty afterwards. */
export function letGo(...arrays: readonly ArrayBufferView[]): void {
  for (const { buffer, byteLength } of arrays) {
    const isWhole = buffer.byteLength === byteLength && byteLength >= LEAST_BYTES
    if (isWhole && buffer instanceof ArrayBuffer) buffer.transfer(0)
  }
}

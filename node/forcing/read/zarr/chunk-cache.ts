/**
 * Chunks that were unpacked last: slices that are asked one after the other often lie in the same
 * ones.
 */
import type { DataType, Array as ZarrArray } from 'zarrita'

/** Both components of a field of a global grid at 1/12°, in chunks of one time each. */
const CACHE_BYTES_MAX = 96 * 1024 * 1024

interface Chunk {
  readonly data: ArrayLike<number | bigint | boolean>
  readonly stride: readonly number[]
  readonly bytes: number
}

export class ChunkCache {
  readonly #chunks = new Map<string, Chunk>()
  #bytes = 0

  /** @throws Error when the chunk is not as long as its shape says */
  async get(
    array: ZarrArray<DataType>,
    coordinates: readonly number[],
    signal: AbortSignal | undefined
  ): Promise<Chunk> {
    const key = `${array.path} ${coordinates.join()}`
    const known = this.#chunks.get(key)
    if (known !== undefined) {
      this.#chunks.delete(key)
      this.#chunks.set(key, known)
      return known
    }
    const { data, stride } = await array.getChunk([...coordinates], signal ? { signal } : {})
    const values = numbersOf(data)
    const expected = array.chunks.reduce((product, count) => product * count, 1)
    if (values.length !== expected) throw new Error(`a chunk of ${values.length} values`)
    const chunk = { data: values, stride, bytes: values.length * 8 }
    this.#keep(key, chunk)
    return chunk
  }

  clear(): void {
    this.#chunks.clear()
    this.#bytes = 0
  }

  #keep(key: string, chunk: Chunk): void {
    this.#chunks.set(key, chunk)
    this.#bytes += chunk.bytes
    for (const [oldest, { bytes }] of this.#chunks) {
      if (this.#bytes <= CACHE_BYTES_MAX || oldest === key) break
      this.#chunks.delete(oldest)
      this.#bytes -= bytes
    }
  }
}

function numbersOf(data: unknown): ArrayLike<number | bigint | boolean> {
  if (ArrayBuffer.isView(data)) return data as unknown as ArrayLike<number | bigint>
  const isFlags = typeof data === 'object' && data !== null && Symbol.iterator in data
  if (!isFlags) throw new Error('its values are not numbers')
  return Array.from(data as Iterable<boolean>)
}

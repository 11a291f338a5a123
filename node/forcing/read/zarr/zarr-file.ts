/**
 * Zarr stores, versions 2 and 3, through zarrita: boxes are put together from chunks, one at a
 * time, so that any store costs the memory of a box and a few chunks.
 */
import { type DataType, open, root, type Array as ZarrArray } from 'zarrita'
import { isMeshError } from '../../../mesh-error.ts'
import { type DataFile, type Range, type Stored, unreadable } from '../data-file.ts'
import { ChunkCache } from './chunk-cache.ts'
import { arraysOf, type StoredArray } from './zarr-metadata.ts'
import type { ZarrStore } from './zarr-store.ts'

/** @throws MeshError `forcing/unreadable`, `net/unreachable`, `net/block-missing` */
export async function openZarr(store: ZarrStore, signal?: AbortSignal): Promise<DataFile> {
  const arrays = named(await arraysOf(store, signal))
  const cache = new ChunkCache()
  const opened = new Map<string, Promise<ZarrArray<DataType>>>()
  const arrayOf = (name: string, stored: StoredArray): Promise<ZarrArray<DataType>> => {
    const array = opened.get(name) ?? openArray(store, stored)
    opened.set(name, array)
    return array
  }
  return {
    file: store.place,
    format: 'Zarr',
    variables: new Map([...arrays].map(([name, { variable }]) => [name, variable])),
    read: async (name, ranges, readSignal) => {
      const stored = arrays.get(name)
      if (stored === undefined) throw new Error(`no variable ${name} in ${store.place}`)
      if (stored.obstacle !== undefined) {
        const what = `${name} has ${stored.obstacle}`
        throw unreadable(store.place, what, 'rewrite it with zstd, blosc, gzip or none')
      }
      try {
        return await readBox(await arrayOf(name, stored), ranges, cache, readSignal)
      } catch (cause) {
        if (isMeshError(cause) || readSignal?.aborted) throw cause
        const what = `has unreadable data in ${name} (${innermost(cause)})`
        throw unreadable(store.place, what, 'fetch it again', cause)
      }
    },
    close: async () => cache.clear()
  }
}

const innermost = (error: unknown): string => {
  if (error instanceof Error && error.cause !== undefined) return innermost(error.cause)
  const message = error instanceof Error ? error.message : String(error)
  return (message.split('\n')[0] ?? '').slice(0, 200)
}

/** A name that only one group uses stands alone; else the group tells which is meant. */
function named(arrays: readonly StoredArray[]): Map<string, StoredArray> {
  const uses = new Map<string, number>()
  for (const { variable } of arrays) uses.set(variable.name, (uses.get(variable.name) ?? 0) + 1)
  return new Map(
    arrays.map((array) => {
      const isAlone = uses.get(array.variable.name) === 1
      const name = isAlone ? array.variable.name : array.path.replace(/^\//, '')
      return [name, { ...array, variable: { ...array.variable, name } }]
    })
  )
}

/** The array as zarrita knows it; its metadata is what was checked, its chunks are the store's. */
async function openArray(
  store: ZarrStore,
  { path, version, documents }: StoredArray
): Promise<ZarrArray<DataType>> {
  const known = new Map<string, Uint8Array>()
  for (const [key, document] of documents) {
    known.set(key, new TextEncoder().encode(JSON.stringify(document)))
  }
  const location = root({
    get: async (key: `/${string}`, options?: { signal?: AbortSignal }) =>
      known.get(key) ?? (await store.get(key, options)),
    getRange: store.getRange
  }).resolve(path.split('/').map(encodeURIComponent).join('/'))
  return version === 2
    ? await open.v2(location, { kind: 'array' })
    : await open.v3(location, { kind: 'array' })
}

async function readBox(
  array: ZarrArray<DataType>,
  ranges: readonly Range[],
  cache: ChunkCache,
  signal: AbortSignal | undefined
): Promise<Stored> {
  const Numbers = array.dtype === 'float32' ? Float32Array : Float64Array
  const out = new Numbers(ranges.reduce((product, [, count]) => product * count, 1))
  if (out.length === 0) return out
  const chunkShape = array.chunks
  const spans = ranges.map(([first, count], dimension): Range => {
    const size = chunkShape[dimension] ?? 1
    const from = Math.floor(first / size)
    return [from, Math.floor((first + count - 1) / size) - from + 1]
  })
  const chunkCount = spans.reduce((product, [, count]) => product * count, 1)
  for (let index = 0; index < chunkCount; index++) {
    signal?.throwIfAborted()
    const coordinates = coordinatesOf(index, spans)
    const chunk = await cache.get(array, coordinates, signal)
    copyChunk(chunk, coordinates, chunkShape, ranges, out)
  }
  return out
}

function coordinatesOf(index: number, spans: readonly Range[]): number[] {
  const coordinates: number[] = []
  let rest = index
  for (let dimension = spans.length - 1; dimension >= 0; dimension--) {
    const [from, count] = spans[dimension] ?? [0, 1]
    coordinates[dimension] = from + (rest % count)
    rest = Math.floor(rest / count)
  }
  return coordinates
}

type Chunk = Awaited<ReturnType<ChunkCache['get']>>

/** Copies what a chunk has of the box, run by run along the last dimension. */
function copyChunk(
  { data, stride }: Chunk,
  coordinates: readonly number[],
  chunkShape: readonly number[],
  ranges: readonly Range[],
  out: Stored
): void {
  // Per dimension: first index within the chunk, first within the box, and how many.
  const parts = ranges.map(([first, count], dimension) => {
    const size = chunkShape[dimension] ?? 1
    const start = (coordinates[dimension] ?? 0) * size
    const from = Math.max(first, start)
    return {
      within: from - start,
      at: from - first,
      count: Math.min(first + count, start + size) - from
    }
  })
  const visit = (dimension: number, source: number, target: number): void => {
    const part = parts[dimension]
    if (part === undefined) {
      out[target] = Number(data[source])
      return
    }
    const step = stride[dimension] ?? 1
    const from = source + part.within * step
    const base = target * (ranges[dimension]?.[1] ?? 1) + part.at
    if (dimension === parts.length - 1) {
      for (let i = 0; i < part.count; i++) out[base + i] = Number(data[from + i * step])
    } else {
      for (let i = 0; i < part.count; i++) visit(dimension + 1, from + i * step, base + i)
    }
  }
  visit(0, 0, 0)
}

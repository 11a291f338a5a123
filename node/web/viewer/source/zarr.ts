/**
 * Reads Zarr v2 stores as our forecasts write them: consolidated, little-endian, C order, gzip or
 * nothing. A chunk is fetched once and kept while memory allows.
 */

/** Decoded chunks kept: enough for a day of a large grid, small beside a browser tab. */
const KEPT_BYTES_MAX = 160 * 1024 * 1024

type Values = Float32Array | Float64Array | Uint32Array | Int32Array | BigInt64Array | Uint8Array

export interface ZarrArray {
  readonly name: string
  readonly shape: readonly number[]
  readonly chunks: readonly number[]
  readonly dtype: string
  readonly dimensions: readonly string[]
  readonly attributes: Readonly<Record<string, unknown>>
  readonly isGzip: boolean
  readonly separator: string
}

export interface ZarrStore {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly arrays: ReadonlyMap<string, ZarrArray>
  /** One chunk, whole, C order; padded at far edges. */
  chunk(array: ZarrArray, at: readonly number[]): Promise<Values>
}

/** `fetch` of a file below the store; undefined when it is not there. */
export type ReadFile = (path: string) => Promise<Uint8Array<ArrayBuffer> | undefined>

function valuesOf(dtype: string, buffer: ArrayBuffer): Values {
  switch (dtype) {
    case '<f4':
      return new Float32Array(buffer)
    case '<f8':
      return new Float64Array(buffer)
    case '<u4':
      return new Uint32Array(buffer)
    case '<i4':
      return new Int32Array(buffer)
    case '<i8':
      return new BigInt64Array(buffer)
    default:
      return dtype.startsWith('<U') ? new Uint32Array(buffer) : new Uint8Array(buffer)
  }
}

export const unzipped = async (bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> => {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return await new Response(stream).arrayBuffer()
}

type Metadata = Readonly<Record<string, Record<string, unknown>>>

function arrayOf(name: string, metadata: Metadata): ZarrArray {
  const { shape, chunks, dtype, compressor, dimension_separator } =
    metadata[`${name}/.zarray`] ?? {}
  const { _ARRAY_DIMENSIONS, ...attributes } = metadata[`${name}/.zattrs`] ?? {}
  return {
    name,
    shape: shape as number[],
    chunks: chunks as number[],
    dtype: dtype as string,
    dimensions: (_ARRAY_DIMENSIONS ?? []) as string[],
    attributes,
    isGzip: compressor !== null,
    separator: (dimension_separator as string | undefined) ?? '.'
  }
}

/** @returns undefined when there is no such store */
export async function openStore(path: string, read: ReadFile): Promise<ZarrStore | undefined> {
  const bytes = await read(`${path}/.zmetadata`)
  if (bytes === undefined) return
  const { metadata } = JSON.parse(new TextDecoder().decode(bytes)) as { metadata: Metadata }
  const names = Object.keys(metadata).flatMap((key) => /^(.+)\/\.zarray$/.exec(key)?.[1] ?? [])
  const arrays = new Map(names.map((name) => [name, arrayOf(name, metadata)]))
  const kept = new Map<string, Promise<Values>>()
  let keptBytes = 0
  const load = async (array: ZarrArray, key: string): Promise<Values> => {
    const stored = await read(`${path}/${key}`)
    if (stored === undefined) throw new Error(`${path}/${key} is missing`)
    const buffer = array.isGzip ? await unzipped(stored) : stored.buffer
    keptBytes += buffer.byteLength
    for (const [oldest, values] of kept) {
      if (keptBytes <= KEPT_BYTES_MAX || oldest === key) break
      kept.delete(oldest)
      void values.then(({ byteLength }) => {
        keptBytes -= byteLength
      })
    }
    return valuesOf(array.dtype, buffer)
  }
  return {
    attributes: metadata['.zattrs'] ?? {},
    arrays,
    chunk: (array, at) => {
      const key = `${array.name}/${at.join(array.separator)}`
      const known = kept.get(key)
      if (known !== undefined) {
        kept.delete(key)
        kept.set(key, known)
        return known
      }
      const loading = load(array, key)
      kept.set(key, loading)
      loading.catch(() => kept.delete(key))
      return loading
    }
  }
}

/** A one-dimensional array whole: numbers, or words of `<U`. */
export async function vectorOf(
  store: ZarrStore,
  name: string
): Promise<(number | string)[] | undefined> {
  const array = store.arrays.get(name)
  if (array?.shape.length !== 1) return
  const [length = 0] = array.shape
  const [chunk = 1] = array.chunks
  const words = /^<U(\d+)$/.exec(array.dtype)?.[1]
  const width = Number(words ?? 1)
  const values: (number | string)[] = []
  for (let index = 0; index * chunk < length; index += 1) {
    const part = await store.chunk(array, [index])
    for (let at = 0; at < part.length / width && values.length < length; at += 1) {
      const points = Array.from(part.subarray(at * width, (at + 1) * width), Number)
      if (words === undefined) values.push(points[0] ?? Number.NaN)
      else values.push(String.fromCodePoint(...points).replace(/\0+$/, ''))
    }
  }
  return values
}

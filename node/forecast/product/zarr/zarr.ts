/**
 * Writes Zarr v2 stores as files: consolidated, C order, little-endian, chunk keys nested by `/` so
 * that no folder holds more entries than its dimension has chunks. Compression is fflate's gzip at
 * one fixed level without a time stamp: the same bytes on every engine. Ours because no library
 * writes Zarr deterministically (DESIGN §8).
 */
import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { gzipSync } from 'fflate'
import { BLOCK_BYTES_MAX } from '../../../../protocol/limits.ts'
import { asciiJson } from '../folder/canonical-json.ts'

/** Zlib's own default: level 9 saves 2 % of a count chunk for three times the time. */
const GZIP_LEVEL = 6
/** Raw bytes of a chunk: even incompressible ones then stay below one block. */
export const CHUNK_BYTES_MAX = 1_000_000
/** Entries of one directory (DESIGN §6); its own .zarray and .zattrs come on top. */
export const DIRECTORY_CHUNKS_MAX = 998

/** Kept uniform chunks: a kilobyte each. */
const UNIFORM_CHUNKS_MAX = 64

export interface FolderFile {
  readonly path: string
  readonly bytes: Uint8Array
  /** Of a chunk: SHA-256 of its values before compression. */
  readonly valuesSha256?: Uint8Array
}

export interface ZarrArray {
  readonly name: string
  readonly dtype: '<f8' | '<f4' | '<i8' | '<i4' | '<u4' | '|u1' | `<U${number}`
  readonly shape: readonly number[]
  readonly chunks: readonly number[]
  readonly dimensions: readonly string[]
  /** `NaN` is missing data to xarray. Integers have none: 0 is a count, not a hole. */
  readonly fill: 'NaN' | null
  readonly attributes: Readonly<Record<string, unknown>>
}

const arrayMetadata = (array: ZarrArray) => ({
  zarr_format: 2,
  shape: array.shape,
  chunks: array.chunks,
  dtype: array.dtype,
  compressor: { id: 'gzip', level: GZIP_LEVEL },
  fill_value: array.fill,
  filters: null,
  order: 'C',
  dimension_separator: '/'
})

const arrayAttributes = (array: ZarrArray) => ({
  ...array.attributes,
  _ARRAY_DIMENSIONS: array.dimensions
})

/** Every metadata file of a store, `.zmetadata` included. */
export function storeMetadata(
  store: string,
  attributes: Readonly<Record<string, unknown>>,
  arrays: readonly ZarrArray[]
): FolderFile[] {
  const metadata: Record<string, unknown> = {
    '.zgroup': { zarr_format: 2 },
    '.zattrs': attributes
  }
  for (const array of arrays) {
    metadata[`${array.name}/.zarray`] = arrayMetadata(array)
    metadata[`${array.name}/.zattrs`] = arrayAttributes(array)
  }
  const files = Object.entries({
    ...metadata,
    '.zmetadata': { zarr_consolidated_format: 1, metadata }
  })
  return files.map(([path, value]) => ({ path: `${store}/${path}`, bytes: asciiJson(value) }))
}

/** One chunk, whole (padded at the far edges), at its place in the chunk grid. */
export function chunkFile(
  store: string,
  array: ZarrArray,
  at: readonly number[],
  data: Uint8Array
): FolderFile {
  assert.equal(at.length, array.shape.length, array.name)
  const bytes = gzipSync(data, { level: GZIP_LEVEL, mtime: 0 })
  assert.ok(bytes.length <= BLOCK_BYTES_MAX, `chunk of ${array.name} is larger than a block`)
  const valuesSha256 = createHash('sha256').update(data).digest()
  return { path: `${store}/${array.name}/${at.join('/')}`, bytes, valuesSha256 }
}

/**
 * Compressed chunks of one value each: most of the sea is empty and most members agree on it, and
 * compressing a megabyte of the same word takes as long as any other.
 */
export class UniformChunks {
  readonly #known = new Map<string, FolderFile>()

  /** As {@link chunkFile}, of values of four bytes. */
  file(store: string, array: ZarrArray, at: readonly number[], data: Uint8Array): FolderFile {
    const words = new Uint32Array(data.buffer, data.byteOffset, data.length / 4)
    const [first = 0] = words
    if (!words.every((word) => word === first)) return chunkFile(store, array, at, data)
    const key = `${first}/${data.length}`
    const file = this.#known.get(key) ?? chunkFile(store, array, at, data)
    // Shares of missing results come and go with time; the common values come first.
    if (this.#known.size < UNIFORM_CHUNKS_MAX) this.#known.set(key, file)
    return { ...file, path: `${store}/${array.name}/${at.join('/')}` }
  }
}

/** The bytes of typed values; chunks are little-endian like every machine Node runs on. */
export function valueBytes(values: Exclude<NodeJS.TypedArray, Uint8ClampedArray>): Uint8Array {
  assert.equal(new Uint8Array(Uint16Array.of(1).buffer)[0], 1, 'the host must be little-endian')
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

/** A one-dimensional array with all its chunks. */
export interface Vector {
  readonly array: ZarrArray
  readonly bytes: Uint8Array
}

type VectorDescription = Pick<ZarrArray, 'name' | 'dtype' | 'attributes'> & {
  readonly dimension: string
}

/** A vector of values; `valueLength` bytes each. */
export function vector(description: VectorDescription, bytes: Uint8Array, length: number): Vector {
  const { name, dtype, attributes, dimension } = description
  const valueLength = bytes.length / length
  const chunk = Math.min(length, Math.floor(CHUNK_BYTES_MAX / valueLength))
  const array: ZarrArray = {
    name,
    dtype,
    shape: [length],
    chunks: [chunk],
    dimensions: [dimension],
    fill: null,
    attributes
  }
  return { array, bytes }
}

/** A vector of words as fixed-length UCS-4, the one text form every Zarr v2 reader knows. */
export function textVector(
  description: Omit<VectorDescription, 'dtype'>,
  words: readonly string[]
): Vector {
  const points = words.map((word) => Array.from(word, (letter) => letter.codePointAt(0) ?? 0))
  const width = points.reduce((most, word) => Math.max(most, word.length), 1)
  const values = new Uint32Array(words.length * width)
  for (const [index, word] of points.entries()) values.set(word, index * width)
  return vector({ ...description, dtype: `<U${width}` }, valueBytes(values), words.length)
}

/** The chunks of a vector. */
export function vectorFiles(store: string, { array, bytes }: Vector): FolderFile[] {
  const [length = 0] = array.shape
  const [chunk = 1] = array.chunks
  const chunkBytes = (bytes.length / length) * chunk
  const files: FolderFile[] = []
  for (let index = 0; index * chunk < length; index += 1) {
    const padded = new Uint8Array(chunkBytes)
    padded.set(bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes))
    files.push(chunkFile(store, array, [index], padded))
  }
  return files
}

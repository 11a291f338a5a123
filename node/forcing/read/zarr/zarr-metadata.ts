/**
 * What a Zarr store says about its arrays, versions 2 and 3: from consolidated metadata or from a
 * listing, checked field by field, because anybody may have written it.
 */
import { isMeshError } from '../../../mesh-error.ts'
import { type DataVariable, type StoredType, unreadable } from '../data-file.ts'
import { ATTRIBUTE_BYTES_MAX, CHUNK_BYTES_MAX, RANK_MAX, VARIABLES_MAX } from '../limits.ts'
import { fillNumber } from './fill-number.ts'
import { isKnownCodec } from './zarr-codecs.ts'
import { readJson, type ZarrStore } from './zarr-store.ts'

type Json = Readonly<Record<string, unknown>>

/** An array of the store, and its metadata as zarrita wants it. */
export interface StoredArray {
  readonly path: string
  readonly version: 2 | 3
  readonly variable: DataVariable
  /** Metadata objects by key. */
  readonly documents: ReadonlyMap<string, Json>
  /** Why its values cannot be read. */
  readonly obstacle?: string
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws MeshError `forcing/unreadable` */
export async function arraysOf(store: ZarrStore, signal?: AbortSignal): Promise<StoredArray[]> {
  try {
    const documents = await documentsOf(store, signal)
    const arrays: StoredArray[] = []
    for (const [key, document] of documents) {
      if (key.endsWith('/.zarray')) arrays.push(versionTwo(key, document, documents))
      if (key.endsWith('/zarr.json') && document.node_type === 'array') {
        arrays.push(versionThree(key, document))
      }
      if (arrays.length > VARIABLES_MAX) throw new SyntaxError(`over ${VARIABLES_MAX} arrays`)
    }
    return arrays
  } catch (cause) {
    if (isMeshError(cause) || signal?.aborted) throw cause
    const reason = cause instanceof Error ? cause.message : ''
    throw unreadable(store.place, `has broken metadata (${reason})`, 'fetch it again', cause)
  }
}

/** Metadata objects of arrays by key, in the order of their keys. */
async function documentsOf(
  store: ZarrStore,
  signal: AbortSignal | undefined
): Promise<Map<string, Json>> {
  const two = await readJson(store, '/.zmetadata', signal)
  const found = new Map<string, unknown>()
  if (isObject(two) && isObject(two.metadata)) {
    for (const [key, value] of Object.entries(two.metadata)) found.set(`/${key}`, value)
  } else {
    const root = await readJson(store, '/zarr.json', signal)
    const consolidated = isObject(root) ? root.consolidated_metadata : undefined
    if (isObject(consolidated) && isObject(consolidated.metadata)) {
      for (const [path, value] of Object.entries(consolidated.metadata)) {
        found.set(`/${path}/zarr.json`, value)
      }
    } else if (store.listMetadata === undefined) {
      const what = 'holds no Zarr store with consolidated metadata, and cannot be listed'
      throw unreadable(store.place, what, 'zarr.consolidate_metadata(…) on the server adds it')
    } else {
      for (const key of await store.listMetadata({ signal })) {
        found.set(key, await readJson(store, key, signal))
      }
    }
  }
  if (found.size === 0) throw unreadable(store.place, 'holds no Zarr array', 'check the path')
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1))
  return new Map(sorted.filter((entry): entry is [string, Json] => isObject(entry[1])))
}

function versionTwo(key: string, array: Json, documents: ReadonlyMap<string, Json>): StoredArray {
  const path = key.slice(0, -'/.zarray'.length)
  const attributesKey = `${path}/.zattrs`
  const written = documents.get(attributesKey) ?? {}
  const dtype = String(array.dtype)
  const type = typeOfTwo(dtype)
  const shape = countsOf(array.shape, path)
  const attributes = attributesFrom(written)
  // In version 2 the fill value means missing, as xarray reads it.
  const fill = fillNumber(array.fill_value, dtype)
  if (fill !== undefined && !attributes.has('_FillValue')) attributes.set('_FillValue', [fill])
  const filters = Array.isArray(array.filters) ? array.filters : []
  const codecs = [...filters, array.compressor].filter(isObject).map(({ id }) => String(id))
  return {
    path,
    version: 2,
    variable: {
      ...variableOf(path, shape, type, attributes, written._ARRAY_DIMENSIONS),
      ...signOf(/^[<>|]i([1248])$/.exec(dtype)?.[1], 8)
    },
    documents: new Map([
      [key, array],
      [attributesKey, written]
    ]),
    ...obstacleOf(codecs, countsOf(array.chunks, path), shape, type, dtype)
  }
}

function typeOfTwo(dtype: string): StoredType {
  if (/^[<>|]f8$/.test(dtype)) return 'float64'
  if (/^[<>|]f[24]$/.test(dtype)) return 'float32'
  return /^[<>|]([iu][1248]|b1)$/.test(dtype) ? 'int' : 'text'
}

function versionThree(key: string, array: Json): StoredArray {
  const path = key.slice(0, -'/zarr.json'.length)
  const dtype = String(array.data_type)
  const type = typeOfThree(dtype)
  const shape = countsOf(array.shape, path)
  const attributes = attributesFrom(isObject(array.attributes) ? array.attributes : {})
  const fill = fillNumber(attributes.get('_FillValue'), dtype)
  if (fill !== undefined) attributes.set('_FillValue', [fill])
  const grid = isObject(array.chunk_grid) ? array.chunk_grid : {}
  const chunks = isObject(grid.configuration) ? grid.configuration.chunk_shape : undefined
  return {
    path,
    version: 3,
    variable: {
      ...variableOf(path, shape, type, attributes, array.dimension_names),
      ...signOf(/^int(8|16|32|64)$/.exec(dtype)?.[1], 1)
    },
    documents: new Map([[key, array]]),
    ...obstacleOf(namesWithin(array.codecs, 0), countsOf(chunks, path), shape, type, dtype)
  }
}

function typeOfThree(dtype: string): StoredType {
  if (dtype === 'float64') return 'float64'
  if (dtype === 'float32' || dtype === 'float16') return 'float32'
  return /^(u?int(8|16|32|64)|bool)$/.test(dtype) ? 'int' : 'text'
}

const signOf = (width: string | undefined, unitBits: number): { signedBits?: number } =>
  width === undefined ? {} : { signedBits: Number(width) * unitBits }

/** Names of codecs, those within shards too. */
function namesWithin(codecs: unknown, depth: number): string[] {
  if (!Array.isArray(codecs) || depth > 1) return []
  return codecs.filter(isObject).flatMap(({ name, configuration }) => {
    const inner = isObject(configuration) ? configuration : {}
    return [String(name), ...namesWithin(inner.codecs, depth + 1)]
  })
}

function obstacleOf(
  codecs: readonly string[],
  chunks: readonly number[],
  shape: readonly number[],
  type: StoredType,
  dtype: string
): { obstacle?: string } {
  if (type === 'text') return { obstacle: `values of type ${dtype.slice(0, 40)}, not numbers` }
  const unknown = codecs.find((name) => name !== 'fixedscaleoffset' && !isKnownCodec(name))
  if (unknown !== undefined) {
    return { obstacle: `chunks compressed with the codec ${unknown.slice(0, 40)}, not here` }
  }
  if (chunks.length !== shape.length || chunks.includes(0)) return { obstacle: 'no chunk shape' }
  const bytes = chunks.reduce((product, count) => product * count, 8)
  return bytes <= CHUNK_BYTES_MAX ? {} : { obstacle: `chunks of ${bytes} bytes, above the limit` }
}

function countsOf(value: unknown, path: string): number[] {
  const isShape =
    Array.isArray(value) &&
    value.length <= RANK_MAX &&
    value.every((count) => Number.isSafeInteger(count) && count >= 0)
  if (!isShape) throw new SyntaxError(`the shape of ${path.slice(0, 80)}`)
  return value
}

function variableOf(
  path: string,
  shape: readonly number[],
  type: StoredType,
  attributes: ReadonlyMap<string, string | readonly number[]>,
  names: unknown
): DataVariable {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return {
    name,
    dimensions: shape.map((count, index) => {
      const given: unknown = Array.isArray(names) ? names[index] : undefined
      if (typeof given === 'string') return { name: given, count }
      return { name: shape.length === 1 ? name : `${name}:${index}`, count }
    }),
    type,
    attributes
  }
}

function attributesFrom(written: Json): Map<string, string | readonly number[]> {
  const attributes = new Map<string, string | readonly number[]>()
  for (const [name, value] of Object.entries(written)) {
    if (name === '_ARRAY_DIMENSIONS') continue
    if (typeof value === 'string' && value.length <= ATTRIBUTE_BYTES_MAX) {
      attributes.set(name, value)
    }
    const numbers: readonly unknown[] = Array.isArray(value) ? value : [value]
    const isNumbers = numbers.every((item) => typeof item === 'number')
    if (isNumbers && numbers.length > 0 && 8 * numbers.length <= ATTRIBUTE_BYTES_MAX) {
      attributes.set(name, numbers)
    }
  }
  return attributes
}

/**
 * What an HDF5 file holds, in the words of the contract: variables of all groups, their dimensions
 * by dimension scales, attributes, boxes. Runs inside the HDF5 thread.
 */
import { type Attribute, Dataset, type File, Group } from 'h5wasm/node'
import type { DataVariable, Numbers, Range, StoredType } from '../data-file.ts'
import { ATTRIBUTE_BYTES_MAX, CHUNK_BYTES_MAX, VARIABLES_MAX } from '../limits.ts'
import { missingFilter } from './filters.ts'
import type { StoredVariable } from './hdf5-messages.ts'

/** What the netCDF library writes as the name of a dimension without values. */
const DIMENSION_ONLY = 'This is a netCDF dimension but not a netCDF variable'
/** HDF5's own bookkeeping; some of it holds references, which have no value here. */
const BOOKKEEPING = new Set([
  'CLASS',
  'NAME',
  'DIMENSION_LIST',
  'REFERENCE_LIST',
  '_Netcdf4Dimid',
  '_Netcdf4Coordinates',
  '_NCProperties'
])
/** Groups within groups; a ring of links ends here. */
const GROUP_DEPTH_MAX = 6

export class MissingFilter extends Error {}

export function variablesOf(file: File): StoredVariable[] {
  const datasets: Dataset[] = []
  collect(file, 0, datasets)
  const kept = datasets.filter((dataset) => !isDimensionOnly(dataset))
  const uses = new Map<string, number>()
  for (const { path } of kept) uses.set(lastName(path), (uses.get(lastName(path)) ?? 0) + 1)
  // A name that only one group uses stands alone; else the group tells which is meant.
  const nameOf = (path: string): string =>
    uses.get(lastName(path)) === 1 ? lastName(path) : path.replace(/^\//, '')
  return kept.map((dataset) => ({ path: dataset.path, variable: describe(dataset, nameOf) }))
}

function collect(group: Group, depth: number, datasets: Dataset[]): void {
  for (const name of group.keys()) {
    if (datasets.length > VARIABLES_MAX) return
    const entity = group.get(name)
    if (entity instanceof Dataset) datasets.push(entity)
    else if (entity instanceof Group && depth < GROUP_DEPTH_MAX)
      collect(entity, depth + 1, datasets)
  }
}

const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const isDimensionOnly = (dataset: Dataset): boolean => {
  const name = textAttribute(dataset.attrs.NAME)
  return name?.startsWith(DIMENSION_ONLY) ?? false
}

function describe(dataset: Dataset, nameOf: (path: string) => string): DataVariable {
  const name = nameOf(dataset.path)
  const shape = dataset.shape ?? []
  return {
    name,
    dimensions: shape.map((count, index) => {
      const scale = dataset.get_attached_scales(index)[0]
      if (scale !== undefined) return { name: nameOf(scale), count }
      return { name: shape.length === 1 ? name : `${name}:${index}`, count }
    }),
    type: storedType(dataset),
    ...signOf(dataset),
    attributes: attributesOf(dataset)
  }
}

function storedType({ dtype }: Dataset): StoredType {
  if (typeof dtype !== 'string') return 'text'
  if (/[fd]$/.test(dtype)) return dtype.endsWith('d') ? 'float64' : 'float32'
  return /[bBhHiIlLqQ]$/.test(dtype) ? 'int' : 'text'
}

const SIGNED_BITS: Readonly<Record<string, number>> = { b: 8, h: 16, i: 32, l: 32, q: 64 }

function signOf({ dtype }: Dataset): Pick<DataVariable, 'signedBits'> {
  const bits = typeof dtype === 'string' ? SIGNED_BITS[dtype.slice(-1)] : undefined
  return bits === undefined ? {} : { signedBits: bits }
}

const isShort = ({ metadata }: Attribute): boolean =>
  metadata.size * metadata.total_size <= ATTRIBUTE_BYTES_MAX

function textAttribute(attribute: Attribute | undefined): string | undefined {
  const value = attribute !== undefined && isShort(attribute) ? attribute.value : undefined
  return typeof value === 'string' ? value : undefined
}

function attributesOf(dataset: Dataset): Map<string, string | readonly number[]> {
  const attributes = new Map<string, string | readonly number[]>()
  const { attrs } = dataset
  for (const name of Object.keys(attrs)) {
    if (BOOKKEEPING.has(name)) continue
    const attribute = attrs[name]
    if (attribute === undefined || !isShort(attribute)) continue
    const { value } = attribute
    const first: unknown = Array.isArray(value) ? value[0] : value
    if (typeof first === 'string') attributes.set(name, first)
    else if (typeof value === 'number' || typeof value === 'bigint') {
      attributes.set(name, [Number(value)])
    } else if (ArrayBuffer.isView(value)) attributes.set(name, Array.from(value as never, Number))
  }
  return attributes
}

/**
 * Raw values of a box as they are stored.
 * @throws MissingFilter
 */
export function readBox(dataset: Dataset, ranges: readonly Range[]): Numbers {
  checkChunk(dataset)
  const value: unknown =
    ranges.length === 0
      ? dataset.value
      : dataset.slice(ranges.map(([first, count]) => [first, first + count]))
  if (typeof value === 'number' || typeof value === 'bigint') return Float64Array.of(Number(value))
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return value as Numbers
  throw new Error('its values are not numbers')
}

function checkChunk(dataset: Dataset): void {
  const { chunks, size } = dataset.metadata
  if (chunks === null) return
  const bytes = chunks.reduce((product, count) => product * count, size)
  if (!(bytes <= CHUNK_BYTES_MAX)) throw new Error(`a chunk of ${bytes} bytes`)
  const filter = missingFilter(dataset.filters)
  if (filter !== undefined) throw new MissingFilter(filter)
}

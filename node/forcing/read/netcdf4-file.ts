/**
 * NetCDF-4 and plain HDF5 files through h5wasm, which reads pieces of the file from disk as they
 * are asked for. Its throwing error handler is switched on: without it a missing filter or a
 * broken chunk returns garbage silently.
 */
import { resolve } from 'node:path'
import { Dataset, type Entity, File, Group, ready } from 'h5wasm/node'
import {
  type DataFile,
  type DataVariable,
  type Range,
  type Stored,
  type StoredType,
  unreadable
} from './data-file.ts'

/** What the netCDF library writes as the name of a dimension without values. */
const DIMENSION_ONLY = 'This is a netCDF dimension but not a netCDF variable'
/** HDF5's own bookkeeping; some of it holds references, which have no value here. */
const BOOKKEEPING = new Set([
  'CLASS',
  'NAME',
  'DIMENSION_LIST',
  'REFERENCE_LIST',
  '_Netcdf4Dimid',
  '_Netcdf4Coordinates'
])

export async function openNetcdf4(file: string): Promise<DataFile> {
  const library = await ready
  library.activate_throwing_error_handler()
  const guard = <T>(what: string, work: () => T): T => {
    try {
      return work()
    } catch (cause) {
      const reason = hdf5Reason(cause)
      if (/plugin|filter/i.test(reason)) {
        const why = `${what}: it is compressed with a filter that is not built in`
        throw unreadable(file, why, 'rewrite it with deflate or none: nccopy -F none', cause)
      }
      throw unreadable(file, `${what} (${plainly(reason)})`, 'fetch it again', cause)
    }
  }
  const root = guard('is broken or cut off', () => new File(resolve(file), 'r'))
  const datasets = new Map<string, Dataset>()
  const variables = new Map<string, DataVariable>()
  const groups: string[] = []
  guard('has a broken directory', () => {
    for (const name of root.keys()) {
      const dataset: Entity | null = root.get(name)
      if (dataset instanceof Group) groups.push(name)
      if (!(dataset instanceof Dataset) || isDimensionOnly(dataset)) continue
      datasets.set(name, dataset)
      variables.set(name, describe(name, dataset))
    }
  })
  if (variables.size === 0 && groups.length > 0) {
    root.close()
    const what = `keeps its variables in groups (${groups.join(', ')}), which are not read`
    throw unreadable(file, what, 'take one out: ncks -G : -g GROUP in.nc out.nc')
  }
  return {
    file,
    format: 'NetCDF-4',
    variables,
    read: async (name, ranges) => {
      const dataset = datasets.get(name)
      if (dataset === undefined) throw new Error(`no variable ${name} in ${file}`)
      return guard(`has unreadable data in ${name}`, () => readBox(dataset, ranges))
    },
    close: async () => {
      root.close()
    }
  }
}

const isDimensionOnly = (dataset: Dataset): boolean => {
  const name = dataset.attrs.NAME?.value
  return typeof name === 'string' && name.startsWith(DIMENSION_ONLY)
}

function describe(name: string, dataset: Dataset): DataVariable {
  const shape = dataset.shape ?? []
  return {
    name,
    dimensions: shape.map((count, index) => ({
      name: dimensionName(name, dataset, index, shape.length),
      count
    })),
    type: storedType(dataset.dtype),
    attributes: attributesOf(dataset)
  }
}

function dimensionName(name: string, dataset: Dataset, index: number, rank: number): string {
  const scale = dataset.get_attached_scales(index)[0]
  if (scale !== undefined) return scale.slice(scale.lastIndexOf('/') + 1)
  return rank === 1 ? name : `${name}:${index}`
}

function storedType(dtype: unknown): StoredType {
  if (typeof dtype !== 'string') return 'text'
  if (/[efd]$/.test(dtype)) return dtype.endsWith('d') ? 'float64' : 'float32'
  return /[bBhHiIlLqQ]$/.test(dtype) ? 'int' : 'text'
}

function attributesOf(dataset: Dataset): Map<string, string | readonly number[]> {
  const attributes = new Map<string, string | readonly number[]>()
  for (const [name, attribute] of Object.entries(dataset.attrs)) {
    if (BOOKKEEPING.has(name)) continue
    const { value } = attribute
    const first: unknown = Array.isArray(value) ? value[0] : value
    if (typeof first === 'string') attributes.set(name, first)
    else if (typeof value === 'number' || typeof value === 'bigint') {
      attributes.set(name, [Number(value)])
    } else if (ArrayBuffer.isView(value)) attributes.set(name, Array.from(value as never, Number))
  }
  return attributes
}

function readBox(dataset: Dataset, ranges: readonly Range[]): Stored {
  const value: unknown =
    ranges.length === 0
      ? dataset.value
      : dataset.slice(ranges.map(([first, count]) => [first, first + count]))
  if (typeof value === 'number' || typeof value === 'bigint') return Float64Array.of(Number(value))
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) {
    return Float64Array.from(value, Number)
  }
  if (value instanceof Float32Array || value instanceof Float64Array) return value
  if (ArrayBuffer.isView(value)) return new Float64Array(value as unknown as ArrayLike<number>)
  throw new Error('its values are not numbers')
}

/** A cut-off file is by far the commonest damage: its sizes say it best. */
function plainly(reason: string): string {
  const [, has, needs] = /truncated file: eof = (\d+),.*stored_eof = (\d+)/.exec(reason) ?? []
  return has === undefined ? reason : `${has} of ${needs} bytes`
}

/** HDF5 reports a whole stack; its innermost line says what happened. */
function hdf5Reason(cause: unknown): string {
  const lines = String((cause as { message?: unknown })?.message ?? cause).split('\n')
  const frames = lines.filter((line) => /^\s*#\d+:/.test(line))
  const innermost = frames.at(-1) ?? lines[0] ?? ''
  return innermost.replace(/^.*\(\):\s*/, '').trim()
}

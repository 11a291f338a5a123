/**
 * NetCDF-3 classic and 64-bit offset files. netcdfjs parses the header (from the file's beginning,
 * read in growing pieces); boxes are read straight from disk at the offsets it names, because
 * netcdfjs itself decodes whole variables and returns padding with odd-length 8/16-bit ones.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { NetCDFReader, type Variable } from 'netcdfjs'
import {
  type DataFile,
  type DataVariable,
  type Range,
  type StoredType,
  unreadable
} from './data-file.ts'

/** A header is read in pieces that double up to this; a longer one holds no ocean data. */
const HEADER_BYTES_MAX = 64 * 1024 * 1024
const HEADER_BYTES_FIRST = 64 * 1024
/** Number of records of a file that was written as a stream: to be derived from its length. */
const STREAMING = 0xffff_ffff

const WIDTHS: Readonly<Record<string, number>> = {
  byte: 1,
  char: 1,
  short: 2,
  int: 4,
  float: 4,
  double: 8
}

/** Where a variable's numbers are. */
interface Layout {
  readonly variable: DataVariable
  readonly width: number
  readonly offset: number
  /** Bytes from one index of the first dimension to the next. */
  readonly outerStep: number
}

export async function openNetcdf3(file: string): Promise<DataFile> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const reader = await readHeader(handle, file, size)
    const layouts = layOut(reader, size)
    checkLength(file, size, layouts)
    return {
      file,
      format: 'NetCDF-3',
      variables: new Map([...layouts].map(([name, { variable }]) => [name, variable])),
      read: (name, ranges) => {
        const layout = layouts.get(name)
        if (layout === undefined) throw new Error(`no variable ${name} in ${file}`)
        return readBox(handle, file, layout, ranges)
      },
      close: () => handle.close()
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function readHeader(handle: FileHandle, file: string, size: number): Promise<NetCDFReader> {
  for (let length = HEADER_BYTES_FIRST; ; length *= 2) {
    const bytes = new Uint8Array(Math.min(length, size))
    await handle.read(bytes, 0, bytes.length, 0)
    try {
      return new NetCDFReader(bytes)
    } catch (cause) {
      if (bytes[3] !== 1 && bytes[3] !== 2) {
        throw unreadable(file, `is NetCDF variant ${bytes[3]}`, 'convert it: nccopy -k nc4', cause)
      }
      const message = cause instanceof Error ? cause.message : ''
      if (message.includes('4GB')) {
        throw unreadable(file, 'has data beyond 4 GiB', 'convert it: nccopy -k nc4', cause)
      }
      if (length >= Math.min(size, HEADER_BYTES_MAX)) {
        throw unreadable(file, 'has a broken or cut-off header', 'fetch the file again', cause)
      }
    }
  }
}

function layOut(reader: NetCDFReader, size: number): Map<string, Layout> {
  const { recordDimension, dimensions = [], variables = [] } = reader.header
  const recordBytes = (variable: Variable): number =>
    variable.dimensions
      .slice(1)
      .reduce((product, id) => product * (dimensions[id]?.size ?? 0), WIDTHS[variable.type] ?? 0)
  const records = variables.filter((variable) => variable.record)
  // A lone record variable is stored without padding between its records.
  const step =
    records.length === 1 && records[0] !== undefined
      ? recordBytes(records[0])
      : records.reduce((sum, variable) => sum + 4 * Math.ceil(recordBytes(variable) / 4), 0)
  const start = Math.min(...records.map((variable) => variable.offset))
  const recordCount =
    recordDimension.length === STREAMING && step > 0
      ? Math.floor((size - start) / step)
      : recordDimension.length
  const layouts = variables.map((variable): [string, Layout] => {
    const counts = variable.dimensions.map((id) => ({
      name: dimensions[id]?.name ?? `dimension ${id}`,
      count: id === recordDimension.id ? recordCount : (dimensions[id]?.size ?? 0)
    }))
    const width = WIDTHS[variable.type] ?? 0
    return [
      variable.name,
      {
        variable: {
          name: variable.name,
          dimensions: counts,
          type: storedType(variable.type),
          attributes: attributesOf(variable)
        },
        width,
        offset: variable.offset,
        outerStep: variable.record ? step : recordBytes(variable)
      }
    ]
  })
  return new Map(layouts)
}

function storedType(type: string): StoredType {
  if (type === 'char') return 'text'
  if (type === 'float') return 'float32'
  return type === 'double' ? 'float64' : 'int'
}

function attributesOf(variable: Variable): Map<string, string | readonly number[]> {
  const attributes: readonly { name: string; value: unknown }[] = variable.attributes
  return new Map(
    attributes.map(({ name, value }) => [
      name,
      typeof value === 'string' ? value : [value].flat().map(Number)
    ])
  )
}

function checkLength(file: string, size: number, layouts: ReadonlyMap<string, Layout>): void {
  for (const { variable, width, offset, outerStep } of layouts.values()) {
    const counts = variable.dimensions.map(({ count }) => count)
    const inner = counts.slice(1).reduce((product, count) => product * count, width)
    const outer = counts[0] ?? 1
    if (outer === 0) continue
    const end = offset + (outer - 1) * outerStep + inner
    if (end > size) {
      throw unreadable(
        file,
        `is cut off (${size} of at least ${end} bytes)`,
        'fetch the file again'
      )
    }
  }
}

async function readBox(
  handle: FileHandle,
  file: string,
  layout: Layout,
  ranges: readonly Range[]
): Promise<Float64Array> {
  const counts = layout.variable.dimensions.map(({ count }) => count)
  const strides = byteStrides(counts, layout)
  const isWhole = (dimension: number): boolean => ranges[dimension]?.[1] === counts[dimension]
  // Numbers under one index of `outer` dimensions are one run of bytes in the file.
  let outer = counts.length
  while (
    outer > 0 &&
    strides[outer - 1] === plainStride(counts, outer - 1, layout.width) &&
    (outer === counts.length || isWhole(outer))
  ) {
    outer--
  }
  const length = (list: readonly Range[]): number => list.reduce((size, [, n]) => size * n, 1)
  const runLength = length(ranges.slice(outer))
  const bytes = new Uint8Array(runLength * layout.width)
  const out = new Float64Array(length(ranges))
  for (let run = 0; run * runLength < out.length; run++) {
    let offset = layout.offset
    let rest = run
    for (let dimension = ranges.length - 1; dimension >= 0; dimension--) {
      const [first, count] = ranges[dimension] ?? [0, 1]
      const index = dimension < outer ? rest % count : 0
      if (dimension < outer) rest = Math.floor(rest / count)
      offset += (first + index) * (strides[dimension] ?? 0)
    }
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset)
    if (bytesRead < bytes.length) {
      throw unreadable(file, 'ends before its data', 'fetch the file again')
    }
    decodeRun(bytes, layout, out, run * runLength)
  }
  return out
}

const plainStride = (counts: readonly number[], dimension: number, width: number): number =>
  counts.slice(dimension + 1).reduce((product, count) => product * count, width)

function byteStrides(counts: readonly number[], { width, outerStep }: Layout): number[] {
  const strides = counts.map((_, dimension) => plainStride(counts, dimension, width))
  if (strides.length > 0) strides[0] = outerStep
  return strides
}

function decodeRun(bytes: Uint8Array, { width, variable }: Layout, out: Float64Array, at: number) {
  const view = new DataView(bytes.buffer)
  const count = bytes.length / width
  const isInteger = variable.type === 'int'
  for (let index = 0; index < count; index++) {
    const offset = index * width
    if (width === 1) out[at + index] = isInteger ? view.getInt8(offset) : view.getUint8(offset)
    else if (width === 2) out[at + index] = view.getInt16(offset)
    else if (width === 8) out[at + index] = view.getFloat64(offset)
    else out[at + index] = isInteger ? view.getInt32(offset) : view.getFloat32(offset)
  }
}

/**
 * NetCDF-3 files: the header from the file's beginning, boxes straight from disk at the offsets it
 * names, so that a file of any size costs the memory of a box.
 */
import { type FileHandle, open } from 'node:fs/promises'
import {
  type DataFile,
  type DataVariable,
  type Range,
  type Stored,
  type StoredType,
  unreadable
} from '../data-file.ts'
import { ATTRIBUTE_BYTES_MAX, HEADER_BYTES_MAX, RANK_MAX } from '../limits.ts'
import {
  decodeNumbers,
  HeaderTooShort,
  type HeaderVariable,
  type Netcdf3Header,
  type NumberType,
  parseHeader,
  WIDTHS
} from './netcdf3-header.ts'

const HEADER_BYTES_FIRST = 64 * 1024
/** Bytes of one reading from disk: boxes are gathered from runs no longer than this. */
const RUN_BYTES_MAX = 8 * 1024 * 1024

/** Where a variable's numbers are. */
interface Layout {
  readonly variable: DataVariable
  readonly type: NumberType
  readonly offset: number
  /** Bytes from one index of the first dimension to the next. */
  readonly outerStep: number
}

export async function openNetcdf3(file: string): Promise<DataFile> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const layouts = layOut(file, await readHeader(handle, file, size), size)
    checkLength(file, size, layouts)
    return {
      file,
      format: 'NetCDF-3',
      variables: new Map([...layouts].map(([name, { variable }]) => [name, variable])),
      read: (name, ranges, signal) => {
        const layout = layouts.get(name)
        if (layout === undefined) throw new Error(`no variable ${name} in ${file}`)
        return readBox(handle, file, layout, ranges, signal)
      },
      close: () => handle.close()
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function readHeader(handle: FileHandle, file: string, size: number): Promise<Netcdf3Header> {
  for (let length = HEADER_BYTES_FIRST; ; length *= 2) {
    const bytes = new Uint8Array(Math.min(length, size))
    await handle.read(bytes, 0, bytes.length, 0)
    try {
      return parseHeader(bytes, ATTRIBUTE_BYTES_MAX)
    } catch (cause) {
      const isShort = cause instanceof HeaderTooShort
      if (isShort && length < Math.min(size, HEADER_BYTES_MAX)) continue
      const reason = cause instanceof Error ? cause.message : ''
      if (reason.startsWith('variant')) {
        throw unreadable(file, `is NetCDF ${reason}`, 'convert it: nccopy -k nc4', cause)
      }
      const what = `has a broken or cut-off header${isShort ? '' : ` (${reason})`}`
      throw unreadable(file, what, 'fetch the file again', cause)
    }
  }
}

function layOut(file: string, header: Netcdf3Header, size: number): Map<string, Layout> {
  const { dimensions, variables } = header
  const isRecord = ({ dimensionIds: [first] }: HeaderVariable): boolean =>
    first !== undefined && dimensions[first]?.count === 0
  const recordBytes = ({ dimensionIds, type }: HeaderVariable): number =>
    dimensionIds.slice(1).reduce((bytes, id) => bytes * (dimensions[id]?.count ?? 0), WIDTHS[type])
  const records = variables.filter(isRecord)
  // A lone record variable is stored without padding between its records.
  const step =
    records.length === 1 && records[0] !== undefined
      ? recordBytes(records[0])
      : records.reduce((sum, variable) => sum + 4 * Math.ceil(recordBytes(variable) / 4), 0)
  const start = records.reduce((least, { offset }) => Math.min(least, offset), size)
  const recordCount = header.recordCount ?? (step > 0 ? Math.floor((size - start) / step) : 0)
  const layouts = new Map<string, Layout>()
  for (const variable of variables) {
    const { name, type, dimensionIds, attributes, offset } = variable
    if (dimensionIds.length > RANK_MAX || layouts.has(name)) {
      throw unreadable(file, 'has a broken header', 'fetch the file again')
    }
    const counts = dimensionIds.map((id, index) => ({
      name: dimensions[id]?.name ?? `dimension ${id}`,
      count: index === 0 && isRecord(variable) ? recordCount : (dimensions[id]?.count ?? 0)
    }))
    layouts.set(name, {
      variable: {
        ...{ name, dimensions: counts, type: storedType(type), attributes },
        ...(SIGNED.has(type) ? { signedBits: 8 * WIDTHS[type] } : {})
      },
      type,
      offset,
      outerStep: isRecord(variable) ? step : recordBytes(variable)
    })
  }
  return layouts
}

const SIGNED: ReadonlySet<NumberType> = new Set(['byte', 'short', 'int', 'int64'])

function storedType(type: NumberType): StoredType {
  if (type === 'char') return 'text'
  if (type === 'float') return 'float32'
  return type === 'double' ? 'float64' : 'int'
}

function checkLength(file: string, size: number, layouts: ReadonlyMap<string, Layout>): void {
  for (const { variable, type, offset, outerStep } of layouts.values()) {
    const counts = variable.dimensions.map(({ count }) => count)
    if (counts.includes(0)) continue
    const inner = counts.slice(1).reduce((product, count) => product * count, WIDTHS[type])
    const end = offset + ((counts[0] ?? 1) - 1) * outerStep + inner
    if (!(end <= size)) {
      const what = `is cut off (${size} of at least ${end} bytes)`
      throw unreadable(file, what, 'fetch the file again')
    }
  }
}

async function readBox(
  handle: FileHandle,
  file: string,
  layout: Layout,
  ranges: readonly Range[],
  signal?: AbortSignal
): Promise<Stored> {
  const width = WIDTHS[layout.type]
  const { outer, strides } = runsOf(layout, ranges)
  const length = (list: readonly Range[]): number => list.reduce((size, [, n]) => size * n, 1)
  const runLength = length(ranges.slice(outer))
  const out = new (layout.type === 'float' ? Float32Array : Float64Array)(length(ranges))
  const bytes = new Uint8Array(Math.min(runLength * width, RUN_BYTES_MAX))
  for (let run = 0; run * runLength < out.length; run++) {
    signal?.throwIfAborted()
    let offset = layout.offset
    let rest = run
    for (let dimension = ranges.length - 1; dimension >= 0; dimension--) {
      const [first, count] = ranges[dimension] ?? [0, 1]
      const index = dimension < outer ? rest % count : 0
      if (dimension < outer) rest = Math.floor(rest / count)
      offset += (first + index) * (strides[dimension] ?? 0)
    }
    for (let done = 0; done < runLength; done += RUN_BYTES_MAX / width) {
      const count = Math.min(runLength - done, RUN_BYTES_MAX / width)
      const wanted = count * width
      const { bytesRead } = await handle.read(bytes, 0, wanted, offset + done * width)
      if (bytesRead < wanted) {
        throw unreadable(file, 'ends before its data', 'fetch the file again')
      }
      out.set(decodeNumbers(bytes, 0, layout.type, count), run * runLength + done)
    }
  }
  return out
}

/** Numbers under one index of the `outer` first dimensions are one run of bytes in the file. */
function runsOf(
  { variable, type, outerStep }: Layout,
  ranges: readonly Range[]
): { outer: number; strides: number[] } {
  const counts = variable.dimensions.map(({ count }) => count)
  const plain = counts.map((_, dimension) =>
    counts.slice(dimension + 1).reduce((product, count) => product * count, WIDTHS[type])
  )
  const strides = [outerStep, ...plain.slice(1)].slice(0, counts.length)
  let outer = counts.length
  while (
    outer > 0 &&
    strides[outer - 1] === plain[outer - 1] &&
    (outer === counts.length || ranges[outer]?.[1] === counts[outer])
  ) {
    outer--
  }
  return { outer, strides }
}

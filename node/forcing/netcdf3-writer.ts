/**
 * Writes NetCDF-3 classic files, byte for byte the same for the same content (no library does).
 * Subsets fetched from servers are written with it, forecasts, the shipped sample, and the tests'
 * traps. A file too large for memory is laid out first and its values follow in order.
 */

type NetcdfType = 'byte' | 'char' | 'short' | 'int' | 'float' | 'double'
/** Text, or numbers of one type. */
export type NetcdfAttribute = string | { readonly type: NetcdfType; readonly values: number[] }

export interface NetcdfColumn {
  readonly name: string
  readonly type: NetcdfType
  readonly dimensions: readonly string[]
  readonly attributes?: Readonly<Record<string, NetcdfAttribute>>
}

export interface NetcdfVariable extends NetcdfColumn {
  /** C order, all records included. */
  readonly values: ArrayLike<number>
}

/** What a file says of itself: all that its layout depends on. */
export interface NetcdfShape {
  /** Counts by name, in order. */
  readonly dimensions: Readonly<Record<string, number>>
  /** The unlimited dimension, if one is. */
  readonly record?: string
  readonly attributes?: Readonly<Record<string, NetcdfAttribute>>
  readonly variables: readonly NetcdfColumn[]
  /** 64-bit offsets instead of classic. */
  readonly is64Bit?: boolean
}

export interface NetcdfContent extends NetcdfShape {
  readonly variables: readonly NetcdfVariable[]
}

interface NetcdfLayout {
  readonly header: Uint8Array
  /** Byte at which each variable, or its first record, begins. */
  readonly offsets: readonly number[]
  /** Bytes of each variable, or of one record of it, without padding. */
  readonly sizes: readonly { readonly bytes: number; readonly isRecord: boolean }[]
  /** Bytes of one record of all variables. */
  readonly recordStep: number
  readonly byteCount: number
}

const TYPES: readonly NetcdfType[] = ['byte', 'char', 'short', 'int', 'float', 'double']
const WIDTHS = { byte: 1, char: 1, short: 2, int: 4, float: 4, double: 8 } as const
const DIMENSION_TAG = 10
const VARIABLE_TAG = 11
const ATTRIBUTE_TAG = 12

const padded = (bytes: number): number => 4 * Math.ceil(bytes / 4)

/** Where everything lies: after the header fixed variables, then records, each in order. */
export function layNetcdf3(content: NetcdfShape): NetcdfLayout {
  const laid = content.variables.map((variable) => sizes(variable, content))
  // Offsets have a fixed width, so a header with zeros has the length of the real one.
  const headerBytes = header(
    content,
    laid.map(() => 0)
  ).length
  const isAlone = laid.filter(({ isRecord }) => isRecord).length === 1
  const fixedBytes = laid
    .filter(({ isRecord }) => !isRecord)
    .reduce((sum, { bytes }) => sum + padded(bytes), 0)
  let fixedAt = headerBytes
  let recordAt = headerBytes + fixedBytes
  const offsets = laid.map(({ bytes, isRecord }) => {
    const at = isRecord ? recordAt : fixedAt
    if (isRecord) recordAt += isAlone ? bytes : padded(bytes)
    else fixedAt += padded(bytes)
    return at
  })
  const recordStep = recordAt - headerBytes - fixedBytes
  const byteCount = headerBytes + fixedBytes + recordStep * recordCountOf(content)
  return { header: header(content, offsets), offsets, sizes: laid, recordStep, byteCount }
}

export function writeNetcdf3(content: NetcdfContent): Uint8Array {
  const { byteCount, header: head, offsets, recordStep, sizes: laid } = layNetcdf3(content)
  const out = new Uint8Array(byteCount)
  out.set(head)
  for (const [index, { type, values }] of content.variables.entries()) {
    const { bytes = 0, isRecord = false } = laid[index] ?? {}
    const data = netcdfBytes(type, values)
    for (let record = 0; record < (isRecord ? recordCountOf(content) : 1); record++) {
      const at = (offsets[index] ?? 0) + record * recordStep
      out.set(data.subarray(record * bytes, (record + 1) * bytes), at)
    }
  }
  return out
}

const recordCountOf = ({ record, dimensions }: NetcdfShape): number =>
  record === undefined ? 0 : (dimensions[record] ?? 0)

/** Bytes of a variable, or of one record of it. */
function sizes(variable: NetcdfColumn, { dimensions, record }: NetcdfShape) {
  const isRecord = record !== undefined && variable.dimensions[0] === record
  const inner = isRecord ? variable.dimensions.slice(1) : variable.dimensions
  const count = inner.reduce((product, name) => product * (dimensions[name] ?? 0), 1)
  return { bytes: count * WIDTHS[variable.type], isRecord }
}

function header(content: NetcdfShape, offsets: readonly number[]): Uint8Array {
  const { dimensions, record, attributes = {}, variables, is64Bit = false } = content
  const names = Object.keys(dimensions)
  const parts: Uint8Array[] = [Uint8Array.of(67, 68, 70, is64Bit ? 2 : 1)]
  const word = (...values: number[]): void => {
    for (const value of values) parts.push(netcdfBytes('int', [value]))
  }
  const tag = (kind: number, count: number): void => word(count === 0 ? 0 : kind, count)
  const name = (text: string): void => {
    const bytes = new TextEncoder().encode(text)
    word(bytes.length)
    parts.push(pad(bytes))
  }
  const list = (all: Readonly<Record<string, NetcdfAttribute>>): void => {
    tag(ATTRIBUTE_TAG, Object.keys(all).length)
    for (const [key, value] of Object.entries(all)) {
      name(key)
      word(1 + TYPES.indexOf(typeof value === 'string' ? 'char' : value.type))
      if (typeof value === 'string') name(value)
      else {
        word(value.values.length)
        parts.push(pad(netcdfBytes(value.type, value.values)))
      }
    }
  }
  word(recordCountOf(content))
  tag(DIMENSION_TAG, names.length)
  for (const dimension of names) {
    name(dimension)
    word(dimension === record ? 0 : (dimensions[dimension] ?? 0))
  }
  list(attributes)
  tag(VARIABLE_TAG, variables.length)
  variables.forEach((variable, index) => {
    name(variable.name)
    word(variable.dimensions.length, ...variable.dimensions.map((each) => names.indexOf(each)))
    list(variable.attributes ?? {})
    word(1 + TYPES.indexOf(variable.type), padded(sizes(variable, content).bytes))
    if (is64Bit) word(0)
    word(offsets[index] ?? 0)
  })
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

function pad(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(padded(bytes.length))
  out.set(bytes)
  return out
}

/** Big-endian bytes of values. */
export function netcdfBytes(type: NetcdfType, values: ArrayLike<number>): Uint8Array {
  const width = WIDTHS[type]
  const bytes = new Uint8Array(values.length * width)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0
    const at = index * width
    if (type === 'double') view.setFloat64(at, value)
    else if (type === 'float') view.setFloat32(at, value)
    else if (type === 'int') view.setInt32(at, value)
    else if (type === 'short') view.setInt16(at, value)
    else view.setInt8(at, value)
  }
  return bytes
}

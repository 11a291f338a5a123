/**
 * The header of a NetCDF-3 file: classic (CDF-1), 64-bit offset (CDF-2) and 64-bit data (CDF-5),
 * by the grammar of the NetCDF Users Guide, appendix B. Our own, because netcdfjs takes no offset
 * beyond 4 GiB and asks for as much memory as a header states. Every count is compared with the
 * bytes that are there before anything is made of it.
 */
import { asStored, type Stored } from '../data-file.ts'

/** More of the file is needed to go on. */
export class HeaderTooShort extends Error {}
/** What stands there is no header. */
export class BadHeader extends Error {}

export type NumberType =
  | 'byte'
  | 'char'
  | 'short'
  | 'int'
  | 'float'
  | 'double'
  | 'ubyte'
  | 'ushort'
  | 'uint'
  | 'int64'
  | 'uint64'

const TYPES: readonly (NumberType | undefined)[] = [
  undefined,
  'byte',
  'char',
  'short',
  'int',
  'float',
  'double',
  'ubyte',
  'ushort',
  'uint',
  'int64',
  'uint64'
]
export const WIDTHS: Readonly<Record<NumberType, number>> = {
  byte: 1,
  char: 1,
  short: 2,
  int: 4,
  float: 4,
  double: 8,
  ubyte: 1,
  ushort: 2,
  uint: 4,
  int64: 8,
  uint64: 8
}
const TAG_DIMENSION = 10
const TAG_VARIABLE = 11
const TAG_ATTRIBUTE = 12
/** Number of records of a file that was written as a stream: to be derived from its length. */
const STREAMING = 0xffff_ffff

export interface HeaderVariable {
  readonly name: string
  /** Indices of dimensions; a record variable begins with the record dimension. */
  readonly dimensionIds: readonly number[]
  readonly attributes: ReadonlyMap<string, string | readonly number[]>
  readonly type: NumberType
  readonly offset: number
}

export interface Netcdf3Header {
  /** Length 0 stands for the record dimension. */
  readonly dimensions: readonly { readonly name: string; readonly count: number }[]
  readonly variables: readonly HeaderVariable[]
  /** Undefined: as many as the file has room for. */
  readonly recordCount: number | undefined
}

/**
 * @param bytes the file's beginning
 * @param longest attributes of more bytes are left out
 * @throws HeaderTooShort, BadHeader
 */
export function parseHeader(bytes: Uint8Array, longest: number): Netcdf3Header {
  const from = new Cursor(bytes)
  from.skip(3)
  const version = from.byte()
  if (version !== 1 && version !== 2 && version !== 5) throw new BadHeader(`variant ${version}`)
  const isLong = version === 5
  const count = (): number => (isLong ? from.uint64() : from.uint32())
  const records = count()
  const list = <T>(tag: number, item: () => T): T[] => {
    const found = from.uint32()
    const length = count()
    if (found !== tag && !(found === 0 && length === 0)) throw new BadHeader(`a list of ${found}`)
    const items: T[] = []
    // Each item takes bytes, so a list that states too many ends at the end of the bytes.
    for (let index = 0; index < length; index++) items.push(item())
    return items
  }
  const name = (): string => from.text(count())
  const attributeList = (): Map<string, string | readonly number[]> => {
    const attributes = new Map<string, string | readonly number[]>()
    list(TAG_ATTRIBUTE, () => {
      const key = name()
      const type = numberType(from.uint32())
      const length = count()
      if (length * WIDTHS[type] > longest) from.skip(padded(length * WIDTHS[type]))
      else attributes.set(key, from.values(type, length))
    })
    return attributes
  }
  const dimensions = list(TAG_DIMENSION, () => ({ name: name(), count: count() }))
  attributeList()
  const variables = list(TAG_VARIABLE, (): HeaderVariable => {
    const variable = name()
    const rank = count()
    const dimensionIds: number[] = []
    for (let index = 0; index < rank; index++) dimensionIds.push(count())
    if (dimensionIds.some((id) => id >= dimensions.length)) throw new BadHeader('a dimension')
    const attributes = attributeList()
    const type = numberType(from.uint32())
    count() // its size, which cannot say more than 4 GiB
    const offset = version === 1 ? from.uint32() : from.uint64()
    return { name: variable, dimensionIds, attributes, type, offset }
  })
  const isStream = records === STREAMING || records >= Number.MAX_SAFE_INTEGER
  return { dimensions, variables, recordCount: isStream ? undefined : records }
}

function numberType(code: number): NumberType {
  const type = TYPES[code]
  if (type === undefined) throw new BadHeader(`type ${code}`)
  return type
}

const padded = (length: number): number => 4 * Math.ceil(length / 4)

/** Reads big-endian values, each after a look at how many bytes there are. */
class Cursor {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  #take(length: number): number {
    const at = this.#at
    if (!(length >= 0 && at + length <= this.#bytes.length)) throw new HeaderTooShort()
    this.#at += length
    return at
  }

  skip(length: number): void {
    this.#take(length)
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1))
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  /** Beyond 2^53 no file reaches; the sizes after it refuse such a number. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#take(8)))
  }

  text(length: number): string {
    const at = this.#take(padded(length))
    const bytes = this.#bytes.subarray(at, at + length)
    const end = bytes.indexOf(0)
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
  }

  values(type: NumberType, length: number): string | readonly number[] {
    if (type === 'char') return this.text(length)
    const at = this.#take(padded(length * WIDTHS[type]))
    return [...decodeNumbers(this.#bytes, at, type, length)]
  }
}

/** Big-endian numbers as they are handed out; every host that Node runs on is little-endian. */
export function decodeNumbers(
  bytes: Uint8Array,
  at: number,
  type: NumberType,
  count: number
): Stored {
  const width = WIDTHS[type]
  const own = Buffer.from(bytes.slice(at, at + count * width).buffer)
  if (width === 2) own.swap16()
  else if (width === 4) own.swap32()
  else if (width === 8) own.swap64()
  const stored = new ARRAYS[type](own.buffer)
  return asStored(stored)
}

const ARRAYS = {
  byte: Int8Array,
  char: Uint8Array,
  short: Int16Array,
  int: Int32Array,
  float: Float32Array,
  double: Float64Array,
  ubyte: Uint8Array,
  ushort: Uint16Array,
  uint: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array
} as const satisfies Record<NumberType, unknown>

/**
 * The bytes of a DAP2 answer (.dods): its structure as text, a line `Data:`, then the values in XDR
 * (RFC 4506, big-endian), in the order of the structure. Lengths are checked against the structure
 * and against what was sent before anything is allocated.
 */
import { MeshError } from '../../mesh-error.ts'
import {
  DAP_WIDTHS,
  type DapArray,
  type DapType,
  type DapVariable,
  notDap,
  parseDds
} from './dds.ts'

export interface DapValues {
  readonly array: DapArray
  readonly values: Float64Array
}

/** The structure's text is short; data come after it. */
const HEAD_BYTES_MAX = 4 * 1024 * 1024

const truncated = (): MeshError =>
  new MeshError('data/not-understood', 'the DAP2 answer ends within its data: fetch again')

/** Where the values begin, and the text before. */
function splitHead(bytes: Uint8Array): { text: string; start: number } {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES_MAX))
  const mark = /\r?\nData:\r?\n/.exec(head.toString('latin1'))
  if (mark !== null) {
    return { text: head.toString('utf8', 0, mark.index), start: mark.index + mark[0].length }
  }
  const said = /message\s*=\s*"((?:[^"\\]|\\.)*)"/.exec(head.toString('utf8', 0, 4096))?.[1]
  if (said === undefined) throw notDap('data')
  throw new MeshError('data/refused', `the DAP2 server says "${said.slice(0, 200)}"`)
}

/** Takes words and runs off the bytes, and never more than there are. */
function openCursor(bytes: Uint8Array, start: number) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = start
  const take = (count: number): number => {
    if (at + count > bytes.length) throw truncated()
    at += count
    return at - count
  }
  return { view, take, word: (): number => view.getUint32(take(4)) }
}
type Cursor = ReturnType<typeof openCursor>

/** Values of an array, or nothing of one of texts. */
function readArray({ type, dimensions }: DapArray, cursor: Cursor): Float64Array | undefined {
  const count = dimensions.reduce((product, dimension) => product * dimension.count, 1)
  const isScalar = dimensions.length === 0
  // Numbers have the length twice, texts once, scalars never.
  const lengths = isScalar ? 0 : isNumeric(type) ? 2 : 1
  for (let index = 0; index < lengths; index++) {
    if (cursor.word() !== count) throw notDap('data (a length differs from the structure)')
  }
  if (!isNumeric(type)) {
    for (let index = 0; index < count; index++) cursor.take(4 * Math.ceil(cursor.word() / 4))
    return undefined
  }
  // Bytes are packed and padded; a lone one has a word of its own.
  const isPacked = type === 'Byte' && !isScalar
  const width = type === 'Byte' && isScalar ? 4 : DAP_WIDTHS[type]
  const from = cursor.take(isPacked ? 4 * Math.ceil(count / 4) : count * width)
  const { view } = cursor
  const read = isPacked
    ? (at: number) => view.getUint8(at)
    : (at: number) => NUMBERS[type](view, at)
  return Float64Array.from({ length: count }, (_, index) => read(from + index * width))
}

/**
 * Arrays of numbers by name; those of a grid are its array under the grid's name and its axes.
 * @throws MeshError data/not-understood, data/refused
 */
export function decodeDods(bytes: Uint8Array): Map<string, DapValues> {
  const { text, start } = splitHead(bytes)
  const cursor = openCursor(bytes, start)
  const found = new Map<string, DapValues>()
  const keep = (array: DapArray, name: string): void => {
    const values = readArray(array, cursor)
    if (values !== undefined) found.set(name, { array, values })
  }
  function readVariable(variable: DapVariable): void {
    if (variable.kind === 'array') keep(variable, variable.name)
    else if (variable.kind === 'grid') {
      keep(variable.array, variable.name)
      for (const map of variable.maps) keep(map, map.name)
    } else if (variable.kind === 'structure') variable.members.forEach(readVariable)
    else throw notDap('data that is read here (a sequence)')
  }
  parseDds(text).forEach(readVariable)
  return found
}

const isNumeric = (type: DapType): type is keyof typeof DAP_WIDTHS => type in DAP_WIDTHS

const NUMBERS: Readonly<Record<keyof typeof DAP_WIDTHS, (view: DataView, at: number) => number>> = {
  Byte: (view, at) => view.getUint32(at) & 0xff,
  Int16: (view, at) => view.getInt32(at),
  UInt16: (view, at) => view.getUint32(at) & 0xffff,
  Int32: (view, at) => view.getInt32(at),
  UInt32: (view, at) => view.getUint32(at),
  Float32: (view, at) => view.getFloat32(at),
  Float64: (view, at) => view.getFloat64(at)
}

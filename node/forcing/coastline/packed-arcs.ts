/**
 * The arcs of a TopoJSON text, number by number. As lists of pairs they would take twenty times
 * the memory of their numbers; everything else of the text is small and goes through JSON.parse.
 */
import type { Pair } from './shoreline.ts'

export interface PackedArcs {
  /** Steps of all arcs one after the other: x and y of each. */
  readonly steps: Int32Array
  /** Where each arc starts in `steps`, and the end of the last. */
  readonly starts: Int32Array
}

export interface Geometry {
  readonly id?: string
  readonly arcs: unknown
  readonly properties: { readonly name: string }
}

export interface Topology {
  readonly transform: { readonly scale: Pair; readonly translate: Pair }
  readonly arcs: PackedArcs
  readonly objects: { readonly countries: { readonly geometries: readonly Geometry[] } }
}

const byteOf = (character: string): number => character.charCodeAt(0)
const [QUOTE, COMMA, MINUS, BACKSLASH] = [byteOf('"'), byteOf(','), byteOf('-'), byteOf('\\')]
const [ZERO, NINE, OPEN, CLOSE] = [byteOf('0'), byteOf('9'), byteOf('['), byteOf(']')]
const [OPEN_BRACE, CLOSE_BRACE] = [byteOf('{'), byteOf('}')]
const NAME = Buffer.from('"arcs":')

export function parseTopology(bytes: Uint8Array): Topology {
  const [from, to] = spanOfArcs(bytes)
  const decoder = new TextDecoder()
  const rest = `${decoder.decode(bytes.subarray(0, from))}null${decoder.decode(bytes.subarray(to))}`
  return { ...(JSON.parse(rest) as Omit<Topology, 'arcs'>), arcs: arcsOf(bytes.subarray(from, to)) }
}

/** The outermost member of that name: geometries have members of the same. */
function spanOfArcs(bytes: Uint8Array): [from: number, to: number] {
  let depth = 0
  let from = -1
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) {
      if (depth === 1 && NAME.equals(bytes.subarray(at, at + NAME.length))) {
        from = at + NAME.length
      }
      at = endOfString(bytes, at)
    } else if (byte === OPEN || byte === OPEN_BRACE) depth++
    else if (byte === CLOSE || byte === CLOSE_BRACE) {
      depth--
      if (from >= 0 && depth === 1) return [from, at + 1]
    }
  }
  throw new Error('a topology without arcs')
}

function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}

/** `[[[x,y],…],…]` of whole numbers. */
function arcsOf(text: Uint8Array): PackedArcs {
  const steps = new Int32Array(text.reduce((count, byte) => count + Number(byte === COMMA), 1))
  const starts: number[] = []
  let [depth, count, value, sign, isNumber] = [0, 0, 0, 1, false]
  for (const byte of text) {
    if (byte >= ZERO && byte <= NINE) {
      value = 10 * value + byte - ZERO
      isNumber = true
      continue
    }
    if (isNumber) steps[count++] = sign * value
    value = 0
    sign = byte === MINUS ? -1 : 1
    isNumber = false
    if (byte === OPEN) depth++
    else if (byte === CLOSE) depth--
    else if (byte !== COMMA && byte !== MINUS) throw new Error('arcs of other than whole numbers')
    if (byte === OPEN && depth === 2) starts.push(count)
  }
  return { steps: steps.subarray(0, count), starts: Int32Array.from([...starts, count]) }
}

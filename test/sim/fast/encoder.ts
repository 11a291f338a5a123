/**
 * Canonical dag-cbor without cborg's tokens: the same bytes, several times sooner. Only the
 * simulator uses it; fast.spec.ts holds it against the true encoder.
 */
import { CID } from 'multiformats/cid'

const START_BYTES = 1 << 16
const [UINT, NEGINT, BYTES, TEXT, LIST, MAP] = [0x00, 0x20, 0x40, 0x60, 0x80, 0xa0]
const CID_TAG = [0xd8, 42]

let out = new Uint8Array(START_BYTES)
let text = Buffer.from(out.buffer)
let at = 0

function room(bytes: number): void {
  if (at + bytes <= out.length) return
  const wider = new Uint8Array(Math.max(out.length * 2, at + bytes))
  wider.set(out)
  out = wider
  text = Buffer.from(out.buffer)
}

function head(major: number, value: number): void {
  room(9)
  if (value < 24) {
    out[at++] = major | value
  } else if (value < 0x100) {
    out[at++] = major | 24
    out[at++] = value
  } else if (value < 0x10000) {
    out[at++] = major | 25
    at = text.writeUInt16BE(value, at)
  } else if (value < 0x100000000) {
    out[at++] = major | 26
    at = text.writeUInt32BE(value, at)
  } else {
    out[at++] = major | 27
    at = text.writeUInt32BE(Math.floor(value / 0x100000000), at)
    at = text.writeUInt32BE(value % 0x100000000, at)
  }
}

function writeBytes(major: number, bytes: Uint8Array): void {
  head(major, bytes.length)
  room(bytes.length)
  out.set(bytes, at)
  at += bytes.length
}

function writeText(words: string): void {
  const length = Buffer.byteLength(words)
  head(TEXT, length)
  room(length)
  at += text.write(words, at)
}

function writeNumber(value: number): void {
  if (Number.isSafeInteger(value)) {
    if (value >= 0) head(UINT, value)
    else head(NEGINT, -1 - value)
    return
  }
  room(9)
  out[at++] = 0xfb
  at = text.writeDoubleBE(value, at)
}

function writeCid({ bytes }: CID): void {
  room(2)
  out.set(CID_TAG, at)
  at += 2
  head(BYTES, bytes.length + 1)
  room(bytes.length + 1)
  out[at++] = 0
  out.set(bytes, at)
  at += bytes.length
}

interface Key {
  readonly name: string
  /** Its text with the head before it. */
  readonly bytes: Uint8Array
}

/** The canonical text of a name. */
function keyOf(name: string): Key {
  const start = at
  writeText(name)
  const bytes = out.slice(start, at)
  at = start
  return { name, bytes }
}

/** Names of a map in their order, as a path in a tree, and their canonical order at its end. */
interface Names {
  readonly after: Map<string, Names>
  sorted?: readonly Key[]
}

const noNames = (): Names => ({ after: new Map() })
const root = noNames()
/** Kinds of maps remembered: the protocol has a hundred, property tests have more. */
const NAMES_MAX = 4096
let namesCount = 0

/** Map keys by length, then by bytes. */
function keysOf(value: object): readonly Key[] {
  let names = root
  for (const name in value) {
    let next = names.after.get(name)
    if (next === undefined) {
      next = noNames()
      if (namesCount < NAMES_MAX) names.after.set(name, next)
      namesCount += 1
    }
    names = next
  }
  names.sorted ??= Object.keys(value)
    .map(keyOf)
    .sort((a, b) => a.bytes.length - b.bytes.length || Buffer.compare(a.bytes, b.bytes))
  return names.sorted
}

function writeMap(value: Readonly<Record<string, unknown>>): void {
  const keys = keysOf(value)
  let count = 0
  for (const { name } of keys) if (value[name] !== undefined) count += 1
  head(MAP, count)
  for (const { name, bytes } of keys) {
    if (value[name] === undefined) continue
    room(bytes.length)
    for (let index = 0; index < bytes.length; index += 1) out[at + index] = bytes[index] ?? 0
    at += bytes.length
    write(value[name])
  }
}

function write(value: unknown) {
  if (typeof value === 'number') return writeNumber(value)
  if (typeof value === 'string') return writeText(value)
  if (value instanceof Uint8Array) return writeBytes(BYTES, value)
  if (value instanceof CID) return writeCid(value)
  room(1)
  if (value === null) out[at++] = 0xf6
  else if (typeof value === 'boolean') out[at++] = value ? 0xf5 : 0xf4
  else if (Array.isArray(value)) {
    head(LIST, value.length)
    for (const entry of value) write(entry)
  } else writeMap(value as Readonly<Record<string, unknown>>)
}

/** Canonical dag-cbor of what the protocol is made of. */
export function encodeFast(value: unknown): Uint8Array {
  at = 0
  write(value)
  return out.slice(0, at)
}

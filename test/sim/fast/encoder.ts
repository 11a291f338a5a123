/**
 * Canonical dag-cbor without cborg's tokens: the same bytes, several times sooner. Only the
 * simulator uses it; fast.spec.ts holds it against the true encoder.
 */
import { CID } from 'multiformats/cid'

const START_BYTES = 1 << 16
const [UINT, NEGINT, BYTES, TEXT, LIST, MAP] = [0x00, 0x20, 0x40, 0x60, 0x80, 0xa0]
const CID_TAG = [0xd8, 42]

let out = Buffer.allocUnsafe(START_BYTES)
let at = 0

function room(bytes: number): void {
  if (at + bytes <= out.length) return
  const wider = Buffer.allocUnsafe(Math.max(out.length * 2, at + bytes))
  out.copy(wider, 0, 0, at)
  out = wider
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
    at = out.writeUInt16BE(value, at)
  } else if (value < 0x100000000) {
    out[at++] = major | 26
    at = out.writeUInt32BE(value, at)
  } else {
    out[at++] = major | 27
    at = out.writeUInt32BE(Math.floor(value / 0x100000000), at)
    at = out.writeUInt32BE(value % 0x100000000, at)
  }
}

function writeBytes(major: number, bytes: Uint8Array): void {
  head(major, bytes.length)
  room(bytes.length)
  out.set(bytes, at)
  at += bytes.length
}

function writeText(text: string): void {
  const length = Buffer.byteLength(text)
  head(TEXT, length)
  room(length)
  at += out.write(text, at)
}

function writeNumber(value: number): void {
  if (Number.isSafeInteger(value)) {
    if (value >= 0) head(UINT, value)
    else head(NEGINT, -1 - value)
    return
  }
  room(9)
  out[at++] = 0xfb
  at = out.writeDoubleBE(value, at)
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
  readonly bytes: Uint8Array
}

/** Sorted keys of maps with these names; there are as many as there are kinds of objects. */
const sortedKeys = new Map<string, readonly Key[]>()

/** Map keys by length, then by bytes. */
function keysOf(value: object): readonly Key[] {
  const names = Object.keys(value)
  // One empty name and no name at all would else be the same.
  const joined = [names.length, ...names].join('\0')
  const known = sortedKeys.get(joined)
  if (known !== undefined) return known
  const sorted = names
    .map((name) => ({ name, bytes: Buffer.from(name) }))
    .sort((a, b) => a.bytes.length - b.bytes.length || Buffer.compare(a.bytes, b.bytes))
  if (sortedKeys.size < 4096) sortedKeys.set(joined, sorted)
  return sorted
}

function writeMap(value: Readonly<Record<string, unknown>>): void {
  const keys = keysOf(value)
  let count = 0
  for (const { name } of keys) if (value[name] !== undefined) count += 1
  head(MAP, count)
  for (const { name, bytes } of keys) {
    if (value[name] === undefined) continue
    writeBytes(TEXT, bytes)
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
  const bytes = new Uint8Array(at)
  bytes.set(out.subarray(0, at))
  return bytes
}

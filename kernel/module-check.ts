/**
 * What a module must be before it may run: standard WebAssembly without relaxed SIMD, atomics or
 * anything else whose result could differ between engines, and one private memory whose maximum is
 * lowered to the host's limit. Walks every instruction, so nothing hides in a constant.
 */
import { KernelFault } from './fault.ts'

const HEADER_BYTES = 8
const MEMORY_SECTION = 5
const CODE_SECTION = 10
const RELAXED_SIMD_FIRST = 0x100
/** Ten LEB128 bytes hold 64 bits; more is padding. */
const LEB_SCALE_MAX = 0x1_0000_0000 * 0x8000_0000

const refuse = (why: string): never => {
  throw new KernelFault('module', why)
}

/** Reads bytes and LEB128 numbers in order. */
class Reader {
  readonly bytes: Uint8Array
  at: number
  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes
    this.at = at
  }
  byte(): number {
    return this.bytes[this.at++] ?? refuse('it ends in the middle')
  }
  /** Unsigned LEB128; of signed ones only the length matters here. */
  number(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
      if (scale > LEB_SCALE_MAX) refuse('a number is too long')
    }
  }
  numbers(count: number): void {
    for (let i = 0; i < count; i++) this.number()
  }
  /** Alignment and offset of a memory access. */
  access(): void {
    const alignment = this.number()
    if (alignment >= 64) refuse('it has several memories')
    this.number()
  }
}

function skipVector(reader: Reader): void {
  const code = reader.number()
  if (code >= RELAXED_SIMD_FIRST) refuse('it uses relaxed SIMD')
  if (code <= 11 || code === 92 || code === 93) reader.access()
  else if (code === 12 || code === 13) reader.at += 16
  else if (code >= 21 && code <= 34) reader.byte()
  else if (code >= 84 && code <= 91) {
    reader.access()
    reader.byte()
  }
}

/** Immediates of the 0xfc instructions, by code. */
const BULK_IMMEDIATES = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1]

/** LEB128 immediates of a one-byte instruction, −1 for one this host does not know. */
function immediatesOf(code: number): number {
  if (code >= 0x45 && code <= 0xc4) return 0
  if ([0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1].includes(code)) return 0
  if (code >= 0x20 && code <= 0x26) return 1
  if ([0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0x12, 0x3f, 0x40, 0x41, 0x42].includes(code)) return 1
  if (code === 0xd0 || code === 0xd2) return 1
  return code === 0x11 || code === 0x13 ? 2 : -1
}

function skipInstruction(reader: Reader): void {
  const code = reader.byte()
  if (code === 0xfd) skipVector(reader)
  else if (code === 0xfc) {
    reader.numbers(BULK_IMMEDIATES[reader.number()] ?? refuse('an instruction is unknown'))
  } else if (code >= 0x28 && code <= 0x3e) reader.access()
  else if (code === 0x43) reader.at += 4
  else if (code === 0x44) reader.at += 8
  else if (code === 0x0e) reader.numbers(reader.number() + 1)
  else if (code === 0x1c) reader.numbers(reader.number())
  else {
    const count = immediatesOf(code)
    if (count < 0) refuse(`instruction 0x${code.toString(16)} is not allowed`)
    reader.numbers(count)
  }
}

function checkCode(reader: Reader): void {
  for (let left = reader.number(); left > 0; left--) {
    const size = reader.number()
    const end = reader.at + size
    for (let groups = reader.number(); groups > 0; groups--) {
      reader.number()
      reader.byte()
    }
    while (reader.at < end) skipInstruction(reader)
    if (reader.at !== end) refuse('a function has the wrong length')
  }
}

function leb(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) + 128)
  }
}

/** The memory section with its maximum lowered to `pagesMax`. */
function memorySection(reader: Reader, pagesMax: number): number[] {
  if (reader.number() !== 1) refuse('it must have one memory')
  const flags = reader.number()
  if (flags > 1) refuse('its memory is shared or 64-bit')
  const initial = reader.number()
  const declared = flags === 1 ? reader.number() : pagesMax
  if (initial > pagesMax) {
    throw new KernelFault('memory', `it starts with ${initial} pages, the limit is ${pagesMax}`)
  }
  const body = [1, 1, ...leb(initial), ...leb(Math.min(declared, pagesMax))]
  return [MEMORY_SECTION, ...leb(body.length), ...body]
}

/**
 * The same module with the maximum of its memory lowered.
 * @throws KernelFault `module` or `memory`
 */
export function checkedModule(wasm: Uint8Array, pagesMax: number): Uint8Array<ArrayBuffer> {
  const parts: (Uint8Array | number[])[] = [wasm.subarray(0, HEADER_BYTES)]
  const reader = new Reader(wasm, HEADER_BYTES)
  let hasMemory = false
  while (reader.at < wasm.length) {
    const start = reader.at
    const id = reader.byte()
    const size = reader.number()
    const end = reader.at + size
    if (end > wasm.length) refuse('it ends in the middle')
    if (id === CODE_SECTION) checkCode(reader)
    if (id === MEMORY_SECTION) {
      parts.push(memorySection(reader, pagesMax))
      hasMemory = true
    } else parts.push(wasm.subarray(start, end))
    reader.at = end
  }
  if (!hasMemory) refuse('it has no memory of its own')
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

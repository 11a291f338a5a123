/**
 * Hand-assembled modules that misbehave in one way each, otherwise well-formed.
 */

const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)]
const leb = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...leb(Math.floor(value / 128))]
const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...leb(content.length),
  ...content
]

const I32 = 0x7f
const END = 0x0b

/** What a kernel of this host answers. */
const LAYOUT = 2

/** Bodies of `layoutVersion`, which the host calls first. */
const BODIES = {
  honest: [0x41, LAYOUT, END],
  /** loop { br 0 } */
  loop: [0x03, 0x40, 0x0c, 0, END, 0x41, LAYOUT, END],
  /** loop { memory.grow(64) != -1 → again }; returns the pages it got */
  grow: [...[0x03, 0x40, 0x41, 1, 0x40, 0, 0x41, 0x7f, 0x47, 0x0d, 0, END], ...[0x3f, 0, END]],
  /** f32x4.relaxed_madd, opcode 0xfd 0x105 */
  relaxed: [
    ...Array.from({ length: 3 }, () => [0xfd, 12, ...new Array<number>(16).fill(0)]).flat(),
    ...[0xfd, 0x85, 0x02, 0x1a, 0x41, LAYOUT, END]
  ],
  /** The bytes of relaxed_madd inside a constant: harmless. */
  constant: [0x43, 0xfd, 0x85, 0x02, 0x00, 0x1a, 0x41, LAYOUT, END]
} as const

export interface HostileOptions {
  readonly imports?: boolean
  readonly body?: keyof typeof BODIES
  readonly pages?: number
  /** Limits flag of the memory: 3 is shared. */
  readonly memoryFlags?: number
}

export function hostileKernel(options: HostileOptions = {}): Uint8Array {
  const { imports = false, body = 'honest', pages = 1, memoryFlags = 1 } = options
  const code = [0, ...BODIES[body]]
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 1, I32]),
    ...(imports ? section(2, [1, ...name('env'), ...name('now'), 0, 0]) : []),
    ...section(3, [1, 0]),
    ...section(5, [1, memoryFlags, ...leb(pages), ...leb(65_536)]),
    ...section(7, [2, ...name('layoutVersion'), 0, imports ? 1 : 0, ...name('memory'), 2, 0]),
    ...section(10, [1, ...leb(code.length), ...code])
  ])
}

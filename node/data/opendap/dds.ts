/**
 * The structure of a DAP2 data set (DDS): arrays, and grids that are an array with its axes;
 * structures and sequences are told apart, not read. An answer is untrusted: sizes are checked
 * where they are used.
 */
import { MeshError } from '../../mesh-error.ts'

export const DAP_WIDTHS = {
  Byte: 1,
  Int16: 4,
  UInt16: 4,
  Int32: 4,
  UInt32: 4,
  Float32: 4,
  Float64: 8
} as const
export type DapNumber = keyof typeof DAP_WIDTHS
export type DapType = DapNumber | 'String' | 'Url'

export interface DapArray {
  readonly kind: 'array'
  readonly name: string
  readonly type: DapType
  readonly dimensions: readonly { readonly name: string; readonly count: number }[]
}

export interface DapGrid {
  readonly kind: 'grid'
  readonly name: string
  readonly array: DapArray
  readonly maps: readonly DapArray[]
}

/** Members of a structure, or of a sequence that this reader skips. */
export interface DapStructure {
  readonly kind: 'structure' | 'sequence'
  readonly name: string
  readonly members: readonly DapVariable[]
}

export type DapVariable = DapArray | DapGrid | DapStructure

/** Deeper is no data set but an attack. */
const DEPTH_MAX = 16
const TYPES = new Set<string>([...Object.keys(DAP_WIDTHS), 'String', 'Url'])
const isType = (word: string): word is DapType => TYPES.has(word)
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\];:=]|[^\s{}[\];:=]+/g

export const notDap = (what: string): MeshError =>
  new MeshError('data/not-understood', `the answer is no DAP2 ${what}`)

/** @throws MeshError data/not-understood */
export function parseDds(text: string): DapVariable[] {
  const tokens = text.match(TOKEN) ?? []
  let at = 0
  const peek = (): string => tokens[at] ?? ''
  const next = (): string => tokens[at++] ?? ''
  const expect = (wanted: string): void => {
    if (next().toLowerCase() !== wanted.toLowerCase()) throw notDap(`structure (no "${wanted}")`)
  }

  function declaration(depth: number): DapVariable {
    if (depth > DEPTH_MAX) throw notDap('structure (nested too deeply)')
    const word = next()
    if (isType(word)) return array(word)
    const kind = word.toLowerCase()
    if (kind === 'grid') return grid()
    if (kind !== 'structure' && kind !== 'sequence') throw notDap(`structure ("${word}")`)
    expect('{')
    const members = list(depth + 1)
    return { kind, name: ending(), members }
  }

  function array(type: DapType): DapArray {
    const name = unquoted(next())
    const dimensions: { name: string; count: number }[] = []
    while (peek() === '[') {
      next()
      const first = next()
      const isNamed = peek() === '='
      if (isNamed) next()
      const count = Number(isNamed ? next() : first)
      if (!Number.isSafeInteger(count) || count < 0) throw notDap('structure (a size)')
      dimensions.push({ name: isNamed ? unquoted(first) : '', count })
      expect(']')
    }
    expect(';')
    return { kind: 'array', name, type, dimensions }
  }

  const typed = (): DapArray => {
    const word = next()
    if (!isType(word)) throw notDap(`structure ("${word}" in a grid)`)
    return array(word)
  }

  function grid(): DapGrid {
    expect('{')
    expect('array')
    expect(':')
    const inner = typed()
    expect('maps')
    expect(':')
    const maps: DapArray[] = []
    while (peek() !== '}' && peek() !== '') maps.push(typed())
    expect('}')
    return { kind: 'grid', name: ending(), array: inner, maps }
  }

  /** The name after a brace; structures may be arrays, which are skipped. */
  function ending(): string {
    const name = unquoted(next())
    if (peek() === '[') throw notDap('structure that is read here (an array of structures)')
    expect(';')
    return name
  }

  function list(depth: number): DapVariable[] {
    const found: DapVariable[] = []
    while (peek() !== '}' && peek() !== '') found.push(declaration(depth))
    expect('}')
    return found
  }

  expect('dataset')
  expect('{')
  return list(0)
}

/** Names are written with %20 and the like. */
function unquoted(name: string): string {
  try {
    return decodeURIComponent(name.replace(/^"(.*)"$/, '$1'))
  } catch {
    return name
  }
}

/** The attributes of a DAP2 data set (DAS), by variable; nested ones under `outer.inner`. */
import type { NetcdfAttribute } from '../../forcing/netcdf3-writer.ts'
import { type DapNumber, notDap } from './dds.ts'

export interface DapAttribute {
  readonly type: string
  /** Unquoted texts. */
  readonly values: readonly string[]
}
export type DapAttributes = ReadonlyMap<string, ReadonlyMap<string, DapAttribute>>

const DEPTH_MAX = 16
const TOKEN = /"(?:[^"\\]|\\[\s\S])*"|[{};,]|[^\s{};,"]+/g

const unquote = (token: string): string =>
  token.startsWith('"') ? token.slice(1, -1).replace(/\\([\s\S])/g, '$1') : token

/** @throws MeshError data/not-understood */
export function parseDas(text: string): DapAttributes {
  const tokens = text.match(TOKEN) ?? []
  let at = 0
  const next = (): string => tokens[at++] ?? ''
  const all = new Map<string, Map<string, DapAttribute>>()

  /** The values up to the semicolon. */
  function values(): string[] {
    const found: string[] = []
    for (let token = next(); token !== ';' && token !== ''; token = next()) {
      if (token !== ',') found.push(unquote(token))
    }
    return found
  }

  function container(path: string, depth: number): void {
    if (depth > DEPTH_MAX) throw notDap('attributes (nested too deeply)')
    const own = all.get(path) ?? new Map<string, DapAttribute>()
    if (path !== '') all.set(path, own)
    for (let word = next(); word !== '}'; word = next()) {
      if (word === '') throw notDap('attributes (cut off)')
      if (tokens[at] === '{') {
        at++
        container(path === '' ? unquote(word) : `${path}.${unquote(word)}`, depth + 1)
      } else if (word !== ';') own.set(unquote(next()), { type: word, values: values() })
    }
  }

  if (next().toLowerCase() !== 'attributes' || next() !== '{') throw notDap('attributes')
  container('', 0)
  return all
}

/** Types of NetCDF-3; unsigned ones go into the next signed one that holds them. */
export const NETCDF_TYPES = {
  Byte: 'short',
  Int16: 'short',
  UInt16: 'int',
  Int32: 'int',
  UInt32: 'double',
  Float32: 'float',
  Float64: 'double'
} as const satisfies Record<DapNumber, string>

const isNumber = (type: string): type is DapNumber => Object.hasOwn(NETCDF_TYPES, type)

const numberOf = (text: string): number => {
  const value = Number(text)
  return Number.isNaN(value) && /^[-+]?inf/i.test(text)
    ? text.startsWith('-')
      ? Number.NEGATIVE_INFINITY
      : Number.POSITIVE_INFINITY
    : value
}

/** An attribute as NetCDF-3 keeps it: text, or numbers of the type next to it. */
export function netcdfAttribute({ type, values }: DapAttribute): NetcdfAttribute {
  if (!isNumber(type)) return values.join('\n')
  return { type: NETCDF_TYPES[type], values: values.map(numberOf) }
}

/** Text of an attribute, or nothing. */
export const textOf = (
  attributes: ReadonlyMap<string, DapAttribute> | undefined,
  name: string
): string | undefined => attributes?.get(name)?.values.join(', ')

/**
 * Shapes: the small vocabulary in which every durable object and message is described. A shape
 * checks kind, range, length and required fields of an untrusted value and carries its TypeScript
 * type, so that a message is described exactly once. Unknown fields are preserved (PROTOCOL §1).
 */
import { CID } from 'multiformats/cid'

/** Why a value does not have its shape: `path` names the field, `message` the rule it broke. */
export class ShapeError extends Error {
  readonly path: string
  constructor(path: string, message: string) {
    super(`${path === '' ? 'value' : path}: ${message}`)
    this.name = 'ShapeError'
    this.path = path
  }
}

/** Returns its input typed, or throws {@link ShapeError}. */
export type Shape<T> = (value: unknown, path?: string) => T
export type Infer<S> = S extends Shape<infer T> ? T : never

type Optional<T> = Shape<T> & { readonly optional: true }
type Fields = Record<string, Shape<unknown>>
type RequiredKeys<F> = { [K in keyof F]: F[K] extends Optional<unknown> ? never : K }[keyof F]
type OptionalKeys<F> = { [K in keyof F]: F[K] extends Optional<unknown> ? K : never }[keyof F]
type Fielded<F> = { readonly [K in RequiredKeys<F>]: Infer<F[K]> } & {
  readonly [K in OptionalKeys<F>]?: Infer<F[K]>
}

const fail = (path: string, message: string): never => {
  throw new ShapeError(path, message)
}

/** A whole number in [min, max]; the default range is that of a safe unsigned integer. */
export const integer =
  (max: number = Number.MAX_SAFE_INTEGER, min = 0): Shape<number> =>
  (value, path = '') =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
      ? value
      : fail(path, `must be a whole number from ${min} to ${max}`)

/** A finite float in [min, max]. */
export const float =
  (min: number, max: number): Shape<number> =>
  (value, path = '') =>
    typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max
      ? value
      : fail(path, `must be a finite number from ${min} to ${max}`)

export const flag: Shape<boolean> = (value, path = '') =>
  typeof value === 'boolean' ? value : fail(path, 'must be true or false')

/** Text of at most `max` UTF-16 units. */
export const text =
  (max: number): Shape<string> =>
  (value, path = '') =>
    typeof value === 'string' && value.length <= max
      ? value
      : fail(path, `must be text of at most ${max} characters`)

/** One of a closed set of words. */
export const oneOf =
  <const W extends string>(...words: W[]): Shape<W> =>
  (value, path = '') =>
    words.find((word) => word === value) ?? fail(path, `must be one of ${words.join(', ')}`)

/** Bytes of a length in [min, max]. */
export const bytes =
  (max: number, min = 0): Shape<Uint8Array> =>
  (value, path = '') =>
    value instanceof Uint8Array && value.length >= min && value.length <= max
      ? value
      : fail(path, `must be ${min === max ? max : `${min} to ${max}`} bytes`)

/** A CIDv1 over SHA-256, the only links Driftmesh follows. */
export const link: Shape<CID> = (value, path = '') => {
  const cid = CID.asCID(value)
  if (cid === null || cid.version !== 1 || cid.multihash.code !== 0x12) {
    return fail(path, 'must be a CIDv1 with SHA-256')
  }
  return cid
}

/** A list of at most `max` items. */
export const list =
  <T>(item: Shape<T>, max: number, min = 0): Shape<readonly T[]> =>
  (value, path = '') => {
    if (!Array.isArray(value) || value.length > max || value.length < min) {
      return fail(path, `must be a list of ${min} to ${max} items`)
    }
    return value.map((entry: unknown, index) => item(entry, `${path}[${index}]`))
  }

/** A field that may be absent; absent and `undefined` are the same. */
export const optional = <T>(shape: Shape<T>): Optional<T> =>
  Object.assign((value: unknown, path?: string) => shape(value, path), { optional: true as const })

/** A map with these fields; other fields are kept as they are. */
export const fields =
  <F extends Fields>(shapes: F): Shape<Fielded<F>> =>
  (value, path = '') => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return fail(path, 'must be a map')
    }
    const typed: Record<string, unknown> = { ...value }
    for (const [name, shape] of Object.entries(shapes)) {
      const where = path === '' ? name : `${path}.${name}`
      if (typed[name] === undefined) {
        if (!('optional' in shape)) fail(where, 'is missing')
        delete typed[name]
      } else {
        typed[name] = shape(typed[name], where)
      }
    }
    return typed as Fielded<F>
  }

/** A map with a `kind` that names what it is: every durable object and message is one. */
export const object = <const K extends string, F extends Fields>(
  kind: K,
  shapes: F
): Shape<{ readonly kind: K } & Fielded<F>> => {
  const inner = fields({ kind: oneOf(kind), ...shapes })
  return (value, path) => inner(value, path) as { readonly kind: K } & Fielded<F>
}

/** One of several objects, told apart by `kind`. */
export const union =
  <S extends Record<string, Shape<{ readonly kind: string }>>>(
    kinds: S
  ): Shape<Infer<S[keyof S]>> =>
  (value, path = '') => {
    const kind = (value as { kind?: unknown } | null)?.kind
    const shape = typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
    return (shape ?? (() => fail(path, 'has an unknown kind')))(value, path) as Infer<S[keyof S]>
  }

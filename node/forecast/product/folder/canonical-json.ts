/**
 * JSON with one form: keys in code-unit order, two-space indentation, a final newline. Files of a
 * product are content-addressed, so the order in which code builds an object must not show.
 */
import { fromString } from 'uint8arrays/from-string'

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  entries.sort(([left], [right]) => (left < right ? -1 : 1))
  // A null prototype keeps a key named __proto__ an ordinary key.
  const out: Record<string, unknown> = Object.create(null)
  for (const [key, inner] of entries) out[key] = sorted(inner)
  return out
}

const textOf = (value: unknown): string => `${JSON.stringify(sorted(value), null, 2)}\n`

export const canonicalJson = (value: unknown): Uint8Array => fromString(textOf(value))

/** The same with every letter beyond ASCII escaped: zarr-python 2 refuses metadata that has one. */
export const asciiJson = (value: unknown): Uint8Array =>
  fromString(
    textOf(value).replace(
      /[^\0-\x7f]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
    )
  )

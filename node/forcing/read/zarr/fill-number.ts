/**
 * Fill values in JSON: numbers, the words for what JSON has no number for, and base64 of the bytes,
 * as xarray writes the `_FillValue` of a version 3 store.
 */

const WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY
}

/** Undefined where nothing is stated, or nothing that is a number. */
export function fillNumber(value: unknown, dtype: string): number | undefined {
  const single: unknown = Array.isArray(value) ? value[0] : value
  if (typeof single === 'number') return single
  if (typeof single === 'boolean') return Number(single)
  if (typeof single !== 'string') return undefined
  const word = WORDS[single]
  if (word !== undefined) return word
  return /float|^[<>|]f/.test(dtype) ? fromBase64(single) : undefined
}

/** Little-endian float64, or float32. */
function fromBase64(text: string): number | undefined {
  const bytes = Buffer.from(text, 'base64')
  const isPlain = bytes.toString('base64') === text
  if (isPlain && bytes.length === 8) return bytes.readDoubleLE()
  return isPlain && bytes.length === 4 ? bytes.readFloatLE() : undefined
}

/** One byte range of a request (RFC 9110 §14). Several at once are answered with the whole. */
import { Refusal } from './refusal.ts'

export interface ByteRange {
  readonly offset: number
  readonly length: number
}

/**
 * The range asked for, or undefined when the whole file is the answer.
 * @throws Refusal 416 when no byte of it exists
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || first + last === '') return
  const isSuffix = first === ''
  const from = isSuffix ? Math.max(0, size - Number(last)) : Number(first)
  const to = isSuffix || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (!isSuffix && last !== '' && Number(last) < from) return
  if (from >= size || (isSuffix && Number(last) === 0)) {
    throw new Refusal(416, `the file has ${size} bytes`, { 'content-range': `bytes */${size}` })
  }
  return { offset: from, length: to - from + 1 }
}

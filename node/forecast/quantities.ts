/**
 * Times, durations and lengths as people write them in a forecast file, read exactly: a value that
 * is not a whole number of seconds, or whose length depends on the calendar, is refused rather
 * than rounded. Each reader returns the value or says what is wrong.
 */

/** The value, or what is wrong with the text. */
export type Reading = { readonly value: number } | { readonly problem: string }

const DURATION = /^([+-]?)P(.*)$/
const DAY_PARTS = [
  ['W', 604_800],
  ['D', 86_400]
] as const
const TIME_PARTS = [
  ['H', 3600],
  ['M', 60],
  ['S', 1]
] as const
const PART = /^(\d{1,9})(?:[.,](\d{1,9}))?([A-Z])/
/** A day off a millennium: beyond it a typing error is likelier than a forecast. */
const DURATION_SECONDS_MAX = 366_000 * 86_400

type Parts = readonly (readonly [string, number])[]

/** Seconds of `1DT12H`-like text; a fraction may only end it. NaN when it is not of this form. */
function sumParts(text: string, parts: Parts): { seconds: number; isFraction: boolean } {
  let rest = text
  let next = 0
  let seconds = 0
  let isFraction = false
  while (rest !== '') {
    const [all, whole = '', fraction = '', letter] = PART.exec(rest) ?? []
    const at = parts.findIndex(([name], index) => index >= next && name === letter)
    const part = parts[at]
    if (all === undefined || part === undefined || isFraction) {
      return { seconds: Number.NaN, isFraction }
    }
    isFraction = fraction !== ''
    seconds +=
      Number(whole) * part[1] + (Number(fraction || '0') * part[1]) / Number(`1e${fraction.length}`)
    rest = rest.slice(all.length)
    next = at + 1
  }
  return { seconds, isFraction }
}

/** Whole seconds of an ISO 8601 duration; negative with a leading minus. */
export function readDuration(text: string): Reading {
  const problem = `"${text}" is not an ISO 8601 duration; write for example P3D, PT1H or PT10M`
  const [, sign, body = ''] = DURATION.exec(text) ?? []
  if (sign === undefined) return { problem }
  const [days = '', time] = body.split('T', 2)
  if (/\d[YM]/.test(days)) {
    return { problem: `"${text}" counts years or months, which have no fixed length; use days` }
  }
  if (days === '' && (time === undefined || time === '')) return { problem }
  if (time === '' || body.split('T').length > 2) return { problem }
  const dayPart = sumParts(days, DAY_PARTS)
  const timePart = sumParts(time ?? '', TIME_PARTS)
  if (dayPart.isFraction && time !== undefined) return { problem }
  const seconds = dayPart.seconds + timePart.seconds
  if (Number.isNaN(seconds)) return { problem }
  if (!Number.isInteger(seconds)) return { problem: `"${text}" is not a whole number of seconds` }
  if (seconds > DURATION_SECONDS_MAX) return { problem: `"${text}" is longer than a millennium` }
  return { value: sign === '-' && seconds !== 0 ? -seconds : seconds }
}

const DATE = String.raw`(\d{4})-(\d{2})-(\d{2})`
const CLOCK = String.raw`(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?`
const OFFSET = String.raw`(Z|z|[+-]\d{2}(?::?\d{2})?)`
const TIME = new RegExp(`^${DATE}(?:[Tt ]${CLOCK}${OFFSET}?)?$`)

/** Unix seconds of an ISO 8601 time; without an offset it is UTC, a date alone is its midnight. */
export function readTime(text: string): Reading {
  const match = TIME.exec(text)
  if (match === null) {
    return { problem: `"${text}" is not an ISO 8601 time; write for example 2014-05-17T12:30:00Z` }
  }
  const number = (index: number): number => Number(match[index] ?? '0')
  const ms = Date.UTC(number(1), number(2) - 1, number(3), number(4), number(5), number(6))
  const isReal =
    new Date(ms).toISOString().slice(0, 10) === text.slice(0, 10) &&
    number(4) < 24 &&
    number(5) < 60 &&
    number(6) < 60
  if (!isReal) return { problem: `"${text}" names a day or hour that does not exist` }
  if (/[1-9]/.test(match[7] ?? '')) {
    return { problem: `"${text}" is not a whole second` }
  }
  return { value: ms / 1000 - offsetSeconds(match[8] ?? 'Z') }
}

function offsetSeconds(offset: string): number {
  if (offset === 'Z' || offset === 'z') return 0
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0')
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60
  return offset.startsWith('-') ? -seconds : seconds
}

const LENGTH = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S.*)?$/
const METRES: Readonly<Record<string, number>> = {
  mm: 0.001,
  cm: 0.01,
  m: 1,
  metre: 1,
  metres: 1,
  meter: 1,
  meters: 1,
  km: 1000,
  nm: 1852,
  nmi: 1852
}

/** Metres of a length: a bare number is metres. */
export function readLength(input: string | number): Reading {
  if (typeof input === 'number') return { value: input }
  const [, amount, unit = 'm'] = LENGTH.exec(input.trim()) ?? []
  if (amount === undefined) {
    return { problem: `"${input}" is not a length; write for example 500 m or 2 km` }
  }
  const metres = Object.hasOwn(METRES, unit) ? METRES[unit] : undefined
  if (metres === undefined) {
    return { problem: `unknown unit "${unit}" of a length; use mm, cm, m, km or nmi` }
  }
  return { value: Number(amount) * metres }
}

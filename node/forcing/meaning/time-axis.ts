/**
 * Times as files write them, brought to whole Unix seconds: units of any case, several epochs'
 * spellings, calendars other than the real one, and numbers too coarse for seconds.
 */
import type { StoredType } from '../read/data-file.ts'
import { calendarOf } from './calendar.ts'

const UNIT_SECONDS: readonly (readonly [RegExp, number])[] = [
  [/^(milliseconds?|msecs?|ms)$/, 0.001],
  [/^(seconds?|secs?|s)$/, 1],
  [/^(minutes?|mins?)$/, 60],
  [/^(hours?|hrs?|hr|h)$/, 3600],
  [/^(days?|d)$/, 86_400]
]
const DATE = /([+-]?\d{1,6})-(\d{1,2})-(\d{1,2})/.source
const CLOCK = /(?:[t\s]+(\d{1,2})(?::(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?)?)?/.source
const ZONE = /(z|utc|gmt|[+-]\d{1,2}(?::?\d{2})?)?/.source
/** Unit, then year, month, day, hour, minute, second, zone. */
const EPOCH = new RegExp(`^\\s*([a-z]+)\\s+since\\s+${DATE}${CLOCK}\\s*${ZONE}\\s*$`, 'i')
/** Round steps to which times are snapped when their stored numbers are coarser than a second. */
const ROUND_STEPS_SECONDS = [3600, 1800, 900, 600, 300, 60]

/** Years that four digits hold: beyond them a damaged number is likelier than data. */
const SECONDS_MIN = -62_167_219_200
const SECONDS_MAX = 253_402_300_799

/** Share of itself by which a 32-bit number differs from the next. */
const FLOAT32_RESOLUTION = 1 / 8_388_608

export interface TimeAxis {
  /** Whole Unix seconds, as stored (any order). */
  readonly seconds: readonly number[]
  readonly notes: readonly string[]
}

/** Is this the unit of a time axis? */
export const isTimeUnit = (unit: string): boolean => /\bsince\b/i.test(unit)

/** The times, or a sentence that says why they are not understood. */
export function parseTimes(
  values: Float64Array,
  type: StoredType,
  unit: string,
  calendarName: string
): TimeAxis | string {
  const match = EPOCH.exec(unit)
  const unitSeconds = UNIT_SECONDS.find(([name]) => name.test(match?.[1]?.toLowerCase() ?? ''))?.[1]
  if (match === null || unitSeconds === undefined) return `has times in '${unit}'`
  const calendar = calendarOf(calendarName)
  if (typeof calendar === 'string') return calendar
  if (values.some((value) => !Number.isFinite(value))) return 'has missing times'
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(2, 8)
    .map((part) => Number(part ?? 0))
  const clock = hour * 3600 + minute * 60 + second - zoneSeconds(match[8] ?? '')
  const exact = Array.from(values, (value) =>
    calendar.after({ year, month, day }, clock, value * unitSeconds)
  )
  if (exact.some((second) => second < SECONDS_MIN || second > SECONDS_MAX)) {
    return `has times outside the years 0 to 9999 (in '${unit}')`
  }
  const notes = calendar.note === undefined ? [] : [calendar.note]
  if (type !== 'float32') return { seconds: exact.map(Math.round), notes }
  const seconds = snap(exact, values, unitSeconds)
  const isMoved = seconds.some((second, index) => Math.abs(second - (exact[index] ?? 0)) > 0.5)
  if (isMoved) notes.push('32-bit times are rounded to the whole minutes they stand for')
  return { seconds, notes }
}

function zoneSeconds(zone: string): number {
  const match = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(zone)
  if (match === null) return 0
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60
  return match[1] === '-' ? -seconds : seconds
}

/** The coarsest round step within which every number is what its 24 bits can tell. */
function snap(exact: readonly number[], values: Float64Array, unitSeconds: number): number[] {
  const resolution =
    values.reduce((most, v) => Math.max(most, Math.abs(v)), 0) * FLOAT32_RESOLUTION * unitSeconds
  if (resolution <= 0.5) return exact.map(Math.round)
  const step = ROUND_STEPS_SECONDS.find((candidate) =>
    exact.every((s) => Math.abs(Math.round(s / candidate) * candidate - s) <= resolution)
  )
  return exact.map((second) => Math.round(second / (step ?? 1)) * (step ?? 1))
}

/** ISO 8601 in UTC, without fractions. */
export const isoTime = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

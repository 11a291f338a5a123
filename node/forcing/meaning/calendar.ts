/**
 * Dates of the calendars that CF knows. Ocean data is about the real sea, so a date of any calendar
 * means the day of that name in the real one; time passes from the epoch as the calendar says. Two
 * calendars have days that the real one lacks (30 February) and are refused.
 */

/** Day number (from 1970-01-01) of 1582-10-15, before which `standard` dates are Julian. */
const GREGORIAN_FIRST_DAY = -141_427
const DAY_SECONDS = 86_400
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

interface CivilDate {
  readonly year: number
  readonly month: number
  readonly day: number
}

const REAL = new Set(['standard', 'gregorian', 'proleptic_gregorian', ''])
const TOLD: Readonly<Record<string, 'julian' | 'noleap'>> = {
  julian: 'julian',
  noleap: 'noleap',
  '365_day': 'noleap'
}

export interface Calendar {
  /** Unix seconds of so many seconds after a date and time of day. */
  readonly after: (date: CivilDate, secondsOfDay: number, seconds: number) => number
  readonly note?: string
}

/** A calendar by its CF name, or what is wrong with it. */
export function calendarOf(given: string): Calendar | string {
  const name = given.trim().toLowerCase()
  if (REAL.has(name)) {
    const isProleptic = name === 'proleptic_gregorian'
    return {
      after: (date, secondsOfDay, seconds) =>
        realDay(date, isProleptic) * DAY_SECONDS + secondsOfDay + seconds
    }
  }
  const told = TOLD[name]
  if (told === undefined) {
    return `has times in the calendar '${given}', whose dates are not those of the real one`
  }
  return {
    after: (date, secondsOfDay, seconds) => {
      const total = secondsOfDay + seconds
      const days = Math.floor(total / DAY_SECONDS)
      const later =
        told === 'julian'
          ? julianDate(dayNumber(date, false) + days)
          : noLeapDate(noLeapDay(date) + days)
      return dayNumber(later, true) * DAY_SECONDS + (total - days * DAY_SECONDS)
    },
    note: `calendar '${name}': its dates are taken as dates of the real calendar`
  }
}

function realDay(date: CivilDate, isProleptic: boolean): number {
  const gregorian = dayNumber(date, true)
  return isProleptic || gregorian >= GREGORIAN_FIRST_DAY ? gregorian : dayNumber(date, false)
}

/** Days from 1970-01-01 to a civil date of the Gregorian or Julian calendar (H. Hinnant). */
function dayNumber({ year, month, day }: CivilDate, isGregorian: boolean): number {
  const y = month <= 2 ? year - 1 : year
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const days = y * 365 + Math.floor(y / 4) + dayOfYear
  return isGregorian ? days - Math.floor(y / 100) + Math.floor(y / 400) - 719_468 : days - 719_470
}

/** The inverse of {@link dayNumber} for the Julian calendar. */
function julianDate(dayNumberJulian: number): CivilDate {
  const days = dayNumberJulian + 719_470
  const year = Math.floor((4 * days + 3) / 1461)
  const dayOfYear = days - Math.floor((1461 * year) / 4)
  const part = Math.floor((5 * dayOfYear + 2) / 153)
  const month = part < 10 ? part + 3 : part - 9
  return {
    year: month <= 2 ? year + 1 : year,
    month,
    day: dayOfYear - Math.floor((153 * part + 2) / 5) + 1
  }
}

const noLeapDay = ({ year, month, day }: CivilDate): number =>
  365 * year + MONTH_DAYS.slice(0, month - 1).reduce((sum, days) => sum + days, 0) + day - 1

function noLeapDate(days: number): CivilDate {
  const year = Math.floor(days / 365)
  let day = days - 365 * year
  let month = 1
  for (const length of MONTH_DAYS) {
    if (day < length) break
    day -= length
    month++
  }
  return { year, month, day: day + 1 }
}

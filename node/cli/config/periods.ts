/** Periods of a schedule, as a person writes them, as minutes of the week. */
import type { z } from 'zod'
import type { Effort } from '../../worker/effort/caps.ts'
import type { Period } from '../../worker/effort/rules.ts'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const DAY_MINUTES = 24 * 60

/** Minutes of "08:30"; "24:00" ends a day. */
function minutesOf(text: string): number | undefined {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? []
  const value = Number(hours) * 60 + Number(minutes)
  return Number(minutes) < 60 && value <= DAY_MINUTES ? value : undefined
}

/** Indices of "mon-fri", "sat,sun" or "daily"; Monday is 0. */
function daysOf(text: string): number[] | undefined {
  if (text === 'daily') return DAYS.map((_, index) => index)
  const days: number[] = []
  for (const part of text.toLowerCase().split(',')) {
    const [first = '', last = first] = part.trim().split('-')
    const from = DAYS.indexOf(first as (typeof DAYS)[number])
    const to = DAYS.indexOf(last as (typeof DAYS)[number])
    if (from < 0 || to < 0) return undefined
    for (let day = from; ; day = (day + 1) % DAYS.length) {
      days.push(day)
      if (day === to) break
    }
  }
  return days
}

interface Written {
  readonly days: string
  readonly from: string
  readonly to: string
  readonly effort: Effort | 'off'
}

/** A period that ends before it begins ends on the next day. */
export function periodsOf(written: readonly Written[], context: z.RefinementCtx): Period[] {
  return written.flatMap(({ days, from, to, effort }, index) => {
    const [start, end, found] = [minutesOf(from), minutesOf(to), daysOf(days)]
    const problem = (key: string, message: string): Period[] => {
      context.addIssue({ code: 'custom', message, path: [index, key] })
      return []
    }
    if (found === undefined) return problem('days', 'write mon-fri, sat,sun or daily')
    if (start === undefined) return problem('from', 'write a time like 08:00')
    if (end === undefined) return problem('to', 'write a time like 18:00')
    return found.map((day) => ({
      fromMinute: day * DAY_MINUTES + start,
      toMinute: (day * DAY_MINUTES + end + (end <= start ? DAY_MINUTES : 0)) % (7 * DAY_MINUTES),
      profile: effort
    }))
  })
}

/**
 * The words of the forecast file's schema: numbers, times, lengths and maps whose errors say what
 * a value must be and, where it is absent, that it is missing.
 */
import { z } from 'zod'
import { type Reading, readDuration, readLength, readTime } from './quantities.ts'

/** One message for a wrong value and one for a missing one. */
export const says = (what: string) => ({
  error: (issue: { input?: unknown }) =>
    issue.input === undefined ? `is missing; it must be ${what}` : `must be ${what}`
})

const reading =
  <T>(read: (input: T) => Reading) =>
  (input: T, context: z.RefinementCtx<T>): number => {
    const result = read(input)
    if ('value' in result) return result.value
    context.addIssue({ code: 'custom', message: result.problem, input })
    return z.NEVER
  }

export const text = (max: number) =>
  z.string(says('text')).max(max, says(`at most ${max} characters`))

export const number = (min: number, max: number) => {
  const rule = says(`a number from ${min} to ${max}`)
  return z.number(rule).min(min, rule).max(max, rule)
}

export const whole = (min: number, max: number) => {
  const rule = says(`a whole number from ${min} to ${max}`)
  return z.number(rule).int(rule).min(min, rule).max(max, rule)
}

export const oneOf = <const W extends [string, ...string[]]>(...words: W) =>
  z.enum(words, says(words.length === 1 ? `${words[0]}` : `one of ${words.join(', ')}`))

/** A map that may have these keys and no others. */
export const map = <S extends z.core.$ZodLooseShape>(shape: S, what = 'a map') =>
  z.strictObject(shape, says(what))

export const time = z
  .string(says('an ISO 8601 time such as 2014-05-17T12:30:00Z'))
  .transform(reading(readTime))

const anyDuration = z
  .string(says('an ISO 8601 duration such as P3D, PT1H or PT10M'))
  .transform(reading(readDuration))

/** Seconds, of either sign. */
export const signedDuration = anyDuration.refine((s) => s !== 0, 'must be longer than nothing')
export const duration = anyDuration.refine((s) => s > 0, 'must be longer than nothing')

/** Metres. */
export const length = (maxMetres: number, what: string) =>
  z
    .union([z.number(), z.string()], says('a length such as 500 m or 2 km'))
    .transform(reading(readLength))
    .refine((metres) => metres >= 0 && metres <= maxMetres, `must be from 0 to ${what}`)

export const className = text(64).min(1, 'must not be empty')

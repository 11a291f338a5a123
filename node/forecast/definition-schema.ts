/**
 * The shape of a forecast file: its keys, their units and defaults, checked strictly so that a
 * mistyped key is an error and not a default. Rules between keys are in definition-rules.ts.
 */
import { z } from 'zod'
import {
  MEMBERS_MAX,
  PLAN_BLOCKS_MAX,
  REPLICAS_MAX,
  TEXT_MAX,
  UNIT_PARTICLES_MAX
} from '../../protocol/limits.ts'
import { type Reading, readDuration, readLength, readTime } from './quantities.ts'

/** A pattern may have to list every file of a set: `folder/{one,two,…}`. */
const SOURCE_MAX = 64 * 1024
/** Points of one seeding entry: each costs a few dozen bytes of text. */
const POINTS_MAX = 200_000
/** Particles of a forecast: as many as a plan's blocks can hold. */
export const PARTICLES_MAX = Math.min(PLAN_BLOCKS_MAX * UNIT_PARTICLES_MAX, 0xffff_ffff)

/** Values of one 32-bit word. */
const WORD = 0x1_0000_0000

/** One message for a wrong value and one for a missing one. */
const says = (what: string) => ({
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

const text = (max: number) => z.string(says('text')).max(max, says(`at most ${max} characters`))
const number = (min: number, max: number) => {
  const rule = says(`a number from ${min} to ${max}`)
  return z.number(rule).min(min, rule).max(max, rule)
}
const whole = (min: number, max: number) => {
  const rule = says(`a whole number from ${min} to ${max}`)
  return z.number(rule).int(rule).min(min, rule).max(max, rule)
}
const oneOf = <const W extends [string, ...string[]]>(...words: W) =>
  z.enum(words, says(words.length === 1 ? `${words[0]}` : `one of ${words.join(', ')}`))
/** A map that may have these keys and no others. */
const map = <S extends z.core.$ZodLooseShape>(shape: S, what = 'a map') =>
  z.strictObject(shape, says(what))

const time = z
  .string(says('an ISO 8601 time such as 2014-05-17T12:30:00Z'))
  .transform(reading(readTime))
const duration = z
  .string(says('an ISO 8601 duration such as P3D, PT1H or PT10M'))
  .transform(reading(readDuration))
  .refine((seconds) => seconds > 0, 'must be longer than nothing')
const radius = z
  .union([z.number(), z.string()], says('a length such as 500 m or 2 km'))
  .transform(reading(readLength))
  .refine((metres) => metres >= 0 && metres <= 1e7, 'must be from 0 to 10000 km')

const coordinate = z.number(says('a number'))
const point = z.tuple([coordinate, coordinate], says('a pair [lon, lat] of numbers'))
const factor = number(0, 1)
const WINDAGE_RULE = 'a number from 0 to 1 or a range [least, most] of such numbers'
const windage = z.union(
  [
    factor.transform((value): [number, number] => [value, value]),
    z.tuple([factor, factor]).refine(([least, most]) => least <= most, `must be ${WINDAGE_RULE}`)
  ],
  says(WINDAGE_RULE)
)

const className = text(64).min(1, 'must not be empty')

const forcing = map(
  {
    role: oneOf('current', 'wind', 'stokes'),
    source: text(SOURCE_MAX).min(1, 'must name a file, a folder or a pattern'),
    depth: number(0, 12_000).optional(),
    map: map({ u: className, v: className }, 'a map { u: NAME, v: NAME }').optional(),
    attribution: text(TEXT_MAX).optional()
  },
  'a map with role and source'
)

const seeding = map(
  {
    kind: oneOf('points'),
    at: z
      .array(point, says('a list of points [[lon, lat], …]'))
      .min(1, 'must hold at least one point [lon, lat]')
      .max(POINTS_MAX, `must hold at most ${POINTS_MAX} points`),
    particles: whole(1, PARTICLES_MAX),
    radius: radius.default(0),
    release: time.optional(),
    class: className.optional()
  },
  'a map with kind, at and particles'
)

const physics = map({
  scheme: oneOf('rk4', 'rk2', 'euler').default('rk4'),
  windage: z.record(className, windage, says('a map of class names')).default({}),
  relativeWind: z.boolean(says('true or false')).default(false),
  diffusivity: number(0, 1e6).default(1),
  vertical: oneOf('surface').default('surface'),
  coast: map({ rule: oneOf('strand').default('strand') }).optional()
}).prefault({})

const rngSeed = z.union(
  [
    z
      .number()
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .transform((seed): [number, number] => [Math.floor(seed / WORD), seed % WORD]),
    z.tuple([whole(0, 0xffff_ffff), whole(0, 0xffff_ffff)])
  ],
  says('a whole number below 2^53, or [high, low] words of 32 bits')
)

const products = map({
  density: map({ resolution: number(1e-4, 1e7).optional() }).prefault({}),
  tracks: map({ particles: whole(0, PARTICLES_MAX).default(1000) }).optional()
}).prefault({})

const mesh = map({
  policy: oneOf('quorum').default('quorum'),
  quorum: whole(1, REPLICAS_MAX).default(2),
  unitParticles: whole(1, UNIT_PARTICLES_MAX).optional(),
  window: duration.optional(),
  deadline: duration.default(6 * 3600),
  priority: whole(-100, 100).default(0)
}).prefault({})

const metadata = map({
  name: text(64)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be of letters, digits, . _ and -')
    .default('forecast'),
  title: text(TEXT_MAX).optional(),
  institution: text(TEXT_MAX).default(''),
  license: text(64).default('')
}).prefault({})

export const forecastFile = map(
  {
    apiVersion: oneOf('driftmesh/v1'),
    kind: oneOf('Forecast'),
    metadata,
    spec: map(
      {
        start: time,
        duration,
        step: duration.optional(),
        output: duration.optional(),
        metric: oneOf('wgs84', 'sphere1852', 'flat').default('wgs84'),
        forcing: z.array(forcing, says('a list of forcing entries')).min(1, 'must not be empty'),
        seeding: z.array(seeding, says('a list of seeding entries')).min(1, 'must not be empty'),
        physics,
        ensemble: map({
          members: whole(1, MEMBERS_MAX).default(1),
          rngSeed: rngSeed.default([0, 0])
        }).prefault({}),
        products,
        mesh
      },
      'a map with start, duration, forcing and seeding'
    )
  },
  'a map with apiVersion, kind, metadata and spec'
)
export type ForecastFile = z.infer<typeof forecastFile>

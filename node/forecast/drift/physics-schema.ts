/**
 * The part of a forecast file that says how things drift: `physics` and `ensemble.perturb`, with
 * units and defaults of PHYSICS §3. Rules between the keys are in physics-rules.ts.
 */
import { z } from 'zod'
import { className, duration, length, map, number, oneOf, says } from '../schema-parts.ts'

const factor = number(0, 1)
const WINDAGE_RULE = 'a number from 0 to 1 or a range [least, most] of such numbers'
const windage = z.union(
  [
    factor.transform((value): [number, number] => [value, value]),
    z.tuple([factor, factor]).refine(([least, most]) => least <= most, `must be ${WINDAGE_RULE}`)
  ],
  says(WINDAGE_RULE)
)

/** Plastic larger or denser than this is not what the formula of rise is for. */
const PARTICLE_METRES_MAX = 1
const RISE_RULE = 'a speed in m/s from 0 to 1, or a map { diameter, density }'
const rise = z.union(
  [
    number(0, 1),
    map({
      diameter: length(PARTICLE_METRES_MAX, '1 m').refine((metres) => metres > 0, 'must be > 0'),
      density: number(1, 5000)
    })
  ],
  says(RISE_RULE)
)

const depth = length(12_000, '12000 m')

/** One value for every class, or a map of classes. */
const byClass = <T extends z.ZodType>(value: T, what: string) =>
  z.union([value, z.record(className, value)], says(`${what}, or a map of class names`))

export const physics = map({
  scheme: oneOf('rk4', 'rk2', 'euler').default('rk4'),
  windage: z.record(className, windage, says('a map of class names')).default({}),
  relativeWind: z.boolean(says('true or false')).default(false),
  stokes: oneOf('none', 'field', 'parameterised').optional(),
  wavePeriod: number(0.5, 60).optional(),
  diffusivity: z
    .union([number(0, 1e6), z.literal('field')], says('a number from 0 to 1000000, or field'))
    .optional(),
  vertical: oneOf('surface', 'mixed').default('surface'),
  depth: byClass(depth, 'a depth such as 15 m').optional(),
  riseVelocity: byClass(rise, RISE_RULE).optional(),
  water: map({
    temperature: number(-2, 40).default(15),
    salinity: number(0, 50).default(35),
    density: number(900, 1200).default(1026)
  }).prefault({}),
  coast: map({
    rule: oneOf('strand', 'slide', 'probabilistic').default('probabilistic'),
    beachingTime: duration.optional(),
    refloatTime: duration.optional(),
    zone: length(1e6, '1000 km').optional()
  }).prefault({}),
  maxAge: duration.optional(),
  halfLife: duration.optional()
}).prefault({})

/** A factor of 1 + 0.4·s, s within ±√6, is still above 0. */
const spread = number(0, 0.4)

export const perturb = map({
  currentFactor: spread.default(0),
  windageFactor: spread.default(0),
  diffusivityFactor: spread.default(0),
  currentNoise: map(
    { deviation: number(0, 10), timescale: duration },
    'a map { deviation, timescale }'
  ).optional(),
  releaseTime: duration.optional()
}).prefault({})

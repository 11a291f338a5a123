/**
 * The shape of a forecast file: its keys, their units and defaults, checked strictly so that a
 * mistyped key is an error and not a default. Rules between keys are in definition-rules.ts.
 */
import { z } from 'zod'
import {
  MEMBERS_MAX,
  ORIGINS_MAX,
  PLAN_BLOCKS_MAX,
  REPLICAS_MAX,
  TEXT_MAX,
  UNIT_PARTICLES_MAX
} from '../../protocol/limits.ts'
import { perturb, physics } from './drift/physics-schema.ts'
import { forcingList, gridName, land } from './forcing/forcing-schema.ts'
import {
  className,
  duration,
  length,
  map,
  number,
  oneOf,
  says,
  signedDuration,
  text,
  time,
  whole
} from './schema-parts.ts'

/** Points of one seeding entry: each costs a few dozen bytes of text. */
const POINTS_MAX = 200_000
/** Particles of a forecast: as many as a plan's blocks can hold. */
export const PARTICLES_MAX = Math.min(PLAN_BLOCKS_MAX * UNIT_PARTICLES_MAX, 0xffff_ffff)

/** Values of one 32-bit word. */
const WORD = 0x1_0000_0000

const radius = length(1e7, '10000 km')

const coordinate = z.number(says('a number'))
const point = z.tuple([coordinate, coordinate], says('a pair [lon, lat] of numbers'))
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
  tracks: map({ particles: whole(0, PARTICLES_MAX).default(1000) }).optional(),
  // Always made where the forcing knows a coast; a file may name them.
  beaching: map({}).optional(),
  connectivity: map({}).optional()
}).prefault({})

const mesh = map({
  policy: oneOf('quorum', 'throughput').default('quorum'),
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
        duration: signedDuration,
        step: duration.optional(),
        output: duration.optional(),
        metric: oneOf('wgs84', 'sphere1852', 'flat').default('wgs84'),
        forcing: forcingList,
        grid: gridName,
        land,
        seeding: z
          .array(seeding, says('a list of seeding entries'))
          .min(1, 'must not be empty')
          .max(ORIGINS_MAX, `must hold at most ${ORIGINS_MAX} entries`),
        physics,
        ensemble: map({
          members: whole(1, MEMBERS_MAX).default(1),
          rngSeed: rngSeed.default([0, 0]),
          perturb
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

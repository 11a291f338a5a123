/**
 * What moves the particles of a forecast at most, where they can be: the bounds by which its step
 * is planned.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { IngestedForcing } from '../forcing/ingest.ts'
import type { ForecastDefinition } from './definition.ts'
import { drawFactors, type MemberFactors } from './drift/members.ts'
import { DEGREE_METRES, type Rows, reachedRows } from './reached-rows.ts'
import { planStep, type SpeedBounds, type StepPlan, smallestCell } from './step-plan.ts'

/** The kernel's noise saturates here. */
const NOISE_DEVIATIONS = 4
/** Standard deviations of a random walk that nobody goes beyond; the kernel checks. */
const WALK_DEVIATIONS = 10
/** Shares of the wind that parameterised Stokes drift is. */
const STOKES_OF_WIND = 0.016

type Bounds = Omit<SpeedBounds, 'cellsPerMetre'>

const greatest = (values: readonly number[]): number => Math.max(...values)

/** Bounds by the greatest speeds of some place. */
function boundsBy(
  definition: ForecastDefinition,
  ingested: Pick<IngestedForcing, 'diffusivity'>,
  kernel: Kernel
): (speeds: IngestedForcing['maxSpeeds']) => Bounds {
  const members = drawFactors(definition, kernel)
  const { physics, classes } = definition
  const ofMembers = (key: Exclude<keyof MemberFactors, 'key'>): number =>
    greatest(members.map((member) => member[key]))
  const isField = physics.diffusivityFrom === 'field'
  const { most, slope } = ingested.diffusivity ?? { most: 0, slope: 0 }
  const k = physics.diffusivity * ofMembers('diffusivityFactor')
  const currentFactor = ofMembers('currentFactor')
  const rest = {
    windage: greatest(classes.map(({ windage }) => windage[1] ?? 0)) * ofMembers('windageFactor'),
    isWindRelative: physics.isWindRelative,
    diffusivity: isField ? k * most : k,
    diffusivityGradient: isField ? k * slope : 0,
    noise: NOISE_DEVIATIONS * (physics.noise?.deviationMetresPerSecond ?? 0)
  }
  return ({ current, wind, stokes }) => ({
    ...rest,
    current: current * currentFactor,
    wind,
    stokes: { none: 0, field: stokes, parameterised: STOKES_OF_WIND * wind }[physics.stokes]
  })
}

/** Rows that particles can come to; all where rows are not of one latitude. */
function rowsOf(
  definition: ForecastDefinition,
  { places, rowSpeeds, forcing }: IngestedForcing,
  bounds: (speeds: IngestedForcing['maxSpeeds']) => Bounds
): Rows {
  const { seeding, metric } = definition
  if ('lonLats' in places || metric === 'flat' || seeding.length === 0) {
    return { first: 0, last: forcing.rows - 1 }
  }
  const starts = seeding.flatMap(({ points, radiusMetres }) =>
    points.map(
      ([, lat]) => [lat - radiusMetres / DEGREE_METRES, lat + radiusMetres / DEGREE_METRES] as const
    )
  )
  const south = starts.reduce((least, [lat]) => Math.min(least, lat), 90)
  const north = starts.reduce((most, [, lat]) => Math.max(most, lat), -90)
  const { diffusivity } = bounds({ current: 0, wind: 0, stokes: 0 })
  return reachedRows({
    latitudes: places.latitudes,
    start: [south, north],
    speedIn: (row) => {
      const at = (role: keyof typeof rowSpeeds): number => rowSpeeds[role][row] ?? 0
      const own = bounds({ current: at('current'), wind: at('wind'), stokes: at('stokes') })
      const wind = own.wind + (own.isWindRelative ? own.current : 0)
      const drift = own.current + own.stokes + own.windage * wind
      // Noise and gradient have their bound on either axis.
      return drift + own.noise + own.diffusivityGradient
    },
    walkMetres: WALK_DEVIATIONS * Math.sqrt(2 * diffusivity * definition.durationSeconds),
    seconds: definition.durationSeconds
  })
}

/** The longest step that keeps every particle of every member within a cell. */
export function stepFor(
  definition: ForecastDefinition,
  ingested: IngestedForcing,
  kernel: Kernel
): StepPlan {
  const bounds = boundsBy(definition, ingested, kernel)
  const rows = rowsOf(definition, ingested, bounds)
  const { rowSpeeds, metric, land, forcing } = ingested
  const within = (speeds: Float64Array): number =>
    speeds.subarray(rows.first, rows.last + 1).reduce((most, speed) => Math.max(most, speed), 0)
  return planStep(definition, {
    ...bounds({
      current: within(rowSpeeds.current),
      wind: within(rowSpeeds.wind),
      stokes: within(rowSpeeds.stokes)
    }),
    cellsPerMetre: smallestCell(metric, land, forcing.columns, rows)
  })
}

/**
 * What the stores say about themselves: CF-1.11 and ACDD-1.3 attributes, coordinates and axes, all
 * from the plan. Numbers that become coordinate bytes use `+ - * /` only.
 */
import type { Gap } from '../../../../coordinator/product/gaps.ts'
import type { Plan } from '../../../../protocol/plan.ts'
import { STATUSES } from '../../../../protocol/result.ts'
import { textVector, type Vector, valueBytes, vector } from './zarr.ts'

/** ISO 8601 UTC of a model time. */
export const isoTime = (unixSeconds: number): string =>
  new Date(unixSeconds * 1000).toISOString().replace('.000Z', 'Z')

export const endSeconds = (plan: Plan): number =>
  plan.startSeconds + plan.stepCount * plan.stepSeconds

/** Seconds between two outputs. */
export const outputSeconds = (plan: Plan): number =>
  Math.abs(plan.outputEverySteps * plan.stepSeconds)

/** A gap in words: which particles lack which time. */
export function gapText(plan: Plan, gap: Gap): string {
  const from = plan.startSeconds + gap.firstStep * plan.stepSeconds
  const to = from + gap.stepCount * plan.stepSeconds
  const last = gap.firstParticle + gap.particleCount - 1
  const particles = `particles ${gap.firstParticle} to ${last} of member ${gap.member}`
  return `${particles} from ${isoTime(from)} to ${isoTime(to)}`
}

/** Attributes of a store. */
export function storeAttributes(plan: Plan, summary: string, gaps: readonly Gap[]) {
  const { coast, diffusivity, isWindRelative, scheme } = plan.physics
  return {
    Conventions: 'CF-1.11, ACDD-1.3',
    title: plan.title,
    id: plan.name,
    summary,
    institution: plan.institution,
    license: plan.license,
    acknowledgement: plan.attributions.join('; '),
    source: 'Driftmesh drift forecast; rerun it bit for bit from kernel, forcing and plan',
    time_coverage_start: isoTime(plan.startSeconds),
    time_coverage_end: isoTime(endSeconds(plan)),
    driftmesh_kernel: plan.kernel.toString(),
    driftmesh_forcing: plan.forcing.toString(),
    driftmesh_scheme: scheme,
    driftmesh_coast: coast,
    driftmesh_horizontal_diffusivity: diffusivity,
    driftmesh_is_wind_relative: isWindRelative ? 1 : 0,
    driftmesh_time_step_seconds: plan.stepSeconds,
    driftmesh_metric: plan.metric,
    driftmesh_gaps: gaps.map((gap) => gapText(plan, gap))
  }
}

/** Names and attributes of the two horizontal axes. */
export const axesOf = (plan: Plan) =>
  plan.metric === 'flat'
    ? {
        y: { name: 'y', standard_name: 'projection_y_coordinate', units: 'm' },
        x: { name: 'x', standard_name: 'projection_x_coordinate', units: 'm' }
      }
    : {
        y: { name: 'lat', standard_name: 'latitude', units: 'degrees_north' },
        x: { name: 'lon', standard_name: 'longitude', units: 'degrees_east' }
      }

/** Output times as whole Unix seconds. */
export function timeVector(plan: Plan, timeCount: number): Vector {
  const seconds = new BigInt64Array(timeCount)
  for (let index = 0; index < timeCount; index += 1) {
    const step = index * plan.outputEverySteps
    seconds[index] = BigInt(plan.startSeconds + step * plan.stepSeconds)
  }
  const attributes = {
    standard_name: 'time',
    long_name: 'valid time',
    axis: 'T',
    units: 'seconds since 1970-01-01 00:00:00',
    calendar: 'proleptic_gregorian'
  }
  const description = { name: 'time', dtype: '<i8', dimension: 'time', attributes } as const
  return vector(description, valueBytes(seconds), timeCount)
}

/** Centres of the cells along one axis of the density grid. */
export function cellCentreValues(plan: Plan, axis: 'x' | 'y'): Float64Array {
  const grid = plan.products.density
  const [first, count] =
    axis === 'x' ? [grid.westDegrees, grid.columns] : [grid.southDegrees, grid.rows]
  const centres = new Float64Array(count)
  for (let index = 0; index < count; index += 1) {
    centres[index] = first + (index + 0.5) * grid.resolutionDegrees
  }
  return centres
}

export function cellCentres(plan: Plan, axis: 'x' | 'y'): Vector {
  const centres = cellCentreValues(plan, axis)
  const { name, ...rest } = axesOf(plan)[axis]
  const attributes = { ...rest, axis: axis.toUpperCase(), long_name: `${name} of cell centre` }
  const description = { name, dtype: '<f8', dimension: name, attributes } as const
  return vector(description, valueBytes(centres), centres.length)
}

/** CF's name for the number of an ensemble member. */
export const MEMBER_ATTRIBUTES = { standard_name: 'realization', long_name: 'ensemble member' }

/** 0, 1, 2 … along a dimension. */
export function indexVector(
  name: string,
  count: number,
  attributes: Readonly<Record<string, string>>
): Vector {
  const values = Int32Array.from({ length: count }, (_, index) => index)
  return vector({ name, dtype: '<i4', dimension: name, attributes }, valueBytes(values), count)
}

export const statusVector = (): Vector =>
  textVector(
    { name: 'status', dimension: 'status', attributes: { long_name: 'fate of a particle' } },
    STATUSES
  )

/** Names of the classes with their range of wind drift factors. */
export const classVector = (plan: Plan): Vector =>
  textVector(
    {
      name: 'class',
      dimension: 'class',
      attributes: {
        long_name: 'class of floating object',
        wind_drift_factor_min: plan.classes.map(({ windage }) => windage[0]),
        wind_drift_factor_max: plan.classes.map(({ windage }) => windage[1])
      }
    },
    plan.classes.map(({ name }) => name)
  )

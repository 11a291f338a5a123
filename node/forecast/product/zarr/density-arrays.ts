/**
 * The variables of `density.zarr` and the words that explain them. Densities are particles: a
 * plan's classes carry no mass.
 */
import type { Plan } from '../../../../protocol/plan.ts'
import { STATUSES } from '../../../../protocol/result.ts'
import type { ProductLayout } from '../layout.ts'
import { axesOf } from './attributes.ts'
import { CHUNK_BYTES_MAX, type Vector, valueBytes, vector, type ZarrArray } from './zarr.ts'

export const QUANTILES = [0.1, 0.5, 0.9]

/**
 * Shares of a member's particles per km² that exceedance is told for, beside 0: about a particle
 * in ten thousand cells' worth, a plume, a patch. Shares, because the number of particles is a
 * choice of the forecast and no property of the sea.
 */
const THRESHOLD_SHARES_PER_KM2 = [1e-5, 1e-4, 1e-3]

/** Thresholds of particle density in km⁻², ascending. */
export const thresholdsOf = (plan: Plan): number[] => [
  0,
  ...THRESHOLD_SHARES_PER_KM2.map((share) => share * plan.particleCount)
]

/** How what is not a plain count is made, in words that a reader can check. */
export const FORMULAS = {
  confidence: 'share of results present × (1 − (p90 − p10) / (p90 + p10)); 1 where both are 0',
  quantile: 'the least member value that so many tenths of the members do not exceed',
  exceedance: 'members whose density is above the threshold / members',
  residence: 'sum over output times of particles × output interval / (particles × members)'
} as const

type Layout = Pick<ProductLayout, 'timeCount' | 'timesPerChunk' | 'tileRows' | 'tileColumns'>

function countArray(plan: Plan, layout: Layout): ZarrArray {
  const { rows, columns } = plan.products.density
  const { timeCount, timesPerChunk, tileRows, tileColumns } = layout
  const { x, y } = axesOf(plan)
  return {
    name: 'particle_count',
    dtype: '<u4',
    shape: [plan.classes.length, plan.memberCount, timeCount, rows, columns],
    chunks: [1, 1, timesPerChunk, tileRows, tileColumns],
    dimensions: ['class', 'member', 'time', y.name, x.name],
    fill: null,
    attributes: {
      long_name: 'number of particles afloat in the cell',
      units: '1',
      cell_methods: 'time: point area: sum'
    }
  }
}

function statusArray(plan: Plan, { timeCount, timesPerChunk }: Layout): ZarrArray {
  const rowBytes = timesPerChunk * STATUSES.length * 4
  return {
    name: 'status_count',
    dtype: '<u4',
    shape: [plan.memberCount, timeCount, STATUSES.length],
    chunks: [
      Math.min(plan.memberCount, Math.floor(CHUNK_BYTES_MAX / rowBytes)),
      timesPerChunk,
      STATUSES.length
    ],
    dimensions: ['member', 'time', 'status'],
    fill: null,
    attributes: { long_name: 'number of particles by status', units: '1' }
  }
}

export function densityArrays(plan: Plan, layout: Layout) {
  const { rows, columns } = plan.products.density
  const { timeCount, timesPerChunk, tileRows, tileColumns } = layout
  const { x, y } = axesOf(plan)
  const cells = { shape: [rows, columns], chunks: [tileRows, tileColumns] }
  const field = (
    name: string,
    attributes: ZarrArray['attributes'],
    lead: readonly (readonly [name: string, count: number, chunk: number])[]
  ): ZarrArray => ({
    name,
    dtype: '<f4',
    shape: [...lead.map(([, count]) => count), ...cells.shape],
    chunks: [...lead.map(([, , chunk]) => chunk), ...cells.chunks],
    dimensions: [...lead.map(([dimension]) => dimension), y.name, x.name],
    fill: null,
    attributes
  })
  const time = ['time', timeCount, timesPerChunk] as const
  const perArea = { units: 'km-2' }
  return {
    count: countArray(plan, layout),
    status: statusArray(plan, layout),
    density: field(
      'particle_density',
      {
        ...perArea,
        long_name: 'particles afloat per square kilometre, all classes, mean over members',
        cell_methods: 'time: point area: mean realization: mean',
        ancillary_variables: 'confidence'
      },
      [time]
    ),
    quantile: field(
      'particle_density_quantile',
      {
        ...perArea,
        long_name: 'quantile over members of particles afloat per square kilometre',
        comment: FORMULAS.quantile
      },
      [['quantile', QUANTILES.length, 1], time]
    ),
    exceedance: field(
      'exceedance_probability',
      {
        units: '1',
        long_name: 'share of members with more particles per square kilometre than the threshold',
        comment: FORMULAS.exceedance
      },
      [['threshold', thresholdsOf(plan).length, 1], time]
    ),
    confidence: field(
      'confidence',
      {
        units: '1',
        long_name: 'confidence of particle_density: results present times agreement of members',
        comment: FORMULAS.confidence
      },
      [time]
    ),
    residence: field(
      'residence_time',
      {
        units: 's',
        long_name: 'time a particle spends afloat in the cell, mean over particles and members',
        comment: FORMULAS.residence
      },
      []
    ),
    timeMean: field(
      'particle_density_time_mean',
      {
        ...perArea,
        long_name: 'particles afloat per square kilometre, mean over output times and members',
        cell_methods: 'time: mean area: mean realization: mean'
      },
      []
    )
  }
}

export const quantileVector = (): Vector =>
  vector(
    {
      name: 'quantile',
      dtype: '<f8',
      dimension: 'quantile',
      attributes: { long_name: 'share of members at or below', units: '1' }
    },
    valueBytes(Float64Array.from(QUANTILES)),
    QUANTILES.length
  )

export const thresholdVector = (plan: Plan): Vector =>
  vector(
    {
      name: 'threshold',
      dtype: '<f8',
      dimension: 'threshold',
      attributes: {
        long_name: 'particles per square kilometre to be exceeded',
        units: 'km-2',
        share_of_particles_per_km2: [0, ...THRESHOLD_SHARES_PER_KM2]
      }
    },
    valueBytes(Float64Array.from(thresholdsOf(plan))),
    thresholdsOf(plan).length
  )

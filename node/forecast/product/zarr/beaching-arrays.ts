/**
 * The variables of `beaching.zarr` and how they are cut: coastal cells in one row, because a coast
 * is a line and its cells are few beside those of a map.
 */
import { outputCount } from '../../../../coordinator/product/timeline.ts'
import type { Plan } from '../../../../protocol/plan.ts'
import type { Coast, CoastPlaces } from '../coast.ts'
import { indexVector } from './attributes.ts'
import {
  CHUNK_BYTES_MAX,
  DIRECTORY_CHUNKS_MAX,
  textVector,
  type Vector,
  valueBytes,
  vector,
  type ZarrArray
} from './zarr.ts'

const CHUNK_VALUES = CHUNK_BYTES_MAX / 4
/** Buffers of one chunk of times, if every cell of every member were used. */
const COAST_BUFFER_BYTES = 64 * 1024 * 1024
/** Pairs of origin and coastal cell: 200 MB before compression, above which none is written. */
const PAIRS_MAX = 50_000_000

const DIMENSION = 'coastal_cell'

export interface CoastLayout {
  readonly cellCount: number
  readonly cellsPerTile: number
  readonly tileCount: number
  readonly timeCount: number
  readonly timesPerChunk: number
  readonly originCount: number
  /** 0 where connectivity would be too large. */
  readonly originsPerChunk: number
}

/** A function of the plan and its coast alone. */
export function coastLayoutOf(plan: Plan, { cellCount }: Coast): CoastLayout {
  const timeCount = outputCount(plan)
  const timesMin = Math.ceil(timeCount / DIRECTORY_CHUNKS_MAX)
  const cellsPerTile = Math.min(cellCount, Math.floor(CHUNK_VALUES / timesMin))
  const fields = plan.memberCount * plan.classes.length
  const times = Math.min(CHUNK_VALUES / cellsPerTile, COAST_BUFFER_BYTES / (cellCount * fields * 4))
  const originCount = plan.originStarts.length + 1
  const isFew = originCount * cellCount <= PAIRS_MAX
  return {
    cellCount,
    cellsPerTile,
    tileCount: Math.ceil(cellCount / cellsPerTile),
    timeCount,
    timesPerChunk: Math.min(timeCount, Math.max(timesMin, Math.floor(times))),
    originCount,
    originsPerChunk: isFew ? Math.min(originCount, Math.floor(CHUNK_VALUES / cellsPerTile)) : 0
  }
}

export function beachingArrays(plan: Plan, layout: CoastLayout) {
  const { cellCount, cellsPerTile, originCount, originsPerChunk, timeCount, timesPerChunk } = layout
  const coordinates = { coordinates: 'lon lat' }
  const counts = (name: string, attributes: ZarrArray['attributes']): ZarrArray => ({
    name,
    dtype: '<f4',
    shape: [plan.classes.length, timeCount, cellCount],
    chunks: [1, timesPerChunk, cellsPerTile],
    dimensions: ['class', 'time', DIMENSION],
    fill: null,
    attributes: { units: '1', ...coordinates, ...attributes }
  })
  return {
    stranded: counts('stranded_count', {
      long_name: 'particles stranded in the coastal cell, mean over members',
      cell_methods: 'time: point realization: mean'
    }),
    arrived: counts('arrived_count', {
      long_name: 'particles that arrived in the coastal cell since the start, mean over members',
      comment: 'sum of the rises of stranded_count of each member between output times: at least'
    }),
    reached: {
      name: 'beaching_probability',
      dtype: '<f4',
      shape: [cellCount],
      chunks: [cellsPerTile],
      dimensions: [DIMENSION],
      fill: null,
      attributes: {
        units: '1',
        ...coordinates,
        long_name:
          'share of members with a particle stranded in the coastal cell at any output time'
      }
    } satisfies ZarrArray,
    connectivity: {
      name: 'connectivity',
      dtype: '<f4',
      shape: [originCount, cellCount],
      chunks: [originsPerChunk, cellsPerTile],
      dimensions: ['origin', DIMENSION],
      fill: null,
      attributes: {
        units: '1',
        ...coordinates,
        long_name:
          'particles of the origin stranded in the coastal cell at the end, mean over members'
      }
    } satisfies ZarrArray
  }
}

/** Origins are the entries of seeding, in the order of the forecast file. */
export function originVectors(plan: Plan, originCount: number): Vector[] {
  const firsts = Float64Array.from([0, ...plan.originStarts])
  const attributes = { long_name: 'id of the first particle of the origin' }
  const first = { name: 'first_particle', dtype: '<f8', dimension: 'origin', attributes } as const
  return [
    indexVector('origin', originCount, { long_name: 'entry of seeding' }),
    vector(first, valueBytes(firsts), originCount)
  ]
}

/** Numbers of the coastal cells and, on the globe, where they are and whose. */
export function cellVectors(cellCount: number, places: CoastPlaces | undefined): Vector[] {
  const numbers = indexVector(DIMENSION, cellCount, { long_name: 'coastal cell' })
  if (places === undefined) return [numbers]
  const { countries, countryOf, lat, lengthMetres, lon } = places
  const position = (name: string, standardName: string, units: string, values: Float64Array) =>
    vector(
      {
        name,
        dtype: '<f8',
        dimension: DIMENSION,
        attributes: { standard_name: standardName, units, long_name: 'node of the coastal cell' }
      },
      valueBytes(values),
      cellCount
    )
  const words = (name: string, long_name: string, of: (country: number) => string | undefined) =>
    textVector(
      { name, dimension: DIMENSION, attributes: { long_name } },
      Array.from(countryOf, (country) => of(country - 1) ?? '')
    )
  const length = {
    name: 'coast_length',
    dtype: '<f4',
    dimension: DIMENSION,
    attributes: { long_name: 'length of coastline of the coastal cell', units: 'm' }
  } as const
  return [
    numbers,
    position('lon', 'longitude', 'degrees_east', lon),
    position('lat', 'latitude', 'degrees_north', lat),
    vector(length, valueBytes(lengthMetres), cellCount),
    words('country', 'country of the coast', (index) => countries[index]?.name),
    words('country_code', 'ISO 3166-1 numeric code of the country', (index) => countries[index]?.id)
  ]
}

/**
 * A forecast of many tiny units over a basin of a few kilobytes: what is measured is the mesh, not
 * the transport of inputs.
 */
import { join } from 'node:path'
import { stringify } from 'yaml'
import { writeNetcdf3 } from '../../node/forcing/netcdf3-writer.ts'
import { writeAtomically } from '../../node/service/home.ts'

/** How large the units are. */
export interface ForecastSize {
  readonly units: number
  readonly unitParticles: number
  readonly days: number
  /** ISO 8601 duration of a time step; default: ten minutes. */
  readonly step?: string
}

/** Enough to be a real run, and no more: six hours of twenty particles. */
const SMALL: Omit<ForecastSize, 'units'> = { unitParticles: 20, days: 0.25 }
/** As many members as one forecast may well have; more units are blocks of particles. */
const MEMBERS_MAX = 50
const NODES = 16
/** Hours between two fields of the current. */
const FIELD_HOURS = 3

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** A slow gyre in a square basin of land, for some days. */
function basin(days: number): Uint8Array {
  const times = Math.ceil((days * 24) / FIELD_HOURS) + 1
  const isLand = (row: number, column: number): boolean =>
    row === 0 || column === 0 || row === NODES - 1 || column === NODES - 1
  const middle = (NODES - 1) / 2
  const field = (value: (row: number, column: number) => number): number[] =>
    range(times).flatMap(() =>
      range(NODES).flatMap((row) =>
        range(NODES).map((column) => (isLand(row, column) ? 1e20 : value(row, column)))
      )
    )
  const fill = { _FillValue: { type: 'float' as const, values: [1e20] }, units: 'm s-1' }
  const dimensions = ['time', 'lat', 'lon']
  return writeNetcdf3({
    dimensions: { time: times, lat: NODES, lon: NODES },
    variables: [
      {
        name: 'time',
        type: 'int',
        dimensions: ['time'],
        attributes: { units: 'hours since 2025-06-01 00:00:00', standard_name: 'time' },
        values: range(times).map((index) => index * FIELD_HOURS)
      },
      {
        name: 'lat',
        type: 'double',
        dimensions: ['lat'],
        attributes: { units: 'degrees_north', standard_name: 'latitude' },
        values: range(NODES).map((row) => 40 + row * 0.1)
      },
      {
        name: 'lon',
        type: 'double',
        dimensions: ['lon'],
        attributes: { units: 'degrees_east', standard_name: 'longitude' },
        values: range(NODES).map((column) => 5 + column * 0.1)
      },
      {
        name: 'uo',
        type: 'float',
        dimensions,
        attributes: { ...fill, standard_name: 'eastward_sea_water_velocity' },
        values: field((row) => (middle - row) * 0.02)
      },
      {
        name: 'vo',
        type: 'float',
        dimensions,
        attributes: { ...fill, standard_name: 'northward_sea_water_velocity' },
        values: field((_, column) => (column - middle) * 0.02)
      }
    ]
  })
}

/**
 * Writes data and forecast file of `units` chains of units into a folder; a chain has a unit for
 * each day. @returns the forecast file
 */
export async function writeSmallForecast(
  dir: string,
  units: number,
  batch: number,
  { unitParticles, days, step = 'PT10M' }: Omit<ForecastSize, 'units'> = SMALL
): Promise<string> {
  const data = join(dir, `basin-${batch}.nc`)
  await writeAtomically(data, basin(days))
  const members = Math.min(units, MEMBERS_MAX)
  const file = join(dir, `forecast-${batch}.yaml`)
  const spec = {
    start: '2025-06-01T00:00:00Z',
    duration: `PT${days * 24}H`,
    step,
    output: 'PT1H',
    metric: 'wgs84',
    forcing: [{ role: 'current', source: data }],
    seeding: [
      {
        kind: 'points',
        at: [[5.7, 40.7]],
        radius: '10 km',
        particles: Math.ceil(units / members) * unitParticles,
        class: 'bottle'
      }
    ],
    physics: { scheme: 'rk4', windage: { bottle: 0 }, diffusivity: 1, coast: { rule: 'strand' } },
    ensemble: { members, rngSeed: 1000 + batch },
    products: { density: { resolution: 0.1 } },
    mesh: { policy: 'quorum', quorum: 2, unitParticles }
  }
  const forecast = {
    apiVersion: 'driftmesh/v1',
    kind: 'Forecast',
    metadata: { name: `peers-${batch}`, title: 'Many peers', institution: 'Test' },
    spec
  }
  await writeAtomically(file, stringify(forecast))
  return file
}

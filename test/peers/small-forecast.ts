/**
 * A forecast of many tiny units over a basin of a few kilobytes: what is measured is the mesh, not
 * the transport of inputs.
 */
import { join } from 'node:path'
import { stringify } from 'yaml'
import { writeNetcdf3 } from '../../node/forcing/netcdf3-writer.ts'
import { writeAtomically } from '../../node/service/home.ts'

/** Particles of a unit: enough to be a real run. */
const UNIT_PARTICLES = 20
const NODES = 16
const TIMES = 3

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** A slow gyre in a square basin of land, six hours in three times. */
function basin(): Uint8Array {
  const isLand = (row: number, column: number): boolean =>
    row === 0 || column === 0 || row === NODES - 1 || column === NODES - 1
  const middle = (NODES - 1) / 2
  const field = (value: (row: number, column: number) => number): number[] =>
    range(TIMES).flatMap(() =>
      range(NODES).flatMap((row) =>
        range(NODES).map((column) => (isLand(row, column) ? 1e20 : value(row, column)))
      )
    )
  const fill = { _FillValue: { type: 'float' as const, values: [1e20] }, units: 'm s-1' }
  const dimensions = ['time', 'lat', 'lon']
  return writeNetcdf3({
    dimensions: { time: TIMES, lat: NODES, lon: NODES },
    variables: [
      {
        name: 'time',
        type: 'int',
        dimensions: ['time'],
        attributes: { units: 'hours since 2025-06-01 00:00:00', standard_name: 'time' },
        values: range(TIMES).map((index) => index * 3)
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

/** Writes data and forecast file of `units` units into a folder. @returns the forecast file */
export async function writeSmallForecast(
  dir: string,
  units: number,
  batch: number
): Promise<string> {
  const data = join(dir, 'basin.nc')
  await writeAtomically(data, basin())
  const members = Math.min(units, 50)
  const file = join(dir, `forecast-${batch}.yaml`)
  const spec = {
    start: '2025-06-01T00:00:00Z',
    duration: 'PT6H',
    step: 'PT10M',
    output: 'PT1H',
    metric: 'wgs84',
    forcing: [{ role: 'current', source: data }],
    seeding: [
      {
        kind: 'points',
        at: [[5.7, 40.7]],
        radius: '10 km',
        particles: Math.ceil(units / members) * UNIT_PARTICLES,
        class: 'bottle'
      }
    ],
    physics: { scheme: 'rk4', windage: { bottle: 0 }, diffusivity: 1, coast: { rule: 'strand' } },
    ensemble: { members, rngSeed: 1000 + batch },
    products: { density: { resolution: 0.1 } },
    mesh: { policy: 'quorum', quorum: 2, unitParticles: UNIT_PARTICLES }
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

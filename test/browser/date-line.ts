/**
 * A small real forecast around Taveuni, Fiji, where 180° east is 180° west: an eddy over the date
 * line, three members, a day, computed by the kernel.
 */
import { join } from 'node:path'
import { stringify } from 'yaml'
import { writeNetcdf3 } from '../../node/forcing/netcdf3-writer.ts'
import { writeAtomically } from '../../node/service/home.ts'

const NODES = 41
const TIMES = 9
const WEST = 178
const SOUTH = -19
const SIDE = 0.1

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Currents of an eddy that turns around the middle, all sea, every three hours. */
function eddy(): Uint8Array {
  const middle = (NODES - 1) / 2
  const field = (value: (row: number, column: number) => number): number[] =>
    range(TIMES).flatMap(() =>
      range(NODES).flatMap((row) => range(NODES).map((column) => value(row, column)))
    )
  const dimensions = ['time', 'lat', 'lon']
  const axis = (name: string, units: string, standard_name: string, values: number[]) => ({
    name,
    type: 'double' as const,
    dimensions: [name],
    attributes: { units, standard_name },
    values
  })
  const speed = (name: string, standard_name: string, values: number[]) => ({
    name,
    type: 'float' as const,
    dimensions,
    attributes: { units: 'm s-1', standard_name },
    values
  })
  const hours = range(TIMES).map((index) => index * 3)
  return writeNetcdf3({
    dimensions: { time: TIMES, lat: NODES, lon: NODES },
    variables: [
      axis('time', 'hours since 2025-06-01 00:00:00', 'time', hours),
      axis(
        'lat',
        'degrees_north',
        'latitude',
        range(NODES).map((row) => SOUTH + row * SIDE)
      ),
      axis(
        'lon',
        'degrees_east',
        'longitude',
        range(NODES).map((column) => WEST + column * SIDE)
      ),
      speed(
        'uo',
        'eastward_sea_water_velocity',
        field((row) => (middle - row) * 0.04)
      ),
      speed(
        'vo',
        'northward_sea_water_velocity',
        field((_, column) => (column - middle) * 0.04)
      )
    ]
  })
}

/** Writes data and forecast file into a folder. @returns the forecast file */
export async function writeDateLineForecast(dir: string): Promise<string> {
  const data = join(dir, 'eddy.nc')
  await writeAtomically(data, eddy())
  const file = join(dir, 'forecast.yaml')
  const where = { kind: 'points', radius: '25 km', class: 'bottle', particles: 1500 }
  const spec = {
    start: '2025-06-01T00:00:00Z',
    duration: 'P1D',
    step: 'PT30M',
    output: 'PT1H',
    metric: 'wgs84',
    forcing: [{ role: 'current', source: data, attribution: 'An eddy made for tests' }],
    seeding: [
      { ...where, at: [[179.2, -17]] },
      { ...where, at: [[-179.2, -17.5]] }
    ],
    physics: { scheme: 'rk4', windage: { bottle: 0 }, diffusivity: 5, coast: { rule: 'strand' } },
    ensemble: { members: 3, rngSeed: 7 },
    products: { density: { resolution: 0.05 }, tracks: { particles: 60 } }
  }
  const metadata = { name: 'taveuni', title: 'Across the date line', institution: 'Tests' }
  const forecast = { apiVersion: 'driftmesh/v1', kind: 'Forecast', metadata, spec }
  await writeAtomically(file, stringify(forecast))
  return file
}

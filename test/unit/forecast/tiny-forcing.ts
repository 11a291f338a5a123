/**
 * A small ocean written as NetCDF classic: an eddy and a wind over 21 × 21 nodes with land in the
 * east, hourly for a day, so that a whole simulation takes a second.
 */
import { writeFile } from 'node:fs/promises'
import { type NetcdfVariable, writeNetcdf3 } from '../../../node/forcing/netcdf3-writer.ts'

const NODES = 21
const SPACING = 0.05
const HOURS = 25
export const WEST = 10
export const SOUTH = 40
const LAND_COLUMNS = 3
const FILL = -999
const DIMENSIONS = { time: HOURS, lat: NODES, lon: NODES }

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** One component, by hour and by place from −0.5 to 0.5 across the grid. */
type Flow<T> = (hour: number, x: number, y: number) => T

const component = (
  name: string,
  standardName: string,
  hasLand: boolean,
  flow: Flow<number>
): NetcdfVariable => ({
  name,
  type: 'double',
  dimensions: ['time', 'lat', 'lon'],
  attributes: {
    units: 'm s-1',
    standard_name: standardName,
    _FillValue: { type: 'double', values: [FILL] }
  },
  values: range(HOURS).flatMap((hour) =>
    range(NODES).flatMap((row) =>
      range(NODES).map((column) =>
        hasLand && column >= NODES - LAND_COLUMNS
          ? FILL
          : flow(hour, column / (NODES - 1) - 0.5, row / (NODES - 1) - 0.5)
      )
    )
  )
})

const axis = (
  name: string,
  standardName: string,
  units: string,
  values: number[]
): NetcdfVariable => ({
  name,
  type: 'double',
  dimensions: [name],
  attributes: { units, standard_name: standardName },
  values
})

/** Current at a place across the grid (−0.5 to 0.5), m/s; linear, so that grids hold it exactly. */
export const currentAt: Flow<[number, number]> = (hour, x, y) => [
  0.25 - 0.6 * y,
  0.6 * x + hour / 1000
]
/** Wind, m/s, the same everywhere. */
export const windAt: Flow<[number, number]> = (hour) => [5 + hour / 10, 2 - hour / 10]

const HOURS_AXIS = axis('time', 'time', 'hours since 2020-01-01 00:00:00', range(HOURS))
const AXES = [
  HOURS_AXIS,
  axis(
    'lat',
    'latitude',
    'degrees_north',
    range(NODES).map((row) => SOUTH + row * SPACING)
  ),
  axis(
    'lon',
    'longitude',
    'degrees_east',
    range(NODES).map((column) => WEST + column * SPACING)
  )
]

/** Writes `current.nc` and `wind.nc` for the first day of 2020 into a folder. */
export async function writeTinyForcing(dir: string): Promise<void> {
  const files: Readonly<Record<string, NetcdfVariable[]>> = {
    'current.nc': [
      component('uo', 'eastward_sea_water_velocity', true, (...at) => currentAt(...at)[0]),
      component('vo', 'northward_sea_water_velocity', true, (...at) => currentAt(...at)[1])
    ],
    'wind.nc': [
      component('u10', 'eastward_wind', false, (...at) => windAt(...at)[0]),
      component('v10', 'northward_wind', false, (...at) => windAt(...at)[1])
    ]
  }
  for (const [name, components] of Object.entries(files)) {
    const bytes = writeNetcdf3({ dimensions: DIMENSIONS, variables: [...AXES, ...components] })
    await writeFile(`${dir}/${name}`, bytes)
  }
}

/** Writes `flat.nc`: 0.25 m/s eastward on a grid of 2 km, with x and y in metres. */
export async function writeFlatForcing(dir: string): Promise<void> {
  const metres = range(NODES).map((index) => index * 2000)
  const bytes = writeNetcdf3({
    dimensions: DIMENSIONS,
    variables: [
      HOURS_AXIS,
      axis('lat', 'projection_y_coordinate', 'm', metres),
      axis('lon', 'projection_x_coordinate', 'm', metres),
      component('uo', 'eastward_sea_water_velocity', false, () => 0.25),
      component('vo', 'northward_sea_water_velocity', false, () => 0)
    ]
  })
  await writeFile(`${dir}/flat.nc`, bytes)
}

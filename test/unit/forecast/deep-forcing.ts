/**
 * A small ocean with everything that drift may read, as NetCDF classic: a current on three levels
 * over a shelf in the west, wind, Stokes drift, wave period and diffusivity, hourly for a day.
 */
import { writeFile } from 'node:fs/promises'
import { type NetcdfVariable, writeNetcdf3 } from '../../../node/forcing/netcdf3-writer.ts'

const NODES = 31
const HOURS = 25
const SPACING = 0.05
export const WEST = 10
export const SOUTH = 40
export const DEPTHS = [1, 10, 50]
/** Columns over the shelf, where the deepest level is below the bottom. */
const SHELF_COLUMNS = 12
/** Columns of land in the east. */
const LAND_COLUMNS = 4
const FILL = -999

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const fill = { _FillValue: { type: 'double' as const, values: [FILL] } }

const axis = (
  name: string,
  standardName: string,
  units: string,
  values: number[],
  more: NetcdfVariable['attributes'] = {}
): NetcdfVariable => ({
  name,
  type: 'double',
  dimensions: [name],
  attributes: { units, standard_name: standardName, ...more },
  values
})

const AXES = [
  axis('time', 'time', 'hours since 2020-01-01 00:00:00', range(HOURS)),
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

/** Eastward speed of a level, m/s. */
export const LEVEL_SPEEDS = [0.2, 0.1, -0.05]

const level = (name: string, standardName: string, speeds: readonly number[]): NetcdfVariable => ({
  name,
  type: 'double',
  dimensions: ['time', 'depth', 'lat', 'lon'],
  attributes: { units: 'm s-1', standard_name: standardName, ...fill },
  values: range(HOURS).flatMap(() =>
    speeds.flatMap((speed, index) =>
      range(NODES).flatMap(() =>
        range(NODES).map((column) => {
          const isBelow = index === 2 && column < SHELF_COLUMNS
          return column >= NODES - LAND_COLUMNS || isBelow ? FILL : speed
        })
      )
    )
  )
})

const surface = (
  name: string,
  standardName: string,
  units: string,
  value: (column: number) => number
): NetcdfVariable => ({
  name,
  type: 'double',
  dimensions: ['time', 'lat', 'lon'],
  attributes: { units, standard_name: standardName, ...fill },
  values: range(HOURS).flatMap(() => range(NODES).flatMap(() => range(NODES).map(value)))
})

/** Writes `deep.nc`, `wind.nc`, `waves.nc` and `mixing.nc` for the first day of 2020. */
export async function writeDeepForcing(dir: string): Promise<void> {
  const dimensions = { time: HOURS, lat: NODES, lon: NODES }
  const depth = axis('depth', 'depth', 'm', DEPTHS, { positive: 'down' })
  const files: Readonly<Record<string, NetcdfVariable[]>> = {
    'deep.nc': [
      depth,
      level('uo', 'eastward_sea_water_velocity', LEVEL_SPEEDS),
      level('vo', 'northward_sea_water_velocity', [0, 0, 0])
    ],
    'wind.nc': [
      surface('u10', 'eastward_wind', 'm s-1', () => 6),
      surface('v10', 'northward_wind', 'm s-1', () => 2)
    ],
    'waves.nc': [
      surface('vsdx', 'sea_surface_wave_stokes_drift_x_velocity', 'm s-1', () => 0.05),
      surface('vsdy', 'sea_surface_wave_stokes_drift_y_velocity', 'm s-1', () => 0),
      surface('vtpk', 'sea_surface_wave_period_at_variance_spectral_density_maximum', 's', () => 8)
    ],
    'mixing.nc': [surface('eddy', 'eddy', 'm2 s-1', (column) => 5 + column / 10)]
  }
  for (const [name, variables] of Object.entries(files)) {
    const all = name === 'deep.nc' ? { ...dimensions, depth: DEPTHS.length } : dimensions
    await writeFile(
      `${dir}/${name}`,
      writeNetcdf3({ dimensions: all, variables: [...AXES, ...variables] })
    )
  }
}

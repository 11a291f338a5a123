/**
 * Surface currents in geostrophic balance from a file of sea level, as NetCDF that `role: current`
 * reads: u = −g/f ∂η/∂y, v = g/f ∂η/∂x by central differences. Satellites see sea level, not
 * currents; with this a forecast can be held against drifters where no model output is at hand.
 *
 *   node scripts/geostrophic.ts SEA-LEVEL.nc OUT.nc [--variable adt]
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { writeNetcdf3 } from '../node/forcing/netcdf3-writer.ts'
import type { DataFile } from '../node/forcing/read/data-file.ts'
import { openDataFile } from '../node/forcing/read/open-data-file.ts'

const GRAVITY = 9.81
/** rad/s */
const EARTH_ROTATION = 7.292_115e-5
const METRES_PER_DEGREE = 111_195
/** Nearer to the equator the balance does not hold. */
const LATITUDE_MIN = 5
const FILL = -999

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { variable: { type: 'string', default: 'adt' } }
})
const [from, to] = positionals
if (from === undefined || to === undefined) {
  throw new Error('usage: node scripts/geostrophic.ts SEA-LEVEL.nc OUT.nc [--variable adt]')
}

const numberOf = (file: DataFile, name: string, attribute: string, otherwise: number): number => {
  const value = file.variables.get(name)?.attributes.get(attribute)
  return typeof value === 'object' ? (value[0] ?? otherwise) : otherwise
}

/** Unpacked values of a whole variable; NaN where it has none. */
async function readAll(file: DataFile, name: string): Promise<Float64Array> {
  const variable = file.variables.get(name)
  if (variable === undefined) {
    throw new Error(`${from} has no ${name}: it has ${[...file.variables.keys()].join(', ')}`)
  }
  const raw = await file.read(
    name,
    variable.dimensions.map(({ count }) => [0, count] as const)
  )
  const scale = numberOf(file, name, 'scale_factor', 1)
  const offset = numberOf(file, name, 'add_offset', 0)
  const fill = numberOf(file, name, '_FillValue', Number.NaN)
  return Float64Array.from(raw, (value) => (value === fill ? Number.NaN : value * scale + offset))
}

const file = await openDataFile(from)
const names = file.variables.get(values.variable)?.dimensions.map(({ name }) => name) ?? []
const [timeName = 'time', latName = 'latitude', lonName = 'longitude'] = names
const level = await readAll(file, values.variable)
const times = await readAll(file, timeName)
const lats = await readAll(file, latName)
const lons = await readAll(file, lonName)
const timeUnits = file.variables.get(timeName)?.attributes.get('units')
await file.close()

const u = new Float64Array(level.length).fill(FILL)
const v = new Float64Array(level.length).fill(FILL)
const [rows, columns] = [lats.length, lons.length]
for (let slice = 0; slice < times.length; slice++) {
  for (let row = 1; row < rows - 1; row++) {
    const lat = lats[row] ?? 0
    const f = 2 * EARTH_ROTATION * Math.sin((lat * Math.PI) / 180)
    if (Math.abs(lat) < LATITUDE_MIN) continue
    const north = ((lats[row + 1] ?? 0) - (lats[row - 1] ?? 0)) * METRES_PER_DEGREE
    for (let column = 1; column < columns - 1; column++) {
      const at = (slice * rows + row) * columns + column
      const degrees = (lons[column + 1] ?? 0) - (lons[column - 1] ?? 0)
      const east = degrees * METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180)
      const eastward =
        (-GRAVITY / f) * (((level[at + columns] ?? 0) - (level[at - columns] ?? 0)) / north)
      const northward = (GRAVITY / f) * (((level[at + 1] ?? 0) - (level[at - 1] ?? 0)) / east)
      if (Number.isNaN(eastward) || Number.isNaN(northward)) continue
      u[at] = eastward
      v[at] = northward
    }
  }
}

const component = (name: string, standardName: string, numbers: Float64Array) => ({
  name,
  type: 'float' as const,
  dimensions: ['time', 'lat', 'lon'],
  attributes: {
    standard_name: standardName,
    units: 'm s-1',
    _FillValue: { type: 'float' as const, values: [FILL] }
  },
  values: numbers
})
const axis = (name: string, standardName: string, units: string, numbers: Float64Array) => ({
  name,
  type: 'double' as const,
  dimensions: [name],
  attributes: { standard_name: standardName, units },
  values: numbers
})
await writeFile(
  to,
  writeNetcdf3({
    dimensions: { time: times.length, lat: rows, lon: columns },
    attributes: { history: `geostrophic balance of ${values.variable} by scripts/geostrophic.ts` },
    variables: [
      axis('time', 'time', String(timeUnits), times),
      axis('lat', 'latitude', 'degrees_north', lats),
      axis('lon', 'longitude', 'degrees_east', lons),
      component('ugos', 'eastward_sea_water_velocity', u),
      component('vgos', 'northward_sea_water_velocity', v)
    ]
  })
)
const speeds = Array.from(u, (value, i) => Math.hypot(value, v[i] ?? 0)).filter((s) => s < 500)
const fastest = speeds.reduce((most, speed) => Math.max(most, speed), 0).toFixed(2)
console.log(`${to}: ${times.length} times, ${rows} × ${columns} nodes, up to ${fastest} m/s`)

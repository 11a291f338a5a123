/**
 * Makes the shipped sample: four days of idealised currents and wind in a basin with the real
 * coastline of the western Mediterranean. Nothing in it was measured or modelled: the flow is a
 * wind-driven gyre, four moving eddies and a tide, all from formulas below. Its bytes are
 * committed; run again only to change it: `node scripts/make-sample.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import {
  type NetcdfAttribute,
  type NetcdfContent,
  writeNetcdf3
} from '../node/forcing/netcdf3-writer.ts'

const require = createRequire(import.meta.url)
const topojson = require('topojson-client') as {
  feature(
    topology: unknown,
    object: unknown
  ): { features: { geometry: { coordinates: Ring[][] } }[] }
}
type Ring = readonly (readonly [number, number])[]

const START = Date.UTC(2025, 5, 1) / 1000
const HOUR = 3600
const FILL = -32_767
const NOTICE =
  'IDEALISED: made by formulas for demonstration, ' +
  'neither measured nor modelled; not for any decision'

/** Evenly spaced axis. */
const axis = (first: number, step: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + step * index)

const SEA = { longitudes: axis(0, 1 / 8, 85), latitudes: axis(38, 1 / 8, 53) }
const SKY = { longitudes: axis(-0.5, 0.5, 24), latitudes: axis(37.5, 0.5, 16) }
const SEA_TIMES = axis(START, 3 * HOUR, 33)
const SKY_TIMES = axis(START - 4 * HOUR, 6 * HOUR, 18)

const KM_PER_DEGREE = 111.2
const east = (lon: number): number => (lon - 5) * KM_PER_DEGREE * Math.cos((41 * Math.PI) / 180)
const north = (lat: number): number => (lat - 41) * KM_PER_DEGREE

/** Does a ray from the point cross the ring an odd number of times? */
function isInRing(lon: number, lat: number, ring: Ring): boolean {
  let isInside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [x1, y1] = ring[i] ?? [0, 0]
    const [x2, y2] = ring[j] ?? [0, 0]
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) {
      isInside = !isInside
    }
  }
  return isInside
}

function landMask(longitudes: readonly number[], latitudes: readonly number[]): boolean[] {
  const file = require.resolve('world-atlas/land-10m.json')
  const topology = JSON.parse(readFileSync(file, 'utf8')) as { objects: { land: unknown } }
  const [land] = topojson.feature(topology, topology.objects.land).features
  const near = (land?.geometry.coordinates ?? [])
    .flatMap((polygon) => polygon.slice(0, 1))
    .filter((ring) => ring.some(([lon, lat]) => lon > -3 && lon < 13 && lat > 36 && lat < 47))
  return latitudes.flatMap((lat) =>
    longitudes.map((lon) => near.some((ring) => isInRing(lon, lat, ring)))
  )
}

/** Distance to the nearest land node in km, at most 200. */
function coastDistance(isLand: readonly boolean[]): number[] {
  const { longitudes, latitudes } = SEA
  const coast = isLand.flatMap((land, node) => (land ? [node] : []))
  const at = (node: number): [number, number] => [
    east(longitudes[node % longitudes.length] ?? 0),
    north(latitudes[Math.floor(node / longitudes.length)] ?? 0)
  ]
  return isLand.map((_, node) => {
    const [x, y] = at(node)
    return coast.reduce((least, other) => {
      const [ox, oy] = at(other)
      return Math.min(least, Math.hypot(x - ox, y - oy))
    }, 200)
  })
}

/** Mistral: a jet over the Gulf of Lion that rises and falls in two days, on a weak westerly. */
function wind(lon: number, lat: number, seconds: number): [number, number] {
  const strength = 0.55 + 0.45 * Math.sin((2 * Math.PI * (seconds - START)) / (50 * HOUR))
  const across = east(lon) + 0.5 * north(lat) + 40
  const along = north(lat) - 60
  const jet = 13 * strength * Math.exp(-((across / 170) ** 2) - (along / 330) ** 2)
  const turn = 0.6 * Math.sin((2 * Math.PI * (seconds - START)) / (96 * HOUR))
  return [2 + 0.42 * jet + turn, -0.5 - 0.91 * jet + 1.2 * turn]
}

interface Eddy {
  readonly lon: number
  readonly lat: number
  readonly radiusKm: number
  /** Greatest speed, m/s; positive turns anticlockwise. */
  readonly speed: number
  /** Drift of the centre in km per day. */
  readonly driftEast: number
  readonly driftNorth: number
}

const EDDIES: readonly Eddy[] = [
  { lon: 4.6, lat: 41.6, radiusKm: 48, speed: 0.42, driftEast: -7, driftNorth: -3 },
  { lon: 6.4, lat: 40.2, radiusKm: 60, speed: -0.38, driftEast: -9, driftNorth: 2 },
  { lon: 2.6, lat: 40.9, radiusKm: 36, speed: -0.3, driftEast: 4, driftNorth: -5 },
  { lon: 7.6, lat: 42.6, radiusKm: 40, speed: 0.34, driftEast: -5, driftNorth: -4 }
]

/** Stream function in m/s · km: the gyre and the eddies where they are at that time. */
function streamFunction(x: number, y: number, seconds: number): number {
  const days = (seconds - START) / 86_400
  const strength = 1 + 0.2 * Math.sin((2 * Math.PI * days) / 4)
  const gyre = -0.15 * 210 * strength * Math.exp(-(((x - 15) / 300) ** 2) - ((y - 70) / 190) ** 2)
  return EDDIES.reduce((sum, eddy) => {
    const dx = x - east(eddy.lon) - eddy.driftEast * days
    const dy = y - north(eddy.lat) - eddy.driftNorth * days
    const peak = eddy.speed * eddy.radiusKm * Math.exp(0.5)
    return sum - peak * Math.exp(-(dx * dx + dy * dy) / (2 * eddy.radiusKm ** 2))
  }, gyre)
}

/** u = −∂ψ/∂y, v = ∂ψ/∂x of ψ brought to rest at the coast, plus a tide that dies out there. */
function currents(isLand: readonly boolean[]) {
  const { longitudes, latitudes } = SEA
  const width = longitudes.length
  const rest = coastDistance(isLand).map((km) => Math.tanh(Math.max(0, km - 8) / 40))
  const x = longitudes.map(east)
  const y = latitudes.map(north)
  const [u, v]: [number[], number[]] = [[], []]
  for (const seconds of SEA_TIMES) {
    const psi = latitudes.flatMap((_, row) =>
      longitudes.map(
        (_, column) =>
          (rest[row * width + column] ?? 0) * streamFunction(x[column] ?? 0, y[row] ?? 0, seconds)
      )
    )
    const phase = (2 * Math.PI * (seconds - START)) / (12.42 * HOUR)
    for (let node = 0; node < psi.length; node++) {
      const [row, column] = [Math.floor(node / width), node % width]
      const slope = (low: number, high: number, metres: readonly number[], a: number, b: number) =>
        ((psi[high] ?? 0) - (psi[low] ?? 0)) / ((metres[b] ?? 0) - (metres[a] ?? 0))
      const [west, easternmost] = [Math.max(0, column - 1), Math.min(width - 1, column + 1)]
      const [south, top] = [Math.max(0, row - 1), Math.min(latitudes.length - 1, row + 1)]
      const tide = 0.05 * (rest[node] ?? 0)
      const isDry = isLand[node] === true
      const along = slope(row * width + west, row * width + easternmost, x, west, easternmost)
      const across = slope(south * width + column, top * width + column, y, south, top)
      u.push(isDry ? Number.NaN : tide * Math.cos(phase) - across)
      v.push(isDry ? Number.NaN : 0.6 * tide * Math.sin(phase) + along)
    }
  }
  return { u, v }
}

const packed = (values: readonly number[], scale: number): number[] =>
  values.map((value) => (Number.isNaN(value) ? FILL : Math.round(value / scale)))

function component(name: string, standard: string, values: readonly number[], scale: number) {
  const attributes: Record<string, NetcdfAttribute> = {
    standard_name: standard,
    units: 'm s-1',
    scale_factor: { type: 'double', values: [scale] },
    add_offset: { type: 'double', values: [0] },
    _FillValue: { type: 'short', values: [FILL] }
  }
  const dimensions = ['time', 'latitude', 'longitude']
  return { name, type: 'short' as const, dimensions, attributes, values: packed(values, scale) }
}

function write(
  file: string,
  title: string,
  grid: typeof SEA,
  times: readonly number[],
  components: NetcdfContent['variables']
): void {
  const { longitudes, latitudes } = grid
  const coordinate = (name: string, units: string, values: readonly number[]) => ({
    name,
    type: 'double' as const,
    dimensions: [name],
    attributes: { standard_name: name, units },
    values
  })
  const bytes = writeNetcdf3({
    dimensions: {
      time: times.length,
      latitude: latitudes.length,
      longitude: longitudes.length
    },
    attributes: {
      Conventions: 'CF-1.11',
      title,
      comment: NOTICE,
      source: 'scripts/make-sample.ts of Driftmesh; coastline from Natural Earth (public domain)',
      license: 'CC0-1.0'
    },
    variables: [
      coordinate(
        'time',
        'hours since 2025-06-01T00:00:00Z',
        times.map((s) => (s - START) / HOUR)
      ),
      coordinate('latitude', 'degrees_north', latitudes),
      coordinate('longitude', 'degrees_east', longitudes),
      ...components
    ]
  })
  writeFileSync(new URL(`../node/sample/${file}`, import.meta.url), bytes)
  console.log(`node/sample/${file}: ${bytes.length} bytes`)
}

const { u, v } = currents(landMask(SEA.longitudes, SEA.latitudes))
write('currents.nc', 'Idealised currents, western Mediterranean coastline', SEA, SEA_TIMES, [
  component('uo', 'eastward_sea_water_velocity', u, 0.0001),
  component('vo', 'northward_sea_water_velocity', v, 0.0001)
])
const blown = SKY_TIMES.flatMap((seconds) =>
  SKY.latitudes.flatMap((lat) => SKY.longitudes.map((lon) => wind(lon, lat, seconds)))
)
write('wind.nc', 'Idealised 10 m wind with a Mistral jet', SKY, SKY_TIMES, [
  component(
    'u10',
    'eastward_wind',
    blown.map(([value]) => value),
    0.001
  ),
  component(
    'v10',
    'northward_wind',
    blown.map(([, value]) => value),
    0.001
  )
])

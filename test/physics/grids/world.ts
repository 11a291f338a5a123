/**
 * The same flow on grids of every kind, as files, and the tracks that a forecast over them gives.
 * Flows are rotations of the whole sphere, of which the truth is known: nothing here is taken from
 * the code under test but the projections, which metric.spec.ts checks against proj4.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Projection } from '../../../kernel/kernel.ts'
import { loadKernel } from '../../../kernel/kernel.ts'
import { type NetcdfContent, writeNetcdf3 } from '../../../node/forcing/netcdf3-writer.ts'
import { simulateForecast } from '../../../node/forecast/simulate.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'

export const RADIANS = Math.PI / 180
/** The sphere of `metric: sphere1852`. */
export const RADIUS = (1852 * 60) / RADIANS
export const kernel = loadKernel(builtInKernel().bytes)

export type LonLat = readonly [lon: number, lat: number]
type Vector = readonly [number, number, number]

export const normal = ([lon, lat]: LonLat): Vector => [
  Math.cos(lat * RADIANS) * Math.cos(lon * RADIANS),
  Math.cos(lat * RADIANS) * Math.sin(lon * RADIANS),
  Math.sin(lat * RADIANS)
]
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0]
]

/** Metres between two places on the sphere. */
export function apart(a: LonLat, b: LonLat): number {
  const [p, q] = [normal(a), normal(b)]
  const chord = Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2])
  return 2 * RADIUS * Math.asin(chord / 2)
}

/** The sphere turning around an axis, in radians per second. */
export interface Rotation {
  readonly axis: LonLat
  readonly rate: number
}

/** Eastward and northward m/s of a rotation. */
export function flowAt({ axis, rate }: Rotation, [lon, lat]: LonLat): readonly [number, number] {
  const velocity = cross(normal(axis), normal([lon, lat]))
  const east: Vector = [-Math.sin(lon * RADIANS), Math.cos(lon * RADIANS), 0]
  const north = cross(normal([lon, lat]), east)
  return [RADIUS * rate * dot(velocity, east), RADIUS * rate * dot(velocity, north)]
}

/** Where a place is after some seconds (Rodrigues' formula). */
export function turned({ axis, rate }: Rotation, from: LonLat, seconds: number): LonLat {
  const [k, p] = [normal(axis), normal(from)]
  const [c, s] = [Math.cos(rate * seconds), Math.sin(rate * seconds)]
  const kp = cross(k, p)
  const along = dot(k, p) * (1 - c)
  const [x, y, z] = [0, 1, 2].map((i) => (p[i] ?? 0) * c + (kp[i] ?? 0) * s + (k[i] ?? 0) * along)
  return [Math.atan2(y ?? 0, x ?? 0) / RADIANS, Math.asin(z ?? 0) / RADIANS]
}

/** Nodes of a file: their places, its variables, and what its components are along. */
interface Nodes {
  readonly dimensions: readonly [y: string, x: string]
  readonly rows: number
  readonly columns: number
  readonly place: (row: number, column: number) => LonLat
  /** Radians from east to the direction that the first component is along. */
  readonly angle?: (place: LonLat) => number
  readonly variables: NetcdfContent['variables']
  readonly names: readonly [string, string]
}

const EAST_NORTH = ['eastward_sea_water_velocity', 'northward_sea_water_velocity'] as const
const ALONG_GRID = ['x_sea_water_velocity', 'y_sea_water_velocity'] as const

const line = (first: number, spacing: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => first + i * spacing)

const axisVariable = (
  name: string,
  attributes: Record<string, string>,
  values: readonly number[]
) => ({ name, type: 'double' as const, dimensions: [name], attributes, values })

export function regular(lons: readonly number[], lats: readonly number[]): Nodes {
  return {
    dimensions: ['lat', 'lon'],
    rows: lats.length,
    columns: lons.length,
    place: (row, column) => [lons[column] ?? 0, lats[row] ?? 0],
    variables: [
      axisVariable('lat', { units: 'degrees_north' }, lats),
      axisVariable('lon', { units: 'degrees_east' }, lons)
    ],
    names: EAST_NORTH
  }
}

const onSphere = (found: Pick<Projection, 'kind' | 'latOrigin' | 'lonOrigin' | 'parallels'>) => ({
  ...{ semiMajorMetres: RADIUS, eccentricity2: 0, scale: 1, eastingMetres: 0, northingMetres: 0 },
  ...found
})

function unprojected(projection: Projection, x: readonly number[], y: readonly number[]) {
  const pairs = y.flatMap((b) => x.flatMap((a) => [a, b]))
  const places = kernel.unproject(projection, Float64Array.from(pairs))
  return (row: number, column: number): LonLat => {
    const node = 2 * (row * x.length + column)
    return [places[node] ?? 0, places[node + 1] ?? 0]
  }
}

const number = (value: number) => ({ type: 'double' as const, values: [value] })

/** x and y in kilometres, components along them; `cone` is 1 for the polar case. */
function projected(
  projection: Projection,
  mapping: Record<string, string | ReturnType<typeof number>>,
  centre: LonLat,
  spacing: number,
  half: number,
  cone: number
): Nodes {
  const [cx = 0, cy = 0] = kernel.project(projection, Float64Array.from(centre))
  const whole = (value: number): number => spacing * Math.round(value / spacing)
  const x = line(whole(cx) - half * spacing, spacing, 2 * half + 1)
  const y = line(whole(cy) - half * spacing, spacing, 2 * half + 1)
  return {
    dimensions: ['Y', 'X'],
    rows: y.length,
    columns: x.length,
    place: unprojected(projection, x, y),
    angle: ([lon]) => -cone * (((lon - projection.lonOrigin + 540) % 360) - 180) * RADIANS,
    variables: [
      ...(['Y', 'X'] as const).map((name) =>
        axisVariable(
          name,
          { units: 'km', standard_name: `projection_${name.toLowerCase()}_coordinate` },
          (name === 'X' ? x : y).map((value) => value / 1000)
        )
      ),
      {
        ...{ name: 'crs', type: 'int' as const, dimensions: [], values: [0] },
        attributes: { ...mapping, earth_radius: number(RADIUS) }
      }
    ],
    names: ALONG_GRID
  }
}

export const stereographic = (centre: LonLat, spacing: number, half: number, lon0 = 58): Nodes =>
  projected(
    onSphere({
      ...{ kind: 'polar-stereographic', latOrigin: 90, lonOrigin: lon0 },
      ...{ parallels: [60, 60] }
    }),
    {
      grid_mapping_name: 'polar_stereographic',
      straight_vertical_longitude_from_pole: number(lon0),
      latitude_of_projection_origin: number(90),
      standard_parallel: number(60)
    },
    centre,
    spacing,
    half,
    1
  )

export const lambert = (centre: LonLat, spacing: number, half: number): Nodes =>
  projected(
    onSphere({
      ...{ kind: 'lambert', latOrigin: 63, lonOrigin: centre[0] - 12 },
      ...{ parallels: [63, 63] }
    }),
    {
      grid_mapping_name: 'lambert_conformal_conic',
      longitude_of_central_meridian: number(centre[0] - 12),
      latitude_of_projection_origin: number(63),
      standard_parallel: number(63)
    },
    centre,
    spacing,
    half,
    Math.sin(63 * RADIANS)
  )

/** Turned by 30 degrees and stretched by half over its width: two-dimensional coordinates only. */
export function curvilinear([lon, lat]: LonLat, spacing: number, half: number): Nodes {
  const count = 2 * half + 1
  const cell = spacing / RADIUS / RADIANS
  const stretched = (i: number): number => cell * (i - half) * (1 + (0.25 * (i - half)) / half)
  const pairs = Array.from({ length: count * count }, (_, node) => {
    const [x, y] = [stretched(node % count), stretched(Math.floor(node / count))]
    const [c, s] = [Math.cos(30 * RADIANS), Math.sin(30 * RADIANS)]
    return [x * c - y * s, x * s + y * c]
  }).flat()
  // Around the rotated equator a turned grid is nearly square; its pole lies behind the North Pole.
  const projection = onSphere({
    ...{ kind: 'rotated-pole', latOrigin: 90 - lat, lonOrigin: lon - 180, parallels: [0, 0] }
  })
  const places = kernel.unproject(projection, Float64Array.from(pairs))
  const of = (part: number): number[] =>
    Array.from({ length: count * count }, (_, node) => places[2 * node + part] ?? 0)
  const coordinate = (name: string, units: string, values: number[]) => ({
    ...{ name, type: 'double' as const, dimensions: ['j', 'i'], attributes: { units }, values }
  })
  return {
    dimensions: ['j', 'i'],
    rows: count,
    columns: count,
    place: (row, column) => {
      const node = 2 * (row * count + column)
      return [places[node] ?? 0, places[node + 1] ?? 0]
    },
    variables: [
      coordinate('nav_lon', 'degrees_east', of(0)),
      coordinate('nav_lat', 'degrees_north', of(1))
    ],
    names: EAST_NORTH
  }
}

/** A file of a steady rotation over two days from 2020-01-01. */
export function rotationFile(nodes: Nodes, rotation: Rotation): Uint8Array {
  const { rows, columns, dimensions, names, angle } = nodes
  const plane = (component: 0 | 1): number[] =>
    Array.from({ length: rows * columns }, (_, node) => {
      const place = nodes.place(Math.floor(node / columns), node % columns)
      const [east, north] = flowAt(rotation, place)
      const turn = angle?.(place) ?? 0
      const [c, s] = [Math.cos(turn), Math.sin(turn)]
      return component === 0 ? c * east + s * north : c * north - s * east
    })
  const field = (component: 0 | 1) => ({
    name: component === 0 ? 'u' : 'v',
    type: 'double' as const,
    dimensions: ['time', ...dimensions],
    attributes: {
      standard_name: names[component],
      units: 'm s-1',
      ...(angle === undefined ? {} : { grid_mapping: 'crs' })
    },
    values: [...plane(component), ...plane(component)]
  })
  return writeNetcdf3({
    dimensions: { time: 2, [dimensions[0]]: rows, [dimensions[1]]: columns },
    variables: [
      axisVariable('time', { units: 'hours since 2020-01-01' }, [0, 48]),
      ...nodes.variables,
      field(0),
      field(1)
    ]
  })
}

export interface Forecasted {
  /** Place and status of every particle at the end. */
  readonly ends: readonly { readonly place: LonLat; readonly status: string }[]
  readonly notes: readonly string[]
}

/** A forecast file of one current and a particle on every point. */
export function forecastText(
  source: string,
  points: readonly LonLat[],
  more: { hours: number; step: string; metric?: string; start?: string }
): string {
  return `apiVersion: driftmesh/v1
kind: Forecast
metadata: { name: grids }
spec:
  start: ${more.start ?? '2020-01-01T00:00:00Z'}
  duration: PT${more.hours}H
  step: ${more.step}
  output: PT6H
  metric: ${more.metric ?? 'sphere1852'}
  forcing: [{ role: current, source: ${JSON.stringify(source)} }]
  seeding: [{ kind: points, at: ${JSON.stringify(points)}, particles: ${points.length}, class: submerged }]
  physics: { scheme: rk4, diffusivity: 0, coast: { rule: strand } }
  products: { density: { resolution: 0.5 }, tracks: { particles: ${points.length} } }
`
}

/** Runs a forecast file and reads its tracks. */
export async function forecast(text: string): Promise<Forecasted> {
  const folder = mkdtempSync(join(tmpdir(), 'driftmesh-grids-'))
  try {
    const [file, tracks] = [join(folder, 'forecast.yaml'), join(folder, 'tracks.csv')]
    writeFileSync(file, text)
    let notes: readonly string[] = []
    const onNotes = (told: readonly string[]): void => {
      notes = told
    }
    await simulateForecast(file, { threads: 1, tracks, onNotes })
    const rows = readFileSync(tracks, 'utf8').trim().split('\n').slice(1)
    const last = new Map(rows.map((row) => [row.split(',')[0], row.split(',')]))
    const ends = [...last.values()].map(([, , , lon, lat, status = '']) => ({
      place: [Number(lon), Number(lat)] as const,
      status
    }))
    return { ends, notes }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Writes a file, runs a forecast over it and removes both. */
export async function drifted(
  bytes: Uint8Array,
  points: readonly LonLat[],
  more: Parameters<typeof forecastText>[2]
): Promise<Forecasted> {
  const folder = mkdtempSync(join(tmpdir(), 'driftmesh-grids-'))
  try {
    const source = join(folder, 'current.nc')
    writeFileSync(source, bytes)
    return await forecast(forecastText(source, points, more))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Grids of every kind as a file describes them: where nodes lie, the variables that say so, and
 * what components are along. Places on projections are the kernel's, which metric.spec.ts checks
 * against proj4.
 */
import type { Projection } from '../../../kernel/kernel.ts'
import type { NetcdfContent } from '../../../node/forcing/netcdf3-writer.ts'
import { kernel, type LonLat, RADIANS, RADIUS } from './sphere.ts'

/** Nodes of a file: their places, its variables, and what its components are along. */
export interface Nodes {
  readonly dimensions: readonly [y: string, x: string]
  readonly rows: number
  readonly columns: number
  readonly place: (row: number, column: number) => LonLat
  /** Radians from east to the direction that the first component is along. */
  readonly angle?: (place: LonLat) => number
  readonly variables: NetcdfContent['variables']
  readonly isLand?: (row: number, column: number) => boolean
  readonly names: readonly [string, string]
}

const EAST_NORTH = ['eastward_sea_water_velocity', 'northward_sea_water_velocity'] as const
const ALONG_GRID = ['x_sea_water_velocity', 'y_sea_water_velocity'] as const

const line = (first: number, spacing: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => first + i * spacing)

export const axisVariable = (
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

/** Around the globe in waves, two columns of the start again at the end, as ocean models have. */
export function wavy(spacing: number): Nodes {
  const around = Math.round(360 / spacing)
  const [columns, rows] = [around + 2, Math.round(50 / spacing)]
  const place = (row: number, column: number): LonLat => {
    const lon = 73 + spacing * column
    const wrapped = ((lon + 180) % 360) - 180
    return [wrapped, 20 + spacing * row + 3 * Math.sin(2 * lon * RADIANS)]
  }
  const coordinate = (name: string, units: string, part: 0 | 1) => ({
    ...{ name, type: 'double' as const, dimensions: ['y', 'x'], attributes: { units } },
    values: Array.from(
      { length: rows * columns },
      (_, node) => place(Math.floor(node / columns), node % columns)[part]
    )
  })
  return {
    dimensions: ['y', 'x'],
    rows,
    columns,
    place,
    variables: [
      coordinate('nav_lon', 'degrees_east', 0),
      coordinate('nav_lat', 'degrees_north', 1)
    ],
    names: EAST_NORTH
  }
}

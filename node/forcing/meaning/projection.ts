/**
 * Which map projection a variable's x and y are on: CF grid_mapping attributes (WGS84 where they
 * name no ellipsoid, as CF readers do), else a PROJ string. What is not known here is named, never
 * guessed.
 */
import type { Projection } from '../../../kernel/kernel.ts'
import type { DataVariable } from '../read/data-file.ts'
import { textOf } from './coordinates.ts'

const WGS84 = { semiMajorMetres: 6_378_137, eccentricity2: flattened(298.257223563) }
/** Ellipsoids that PROJ strings name. */
const ELLIPSOIDS: Readonly<Record<string, Ellipsoid>> = {
  WGS84,
  GRS80: { semiMajorMetres: 6_378_137, eccentricity2: flattened(298.257222101) },
  sphere: { semiMajorMetres: 6_370_997, eccentricity2: 0 }
}
const PROJ_NAMES = ['proj4', 'proj4_string', 'proj4text', 'proj4_params', 'proj_string', 'proj']

interface Ellipsoid {
  readonly semiMajorMetres: number
  readonly eccentricity2: number
}

function flattened(inverse: number): number {
  return (2 - 1 / inverse) / inverse
}

/** A projection, or what is not known about it; undefined for plain longitude and latitude. */
export function projectionOf(mapping: DataVariable): Projection | string | undefined {
  const described = fromAttributes(mapping)
  if (typeof described !== 'string') return described
  const proj = textOf(mapping, ...PROJ_NAMES)
  return proj.includes('+proj=') ? fromProj(proj) : described
}

interface Parameters {
  readonly kind: Projection['kind']
  readonly latOrigin: number
  readonly lonOrigin: number
  readonly parallels: readonly [number, number]
  readonly scale?: number | undefined
}

const polar = (name: string, lat: number): string | undefined =>
  Math.abs(Math.abs(lat) - 90) < 1e-9 ? undefined : `${name} around ${lat} N (only poles are known)`

type NumberOf = (key: string) => number | undefined

function fromProj(text: string): Projection | string | undefined {
  const words = new Map(
    [...text.matchAll(/\+([a-z_0-9]+)(?:=([^\s]+))?/gi)].map(([, key = '', value = '']) => [
      key,
      value
    ])
  )
  const number = (key: string): number | undefined => {
    const value = Number(words.get(key) ?? Number.NaN)
    return Number.isFinite(value) ? value : undefined
  }
  const name = words.get('proj') ?? ''
  if (/^(longlat|latlong|lonlat|latlon)$/.test(name)) return undefined
  const ellipsoid = projEllipsoid(words, number)
  if (ellipsoid === undefined) return `the ellipsoid of '${text}'`
  const isTurned = name === 'ob_tran' && /^(long|lat)/.test(words.get('o_proj') ?? '')
  const found = isTurned ? turnedPole(number) : projParameters(name, number)
  if (typeof found === 'string') return found
  const metres = { eastingMetres: number('x_0') ?? 0, northingMetres: number('y_0') ?? 0 }
  return { ...shape(found), ...ellipsoid, ...metres }
}

function projParameters(name: string, number: NumberOf): Parameters | string {
  const lat0 = number('lat_0') ?? 0
  const lonOrigin = number('lon_0') ?? 0
  const scale = number('k_0') ?? number('k')
  const ts = number('lat_ts')
  switch (name) {
    case 'stere': {
      const parallels = [ts ?? lat0, ts ?? lat0] as const
      const found = { latOrigin: lat0, lonOrigin, parallels, scale }
      return polar('stereographic', lat0) ?? { kind: 'polar-stereographic', ...found }
    }
    case 'lcc': {
      const first = number('lat_1') ?? lat0
      const parallels = [first, number('lat_2') ?? first] as const
      return { kind: 'lambert', latOrigin: lat0, lonOrigin, parallels, scale }
    }
    case 'merc':
      return { kind: 'mercator', latOrigin: 0, lonOrigin, parallels: [ts ?? 0, ts ?? 0], scale }
    default:
      return `the projection '${name}'`
  }
}

/** Its lon_0 is half a turn from the pole's longitude. */
const turnedPole = (number: NumberOf): Parameters => ({
  kind: 'rotated-pole',
  latOrigin: number('o_lat_p') ?? 90,
  lonOrigin: (number('lon_0') ?? 0) - 180,
  parallels: [number('o_lon_p') ?? 0, number('o_lon_p') ?? 0]
})

const shape = ({ scale = 1, ...found }: Parameters) => ({
  ...found,
  scale,
  eastingMetres: 0,
  northingMetres: 0
})

function projEllipsoid(
  words: ReadonlyMap<string, string>,
  number: (key: string) => number | undefined
): Ellipsoid | undefined {
  const radius = number('R')
  if (radius !== undefined) return { semiMajorMetres: radius, eccentricity2: 0 }
  const name = words.get('ellps') ?? words.get('datum')
  const known = name === undefined ? WGS84 : (ELLIPSOIDS[name] ?? undefined)
  const a = number('a') ?? known?.semiMajorMetres
  if (a === undefined) return undefined
  const b = number('b')
  if (b !== undefined) return { semiMajorMetres: a, eccentricity2: 1 - (b / a) * (b / a) }
  const inverse = number('rf')
  if (inverse !== undefined) return { semiMajorMetres: a, eccentricity2: flattened(inverse) }
  const eccentricity2 = number('es') ?? (number('a') === undefined ? known?.eccentricity2 : 0)
  return eccentricity2 === undefined ? undefined : { semiMajorMetres: a, eccentricity2 }
}

function fromAttributes(mapping: DataVariable): Projection | string | undefined {
  const number = (name: string, index = 0): number | undefined => {
    const value = mapping.attributes.get(name)
    const found = typeof value === 'string' ? Number(value.split(/[\s,]+/)[index]) : value?.[index]
    return found !== undefined && Number.isFinite(found) ? found : undefined
  }
  const name = textOf(mapping, 'grid_mapping_name')
  const lon0 =
    number('straight_vertical_longitude_from_pole') ??
    number('longitude_of_central_meridian') ??
    number('longitude_of_projection_origin') ??
    0
  const scale = number('scale_factor_at_projection_origin')
  const ts = number('standard_parallel')
  const pole = (ts ?? 0) < 0 ? -90 : 90
  const isPolar = name === 'polar_stereographic'
  const lat0 = number('latitude_of_projection_origin') ?? (isPolar ? pole : 0)
  const rest = {
    ...cfEllipsoid(number),
    eastingMetres: number('false_easting') ?? 0,
    northingMetres: number('false_northing') ?? 0
  }
  const made = (found: Parameters): Projection => ({ ...shape(found), ...rest })
  switch (name) {
    case 'latitude_longitude':
      return undefined
    case 'polar_stereographic':
    case 'stereographic': {
      const parallels = [ts ?? lat0, ts ?? lat0] as const
      const problem = polar(name, lat0)
      const found = { latOrigin: lat0, lonOrigin: lon0, parallels, scale }
      return problem ?? made({ kind: 'polar-stereographic', ...found })
    }
    case 'lambert_conformal_conic': {
      const parallels = [ts ?? lat0, number('standard_parallel', 1) ?? ts ?? lat0] as const
      return made({ kind: 'lambert', latOrigin: lat0, lonOrigin: lon0, parallels, scale })
    }
    case 'mercator':
      return made({
        ...{ kind: 'mercator', latOrigin: 0, lonOrigin: lon0 },
        ...{ parallels: [ts ?? 0, ts ?? 0], scale }
      })
    case 'rotated_latitude_longitude': {
      const turn = number('north_pole_grid_longitude') ?? 0
      return made({
        kind: 'rotated-pole',
        latOrigin: number('grid_north_pole_latitude') ?? 90,
        lonOrigin: number('grid_north_pole_longitude') ?? 0,
        parallels: [turn, turn]
      })
    }
    default:
      return name === '' ? `the grid mapping ${mapping.name}` : `the projection '${name}'`
  }
}

function cfEllipsoid(number: (name: string) => number | undefined): Ellipsoid {
  const radius = number('earth_radius')
  if (radius !== undefined) return { semiMajorMetres: radius, eccentricity2: 0 }
  const a = number('semi_major_axis')
  if (a === undefined) return WGS84
  const b = number('semi_minor_axis')
  if (b !== undefined) return { semiMajorMetres: a, eccentricity2: 1 - (b / a) * (b / a) }
  const inverse = number('inverse_flattening')
  const isSphere = inverse === undefined || inverse === 0
  return { semiMajorMetres: a, eccentricity2: isSphere ? 0 : flattened(inverse) }
}

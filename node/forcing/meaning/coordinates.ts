/**
 * Which dimension of a variable is longitude, latitude, time or depth, told from the attributes of
 * its coordinate variable first and from names last.
 */
import type { DataFile, DataVariable, Dimension } from '../read/data-file.ts'
import { isTimeUnit } from './time-axis.ts'

type AxisKind = 'longitude' | 'latitude' | 'x' | 'y' | 'time' | 'vertical' | 'unknown'

export interface DimensionMeaning {
  readonly kind: AxisKind
  /** The 1-D variable that holds its values. */
  readonly variable?: DataVariable
}

/** A text attribute, empty when absent. */
export function textOf(variable: DataVariable, ...names: string[]): string {
  for (const name of names) {
    const value = variable.attributes.get(name)
    if (typeof value === 'string' && value !== '') return value
  }
  return ''
}

/** The unit of a variable, whichever way the attribute is spelt. */
export const unitOf = (variable: DataVariable): string =>
  textOf(variable, 'units', 'unit', 'Units', 'Unit', 'UNITS').trim()

const NAMES: readonly (readonly [AxisKind, RegExp])[] = [
  ['longitude', /^(lon|lons|long|longitude|longitudes|nav_lon|x_lon|lon_\d+)$/],
  ['latitude', /^(lat|lats|latitude|latitudes|nav_lat|y_lat|lat_\d+)$/],
  ['time', /^(time|times|t|time_counter|ocean_time|valid_time|nt|ntime|time\d*)$/],
  [
    'vertical',
    /^(depth\w*|dep|deptht|depthu|depthv|lev|level|levels|z|height\w*|altitude|lv_\w+|s_rho|sigma)$/
  ],
  ['vertical', /^(siglay|nschism_vgrid_layers|mesh2d_nlayers)$/],
  ['x', /^(x|xc|nx|east\w*|xi_\w+)$/],
  ['y', /^(y|yc|ny|north\w*|eta_\w+)$/]
]

const STANDARD_KINDS: Readonly<Record<string, AxisKind>> = {
  longitude: 'longitude',
  latitude: 'latitude',
  projection_x_coordinate: 'x',
  projection_y_coordinate: 'y',
  grid_longitude: 'x',
  grid_latitude: 'y',
  time: 'time',
  depth: 'vertical',
  height: 'vertical',
  altitude: 'vertical'
}

/** The kind of axis that a variable's own attributes tell, names aside. */
function describedKind(variable: DataVariable): AxisKind {
  const standard = textOf(variable, 'standard_name').trim().toLowerCase()
  const known = STANDARD_KINDS[standard]
  if (known !== undefined) return known
  if (/^ocean_(s|sigma|double)/.test(standard)) return 'vertical'
  const unit = unitOf(variable).toLowerCase()
  if (isTimeUnit(unit)) return 'time'
  if (/^degrees?_?(e|east)$/.test(unit)) return 'longitude'
  if (/^degrees?_?(n|north)$/.test(unit)) return 'latitude'
  if (textOf(variable, 'positive') !== '') return 'vertical'
  const axis = textOf(variable, 'axis').toUpperCase()
  if (axis === 'T') return 'time'
  return axis === 'Z' ? 'vertical' : 'unknown'
}

const namedKind = (name: string): AxisKind =>
  NAMES.find(([, pattern]) => pattern.test(name.toLowerCase()))?.[0] ?? 'unknown'

/** What a dimension is, and which variable holds its values. */
export function meaningOfDimension(file: DataFile, dimension: Dimension): DimensionMeaning {
  const along = [...file.variables.values()].filter(
    ({ dimensions, type }) =>
      dimensions.length === 1 && dimensions[0]?.name === dimension.name && type !== 'text'
  )
  const ranked = [...along].sort((a, b) => rank(a, dimension) - rank(b, dimension))
  for (const variable of ranked) {
    const kind = describedKind(variable)
    if (kind !== 'unknown') return { kind, variable }
  }
  for (const variable of ranked) {
    const kind = namedKind(variable.name)
    if (kind !== 'unknown') return { kind, variable }
  }
  return { kind: namedKind(dimension.name) }
}

/** The variable of the dimension's own name first, reference times last. */
const rank = (variable: DataVariable, dimension: Dimension): number => {
  if (variable.name === dimension.name) return 0
  return /reference|forecast|run|bnds|bounds/i.test(variable.name) ? 2 : 1
}

/** The time of a variable that has no time dimension: a lone number in time units. */
export function scalarTime(file: DataFile): DataVariable | undefined {
  const candidates = [...file.variables.values()].filter(
    (variable) =>
      variable.dimensions.every(({ count }) => count === 1) &&
      isTimeUnit(unitOf(variable)) &&
      !/reference/.test(textOf(variable, 'standard_name') + variable.name)
  )
  return candidates.find((variable) => describedKind(variable) === 'time') ?? candidates[0]
}

/** The kind that attributes, else the name, tell of a variable. */
export function kindOf(variable: DataVariable): AxisKind {
  const described = describedKind(variable)
  if (described !== 'unknown') return described
  const name = variable.name.toLowerCase()
  if (/^(lon_\w+|xlong\w*|glam\w|tlon|ulon)$/.test(name)) return 'longitude'
  if (/^(lat_\w+|xlat\w*|gphi\w|tlat|ulat)$/.test(name)) return 'latitude'
  return namedKind(variable.name)
}

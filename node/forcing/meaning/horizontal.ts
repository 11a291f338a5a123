/**
 * Which grid a variable lies on, and along which of its dimensions: straight axes, the axes of a
 * projection, two-dimensional coordinates, or a staggered grid whose components are brought to the
 * nodes in the middle of its cells.
 */
import { MeshError } from '../../mesh-error.ts'
import type { DataFile, DataVariable, Dimension, Range } from '../read/data-file.ts'
import { type DimensionMeaning, kindOf, textOf, unitOf } from './coordinates.ts'
import { type Grid, isNodeGrid, makeGrid } from './grid.ts'
import { cellsApart, curvedGrid, projectedGrid, type StoredPlaces } from './places.ts'
import { projectionOf } from './projection.ts'
import { findStagger, type Stagger } from './stagger.ts'
import { unpackCoordinate } from './unpacking.ts'

export interface Horizontal {
  /** Index of the dimension of columns, and of rows, in the variable. */
  readonly columnDimension: number
  readonly rowDimension: number
  readonly grid: Grid
  /** Names of the variables that hold longitudes and latitudes, or x and y. */
  readonly axisNames: readonly [string, string]
  readonly stagger?: Stagger
  readonly notes: readonly string[]
}

interface Axis {
  readonly dimension: number
  readonly variable: DataVariable
}

export async function horizontalOf(
  file: DataFile,
  variable: DataVariable,
  meanings: readonly DimensionMeaning[],
  isFlat: boolean
): Promise<Horizontal> {
  const find = (...kinds: string[]): Axis | undefined => {
    const dimension = meanings.findIndex(({ kind }) => kinds.includes(kind))
    const axis = meanings[dimension]?.variable
    return axis === undefined ? undefined : { dimension, variable: axis }
  }
  const x = isFlat ? find('x', 'longitude') : find('longitude')
  const y = isFlat ? find('y', 'latitude') : find('latitude')
  if (x !== undefined && y !== undefined) {
    const axes = [
      await readAxis(file, x.variable, isFlat),
      await readAxis(file, y.variable, isFlat)
    ]
    return laid(file, variable, x, y, makeGrid(axes[0] as never, axes[1] as never, isFlat))
  }
  if (isFlat) throw notUnderstood(file, `${variable.name} has no x and y axis`)
  const stagger = findStagger(file, variable)
  if (stagger !== undefined) return staggered(file, variable, stagger)
  const bent = bentPlaces(file, variable)
  const stored = bent && (await readPlaces(file, bent))
  const projected = await projectedOf(file, variable, find('x'), find('y'), stored)
  if (projected !== undefined && 'grid' in projected) return projected
  if (bent === undefined || stored === undefined) {
    throw noGrid(file, variable, projected?.problem, find('x') !== undefined)
  }
  const note = projected?.problem
  const found = laid(file, variable, bent.x, bent.y, curvedGrid(stored), bent.names)
  return note === undefined ? found : { ...found, notes: [`${note}; its 2-D coordinates are used`] }
}

function laid(
  file: DataFile,
  variable: DataVariable,
  x: Axis,
  y: Axis,
  grid: Grid | string,
  axisNames: readonly [string, string] = [x.variable.name, y.variable.name]
): Horizontal {
  if (typeof grid === 'string') throw notUnderstood(file, `${variable.name} ${grid}`)
  return { columnDimension: x.dimension, rowDimension: y.dimension, grid, axisNames, notes: [] }
}

async function readAxis(file: DataFile, axis: DataVariable, isFlat: boolean) {
  const stored = await file.read(axis.name, [[0, axis.dimensions[0]?.count ?? 0]])
  const values = unpackCoordinate(axis, stored)
  if (!isFlat) return values
  if (/^degree/.test(unitOf(axis).toLowerCase())) {
    throw notUnderstood(file, `${axis.name} is in degrees, but 'metric: flat' needs metres`)
  }
  return values.map((value) => value * (lengthOf(axis) ?? 1))
}

/** Metres of one unit of an axis; undefined where it is no length. */
function lengthOf(axis: DataVariable): number | undefined {
  const unit = unitOf(axis).toLowerCase()
  const [, count = '1', word = ''] = /^(\d*)\s*\*?\s*([a-z]+)$/.exec(unit) ?? []
  const one = /^(m|met(er|re)s?)$/.test(word) ? 1 : /^(km|kilomet(er|re)s?)$/.test(word) ? 1000 : 0
  return one === 0 ? undefined : one * Number(count === '' ? 1 : count)
}

/** The variable that a field's grid_mapping names, or the only one of the file. */
function mappingOf(file: DataFile, variable: DataVariable): DataVariable | undefined {
  const name = textOf(variable, 'grid_mapping').split(/[\s:]/)[0] ?? ''
  const named = file.variables.get(name)
  if (named !== undefined) return named
  const all = [...file.variables.values()].filter(({ attributes }) =>
    ['grid_mapping_name', 'proj4', 'proj4_string'].some((key) => attributes.has(key))
  )
  return all.length === 1 ? all[0] : undefined
}

async function projectedOf(
  file: DataFile,
  variable: DataVariable,
  x: Axis | undefined,
  y: Axis | undefined,
  stored: StoredPlaces | undefined
): Promise<Horizontal | { problem: string } | undefined> {
  const mapping = mappingOf(file, variable)
  if (mapping === undefined || x === undefined || y === undefined) return undefined
  const projection = projectionOf(mapping)
  if (projection === undefined) return undefined
  if (typeof projection === 'string') return { problem: `${projection} is not known` }
  const isRotated = projection.kind === 'rotated-pole'
  const factors = [x, y].map(({ variable: axis }) => {
    if (isRotated) return /^degree/i.test(unitOf(axis)) ? 1 : undefined
    return lengthOf(axis)
  })
  const [perX, perY] = factors
  if (perX === undefined || perY === undefined) {
    const units = `'${unitOf(x.variable)}' and '${unitOf(y.variable)}'`
    return { problem: `axes of ${mapping.name} in ${units} are not known` }
  }
  const across = (await readAxis(file, x.variable, false)).map((value) => value * perX)
  const up = (await readAxis(file, y.variable, false)).map((value) => value * perY)
  const grid = projectedGrid(projection, across, up)
  if (typeof grid === 'string' || !isNodeGrid(grid) || stored === undefined) {
    return laid(file, variable, x, y, grid)
  }
  const apart = cellsApart(stored, grid)
  const what = `${mapping.name} and the coordinates beside it are ${apart.toFixed(1)} cells apart`
  if (apart > ALIKE_CELLS_MAX) return { problem: what }
  const found = laid(file, variable, x, y, grid)
  return apart > TOLD_CELLS ? { ...found, notes: [`${what}; the projection is used`] } : found
}

/** A projection farther than this from the coordinates beside it is not that of the data. */
const ALIKE_CELLS_MAX = 3
/** Nearer, files that take a sphere for an ellipsoid still are what they say; it is told. */
const TOLD_CELLS = 0.25

interface Bent {
  readonly lon: DataVariable
  readonly lat: DataVariable
  readonly x: Axis
  readonly y: Axis
  readonly names: readonly [string, string]
}

const wide = ({ dimensions }: DataVariable): readonly Dimension[] =>
  dimensions.filter(({ count }) => count > 1).slice(-2)

/** Two-dimensional coordinates on two dimensions of a variable, those it names itself first. */
function bentPlaces(file: DataFile, variable: DataVariable): Bent | undefined {
  const named = textOf(variable, 'coordinates').split(/\s+/)
  const rank = ({ name }: DataVariable): number => (named.includes(name) ? 0 : 1)
  const candidates = [...file.variables.values()]
    .filter((each) => each.type !== 'text' && wide(each).length === 2 && each !== variable)
    .sort((a, b) => rank(a) - rank(b))
  const along = (each: DataVariable): number[] =>
    wide(each).map(({ name }) => variable.dimensions.findIndex((own) => own.name === name))
  for (const lon of candidates.filter((each) => kindOf(each) === 'longitude')) {
    const [down = -1, across = -1] = along(lon)
    if (down < 0 || across < 0) continue
    const lat = candidates.find(
      (each) => kindOf(each) === 'latitude' && along(each).join() === `${down},${across}`
    )
    if (lat === undefined) continue
    return {
      ...{ lon, lat, names: [lon.name, lat.name] },
      x: { dimension: across, variable: lon },
      y: { dimension: down, variable: lat }
    }
  }
  return undefined
}

/** The first plane of both coordinates; NaN where there is none. */
async function readPlaces(file: DataFile, bent: Pick<Bent, 'lon' | 'lat'>): Promise<StoredPlaces> {
  const plane = async (variable: DataVariable, most: number): Promise<Float64Array> => {
    const kept = wide(variable)
    const box = variable.dimensions.map(
      (dimension): Range => [0, kept.includes(dimension) ? dimension.count : 1]
    )
    const values = unpackCoordinate(variable, await file.read(variable.name, box))
    return values.map((value) => (Math.abs(value) <= most ? value : Number.NaN))
  }
  const [down, across] = wide(bent.lon)
  return {
    lons: await plane(bent.lon, LONGITUDE_MAX),
    lats: await plane(bent.lat, LATITUDE_MAX),
    columns: across?.count ?? 0,
    rows: down?.count ?? 0
  }
}

/** Beyond these a coordinate is a fill value. */
const LONGITUDE_MAX = 1080
const LATITUDE_MAX = 90 + 1e-6

async function staggered(
  file: DataFile,
  variable: DataVariable,
  stagger: Stagger
): Promise<Horizontal> {
  const { lon, lat, columnDimension, rowDimension } = stagger
  const grid = curvedGrid(await readPlaces(file, { lon, lat }))
  if (typeof grid === 'string') throw notUnderstood(file, `${variable.name} ${grid}`)
  if (!isNodeGrid(grid) && (grid.columnOrder[0] !== 0 || grid.rowOrder[0] !== 0)) {
    throw unsupported(file, `a staggered grid whose axes fall or close (${lon.name})`)
  }
  const axisNames = [lon.name, lat.name] as const
  const note =
    `${variable.name} lies on the ${stagger.point}-points of a staggered grid and is brought to ` +
    `the middle of its cells (${lon.name})`
  return { columnDimension, rowDimension, grid, axisNames, stagger, notes: [note] }
}

function noGrid(
  file: DataFile,
  variable: DataVariable,
  problem: string | undefined,
  hasX: boolean
): MeshError {
  if (problem !== undefined) return unsupported(file, `a grid of which ${problem}`)
  if (hasX) {
    return unsupported(
      file,
      `a grid on axes in metres (${variable.name}) without 'metric: flat', a projection or ` +
        'two-dimensional coordinates'
    )
  }
  return notUnderstood(file, `${variable.name} has no longitude and latitude axis`)
}

export const notUnderstood = (file: DataFile, what: string): MeshError =>
  new MeshError('forcing/not-understood', `${file.file}: ${what}`, { detail: { file: file.file } })

export const unsupported = (file: DataFile, feature: string): MeshError =>
  new MeshError(
    'forecast/unsupported',
    `${file.file}: ${feature} is not supported; use data with longitudes and latitudes`,
    { detail: { file: file.file, feature } }
  )

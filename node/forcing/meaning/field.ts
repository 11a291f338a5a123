/**
 * How one component (eastward or northward) lies in its file: unit, grid, times and level, and the
 * box that is one slice of it.
 */
import { MeshError } from '../../mesh-error.ts'
import type { DataFile, DataVariable, Range } from '../read/data-file.ts'
import type { ForcingRole } from '../source.ts'
import {
  type DimensionMeaning,
  meaningOfDimension,
  scalarTime,
  textOf,
  unitOf,
  unsupportedGrid
} from './coordinates.ts'
import { type Grid, makeGrid } from './grid.ts'
import { metresPerSecondFactor } from './speed-unit.ts'
import { parseTimes } from './time-axis.ts'
import { type Unpack, unpackCoordinate, unpacking } from './unpacking.ts'
import type { ComponentName, Meaning } from './vocabulary.ts'

/** How the reader of a file wants it understood. */
export interface Wish {
  /** Only this role; every role if absent. */
  readonly role?: ForcingRole
  readonly map?: { readonly u: string; readonly v: string }
  /** What variables of bare names (`u`, `v`) are; currents if absent. */
  readonly generic?: ForcingRole
  readonly depthMetres?: number
  /** Axes are metres. */
  readonly isFlat: boolean
}

export interface Component {
  readonly variable: DataVariable
  readonly understoodBy: string
  readonly unit: string
  readonly metresPerSecondFactor: number
  readonly unpack: Unpack
  /** Box of one slice; the time dimension's first index is to be set. */
  readonly ranges: readonly Range[]
  readonly timeDimension: number
  /** Stored numbers from one row, and from one column, to the next within that box. */
  readonly rowStride: number
  readonly columnStride: number
}

/** One role in one file; a file may hold one component only, the other being in another file. */
export interface FieldInFile {
  readonly role: ForcingRole
  readonly components: Readonly<Partial<Record<ComponentName, Component>>>
  readonly grid: Grid
  /** Names of the longitude and latitude variable. */
  readonly axisNames: readonly [string, string]
  /** Whole Unix seconds per time index. */
  readonly times: readonly number[]
  readonly depthsMetres: readonly number[]
  readonly depthUsedMetres?: number
  readonly notes: readonly string[]
}

/** A variable and what it was recognised as. */
export interface Named {
  readonly variable: DataVariable
  readonly meaning: Meaning
}

/** Winds are taken at 10 m, where windage is defined; currents and waves at the surface. */
const LEVEL_WANTED_METRES = { current: 0, stokes: 0, wind: 10 } as const

export interface Layout extends Omit<FieldInFile, 'role' | 'components'> {
  readonly component: Component
  /** Names of both horizontal axes, to tell staggered components. */
  readonly horizontal: string
}

export async function layOut(
  file: DataFile,
  role: ForcingRole,
  { variable, meaning }: Named,
  wish: Wish
): Promise<Layout> {
  const notes: string[] = []
  const meanings = variable.dimensions.map((dimension) => meaningOfDimension(file, dimension))
  const unit = speedUnit(file, variable, notes)
  const [x, y] = horizontalAxes(file, variable, meanings, wish.isFlat)
  const grid = makeGrid(
    await readAxis(file, x.variable, wish.isFlat),
    await readAxis(file, y.variable, wish.isFlat),
    wish.isFlat
  )
  if (typeof grid === 'string') throw notUnderstood(file, `${variable.name} ${grid}`)
  const timeDimension = meanings.findIndex(({ kind }) => kind === 'time')
  const times = await readTimes(file, variable, meanings[timeDimension], notes)
  const level = await chooseLevel(file, role, variable, meanings, wish.depthMetres)
  const ranges = variable.dimensions.map((dimension, index): Range => {
    if (index === x.dimension || index === y.dimension) return [0, dimension.count]
    if (index === level.dimension) return [level.index, 1]
    if (index !== timeDimension && dimension.count > 1) {
      const what = `${variable.name} has a dimension '${dimension.name}' of ${dimension.count}`
      throw notUnderstood(file, `${what} that is neither time nor depth`)
    }
    return [0, 1]
  })
  const component = {
    variable,
    understoodBy: meaning.by,
    unit: unit.text,
    metresPerSecondFactor: unit.factor,
    unpack: unpacking(variable, unit.factor),
    ranges,
    timeDimension,
    rowStride: x.dimension < y.dimension ? 1 : (variable.dimensions[x.dimension]?.count ?? 0),
    columnStride: x.dimension < y.dimension ? (variable.dimensions[y.dimension]?.count ?? 0) : 1
  }
  return {
    component,
    horizontal: `${x.variable.name}, ${y.variable.name}`,
    grid,
    axisNames: [x.variable.name, y.variable.name],
    times,
    depthsMetres: level.depths,
    ...(level.depths.length > 0 ? { depthUsedMetres: level.depths[level.index] ?? 0 } : {}),
    notes
  }
}

function speedUnit(
  file: DataFile,
  variable: DataVariable,
  notes: string[]
): { text: string; factor: number } {
  const inName = /\(([^()]+)\)\s*$/.exec(textOf(variable, 'long_name'))?.[1] ?? ''
  const text = unitOf(variable) || (metresPerSecondFactor(inName) === undefined ? '' : inName)
  if (text === '') {
    notes.push(`${variable.name} has no unit and is taken as m/s`)
    return { text: '', factor: 1 }
  }
  const factor = metresPerSecondFactor(text)
  if (factor === undefined) {
    throw notUnderstood(file, `${variable.name} has the unit '${text}', which is not a speed`)
  }
  return { text, factor }
}

interface HorizontalAxis {
  readonly dimension: number
  readonly variable: DataVariable
}

function horizontalAxes(
  file: DataFile,
  variable: DataVariable,
  meanings: readonly DimensionMeaning[],
  isFlat: boolean
): readonly [HorizontalAxis, HorizontalAxis] {
  const find = (...kinds: string[]): HorizontalAxis | undefined => {
    const dimension = meanings.findIndex(({ kind }) => kinds.includes(kind))
    const axis = meanings[dimension]?.variable
    return axis === undefined ? undefined : { dimension, variable: axis }
  }
  const x = isFlat ? find('x', 'longitude') : find('longitude')
  const y = isFlat ? find('y', 'latitude') : find('latitude')
  if (x !== undefined && y !== undefined) return [x, y]
  const grid = unsupportedGrid(file, variable, meanings)
  if (grid !== undefined) throw unsupported(file, grid)
  if (find('x') !== undefined && find('y') !== undefined) {
    throw unsupported(file, `axes in metres (${variable.name}) without 'metric: flat'`)
  }
  throw notUnderstood(file, `${variable.name} has no longitude and latitude axis`)
}

async function readAxis(file: DataFile, axis: DataVariable, isFlat: boolean) {
  const stored = await file.read(axis.name, [[0, axis.dimensions[0]?.count ?? 0]])
  const values = unpackCoordinate(axis, stored)
  const unit = unitOf(axis).toLowerCase()
  if (!isFlat) return values
  if (/^degree/.test(unit)) {
    throw notUnderstood(file, `${axis.name} is in degrees, but 'metric: flat' needs metres`)
  }
  return /^(km|kilomet(er|re)s?)$/.test(unit) ? values.map((value) => value * 1000) : values
}

async function readTimes(
  file: DataFile,
  variable: DataVariable,
  meaning: DimensionMeaning | undefined,
  notes: string[]
): Promise<readonly number[]> {
  const axis = meaning?.variable ?? (meaning === undefined ? scalarTime(file) : undefined)
  if (axis === undefined) throw notUnderstood(file, `${variable.name} has no time`)
  const stored = await file.read(
    axis.name,
    axis.dimensions.map(({ count }): Range => [0, count])
  )
  const values = unpackCoordinate(axis, stored)
  const times = parseTimes(values, axis.type, unitOf(axis), textOf(axis, 'calendar'))
  if (typeof times === 'string') throw notUnderstood(file, `${axis.name} ${times}`)
  notes.push(...times.notes)
  return times.seconds
}

async function chooseLevel(
  file: DataFile,
  role: ForcingRole,
  variable: DataVariable,
  meanings: readonly DimensionMeaning[],
  wanted: number | undefined
): Promise<{ dimension: number; index: number; depths: readonly number[] }> {
  const dimension = meanings.findIndex(({ kind }) => kind === 'vertical')
  const axis = meanings[dimension]?.variable
  const count = variable.dimensions[dimension]?.count ?? 0
  if (axis === undefined) {
    if (count > 1) throw notUnderstood(file, `${variable.name} has levels without depths`)
    return { dimension, index: 0, depths: [] }
  }
  const stored = unpackCoordinate(axis, await file.read(axis.name, [[0, count]]))
  if (count === 1 && !Number.isFinite(stored[0])) return { dimension, index: 0, depths: [] }
  const standard = textOf(axis, 'standard_name')
  if (count > 1 && (/^ocean_(s|sigma)/.test(standard) || /^(s_rho|sigma)$/.test(axis.name))) {
    throw unsupported(file, `terrain-following levels (${axis.name})`)
  }
  const isUp = textOf(axis, 'positive').toLowerCase() === 'up' && role !== 'wind'
  const isNegative = stored.every((value) => value <= 0)
  const depths = Array.from(stored, (value) => (isUp || isNegative ? 0 - value : value))
  const target = wanted ?? LEVEL_WANTED_METRES[role]
  const away = depths.map((depth) => Math.abs(depth - target))
  return { dimension, index: away.indexOf(Math.min(...away)), depths }
}

const notUnderstood = (file: DataFile, what: string): MeshError =>
  new MeshError('forcing/not-understood', `${file.file}: ${what}`, { detail: { file: file.file } })

export const unsupported = (file: DataFile, feature: string): MeshError =>
  new MeshError(
    'forecast/unsupported',
    `${file.file}: ${feature} is not supported yet; use data on a regular longitude/latitude grid`,
    { detail: { file: file.file, feature } }
  )

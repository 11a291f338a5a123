/**
 * How one component (eastward or northward) lies in its file: unit, grid, times and level, and the
 * box that is one slice of it.
 */
import type { DataFile, DataVariable, Range } from '../read/data-file.ts'
import type { ForcingRole } from '../source.ts'
import {
  type DimensionMeaning,
  meaningOfDimension,
  scalarTime,
  textOf,
  unitOf
} from './coordinates.ts'
import { chooseAlong } from './extra-dimension.ts'
import { type Grid, isNodeGrid } from './grid.ts'
import { horizontalOf, notUnderstood, unsupported } from './horizontal.ts'
import { type Flag, flagNote, flagsOf } from './quality.ts'
import type { Stagger } from './stagger.ts'
import { parseTimes } from './time-axis.ts'
import { metresPerSecondFactor } from './unit.ts'
import { type Unpack, unpackCoordinate, unpacking } from './unpacking.ts'
import type { ComponentName, Meaning } from './vocabulary.ts'

/** How the reader of a file wants it understood. */
export interface Wish {
  /** Only this role; every role if absent. */
  readonly role?: ForcingRole
  readonly map?: { readonly u: string; readonly v: string }
  /** What variables of bare names (`u`, `v`) are; currents if absent. */
  readonly generic?: ForcingRole
  /** The current is what is in balance with the sea level. */
  readonly from?: 'seaLevel'
  readonly seaLevelName?: string
  readonly depthMetres?: number
  /** Which value of a dimension that is neither place, time nor depth. */
  readonly select?: Readonly<Record<string, number>>
  /** What a value in a unit is multiplied by; of speeds if absent. */
  readonly factorOf?: (unit: string) => number | undefined
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
  readonly stagger?: Stagger
  /** Beside it, values at which it is left out. */
  readonly flags: readonly Flag[]
  /** A dimension whose indices are merged, the first with a value winning. */
  readonly merged?: { readonly dimension: number; readonly indices: readonly number[] }
}

/** One role in one file; a file may hold one component only, the other being in another file. */
export interface FieldInFile {
  readonly role: ForcingRole
  readonly components: Readonly<Partial<Record<ComponentName, Component>>>
  readonly grid: Grid
  /** Components are along the grid's axes, not eastward and northward. */
  readonly isAlongGrid: boolean
  /** Names of the longitude and latitude variable. */
  readonly axisNames: readonly [string, string]
  /** Whole Unix seconds per time index. */
  readonly times: readonly number[]
  readonly depthsMetres: readonly number[]
  readonly depthUsedMetres?: number
  readonly notes: readonly string[]
  /** Both components are this quantity, in metres, of which the current is derived. */
  readonly from?: 'seaLevel'
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
  const unit =
    wish.factorOf === undefined
      ? speedUnit(file, variable, notes)
      : givenUnit(file, variable, wish.factorOf)
  const horizontal = await horizontalOf(file, variable, meanings, wish.isFlat)
  const { columnDimension: x, rowDimension: y, grid, axisNames, stagger } = horizontal
  notes.push(...horizontal.notes)
  const timeDimension = meanings.findIndex(({ kind }) => kind === 'time')
  const times = await readTimes(file, variable, meanings[timeDimension], notes)
  const level = await chooseLevel(file, role, variable, meanings, wish.depthMetres)
  const boxed = await boxOf(file, variable, [x, y, timeDimension], level, { role, ...wish }, notes)
  const flags = flagsOf(file, variable, stagger !== undefined)
  if (flags.length > 0) notes.push(flagNote(flags))
  const component = {
    variable,
    understoodBy: meaning.by,
    unit: unit.text,
    metresPerSecondFactor: unit.factor,
    unpack: unpacking(variable, unit.factor),
    ...boxed,
    flags,
    timeDimension,
    rowStride: x < y ? 1 : (variable.dimensions[x]?.count ?? 0),
    columnStride: x < y ? (variable.dimensions[y]?.count ?? 0) : 1,
    ...(stagger === undefined ? {} : { stagger })
  }
  return {
    component,
    horizontal: axisNames.join(', '),
    grid,
    isAlongGrid: isNodeGrid(grid) && !meaning.isEastward,
    axisNames,
    times,
    depthsMetres: level.depths,
    ...(level.depths.length > 0 ? { depthUsedMetres: level.depths[level.index] ?? 0 } : {}),
    notes
  }
}

/** The box of one slice; what other dimensions there are is chosen, told, or asked. */
async function boxOf(
  file: DataFile,
  variable: DataVariable,
  [x, y, time]: readonly [number, number, number],
  level: { readonly dimension: number; readonly index: number },
  wish: Wish & { readonly role: ForcingRole },
  notes: string[]
): Promise<Pick<Component, 'ranges' | 'merged'>> {
  const ranges: Range[] = []
  let merged: Component['merged']
  for (const [index, dimension] of variable.dimensions.entries()) {
    if (index === x || index === y) ranges.push([0, dimension.count])
    else if (index === level.dimension) ranges.push([level.index, 1])
    else if (index === time || dimension.count <= 1) ranges.push([0, 1])
    else {
      const { indices, note } = await chooseAlong(file, variable, dimension, wish)
      notes.push(note)
      if (indices.length > 1) merged = { dimension: index, indices }
      ranges.push([indices[0] ?? 0, 1])
    }
  }
  return { ranges, ...(merged === undefined ? {} : { merged }) }
}

function givenUnit(
  file: DataFile,
  variable: DataVariable,
  factorOf: (unit: string) => number | undefined
): { text: string; factor: number } {
  const text = unitOf(variable)
  const factor = factorOf(text)
  if (factor === undefined) {
    throw notUnderstood(file, `${variable.name} has the unit '${text}' of another quantity`)
  }
  return { text, factor }
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
    // Their depths change with the sea's; the layer at the surface is the one nearest to 0.
    if ((wanted ?? 0) !== 0)
      throw unsupported(file, `depths of terrain-following levels (${axis.name})`)
    const from = Array.from(stored, Math.abs)
    return { dimension, index: from.indexOf(Math.min(...from)), depths: [] }
  }
  const isUp = textOf(axis, 'positive').toLowerCase() === 'up' && role !== 'wind'
  const isNegative = stored.every((value) => value <= 0)
  const depths = Array.from(stored, (value) => (isUp || isNegative ? 0 - value : value))
  const target = wanted ?? LEVEL_WANTED_METRES[role]
  const away = depths.map((depth) => Math.abs(depth - target))
  return { dimension, index: away.indexOf(Math.min(...away)), depths }
}

/**
 * How one component (eastward or northward) lies in its file: unit, grid, times and level, and the
 * box that is one slice of it.
 */
import { type ComponentMesh, horizontalOnMesh } from '../mesh/horizontal-on-mesh.ts'
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
import { horizontalOf, notUnderstood } from './horizontal.ts'
import { chooseLevel } from './level.ts'
import { type Flag, flagNote, flagsOf } from './quality.ts'
import type { Stagger } from './stagger.ts'
import type { Terrain } from './terrain.ts'
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
  readonly mesh?: ComponentMesh
  /** Beside it, values at which it is left out. */
  readonly flags: readonly Flag[]
  /** Terrain-following layers, between which the value is found. */
  readonly layers?: { readonly dimension: number; readonly terrain: Terrain }
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
  const onMesh = wish.isFlat ? undefined : await horizontalOnMesh(file, variable)
  const horizontal = onMesh ?? (await horizontalOf(file, variable, meanings, wish.isFlat))
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
    ...(stagger === undefined ? {} : { stagger }),
    ...(onMesh === undefined ? {} : { mesh: onMesh.mesh }),
    ...(level.terrain === undefined
      ? {}
      : { layers: { dimension: level.dimension, terrain: level.terrain } })
  }
  return {
    component,
    horizontal: axisNames.join(', '),
    grid,
    isAlongGrid: isNodeGrid(grid) && !meaning.isEastward,
    axisNames,
    times,
    depthsMetres: level.depths,
    ...(level.usedMetres === undefined ? {} : { depthUsedMetres: level.usedMetres }),
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

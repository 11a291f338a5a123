/**
 * Which files of a folder go together: all of one role on one grid are a set, and so are the two
 * halves of a staggered grid whose components come in files of their own.
 */
import { isMeshError } from '../../mesh-error.ts'
import { commonGrid, type Part } from '../grids/common-grid.ts'
import { type Grid, isSameGrid } from '../meaning/grid.ts'
import { holdsStokes } from '../meaning/suspicion.ts'
import { understandFile } from '../meaning/understand.ts'
import { openDataFile } from '../read/open-data-file.ts'
import type { ForcingRole } from '../source.ts'

/** Files of one role on one grid. */
export interface FileSet {
  readonly role: ForcingRole
  readonly grid: Grid
  readonly files: readonly string[]
  readonly variables: readonly string[]
  /** The current is derived from the sea level. */
  readonly from?: 'seaLevel'
  /** The current already holds the waves' drift. */
  readonly hasStokes: boolean
  /** Whole Unix seconds at which both components are there, ascending. */
  readonly times: readonly number[]
  readonly firstSeconds: number
  readonly lastSeconds: number
  readonly timeCount: number
  /** Its one time is held for the whole forecast. */
  readonly isHeld?: boolean
}

/** A component whose other half is in no file. */
interface Half {
  readonly role: ForcingRole
  readonly file: string
  readonly missing: 'eastward' | 'northward'
}

export interface FoundSets {
  readonly sets: readonly FileSet[]
  readonly halves: readonly Half[]
  readonly notes: readonly string[]
}

interface Group {
  readonly role: ForcingRole
  readonly grid: Grid
  readonly parts: readonly Part[]
}

/** @throws MeshError `forcing/unreadable` when a data file is broken */
export async function findSets(files: readonly string[], signal?: AbortSignal): Promise<FoundSets> {
  const { parts, levels, notes } = await readParts(files, signal)
  // Sea level counts where nothing better is there: models write it beside their currents.
  const hasCurrent = parts.some(({ field }) => field.role === 'current')
  const groups: { role: ForcingRole; grid: Grid; parts: Part[] }[] = []
  for (const part of hasCurrent ? parts : [...parts, ...levels]) {
    const { role, grid } = part.field
    const group = groups.find((each) => each.role === role && isSameGrid(each.grid, grid))
    if (group === undefined) groups.push({ role, grid, parts: [part] })
    else group.parts.push(part)
  }
  const halves: Half[] = []
  const sets = joinHalves(groups).flatMap((group) => {
    const set = setOf(group)
    if (set !== undefined) return [set]
    const { role, parts } = group
    const file = parts[0]?.file ?? ''
    const missing = holds(group, 'u') ? 'northward' : 'eastward'
    halves.push({ role, file, missing })
    notes.push(`${role} left out: ${file} has no ${missing} component at its times`)
    return []
  })
  return { sets, halves, notes }
}

/** What every file holds; sea levels apart. */
async function readParts(
  files: readonly string[],
  signal?: AbortSignal
): Promise<{ parts: Part[]; levels: Part[]; notes: string[] }> {
  const parts: Part[] = []
  const levels: Part[] = []
  const notes: string[] = []
  for (const path of files) {
    signal?.throwIfAborted()
    const file = await openDataFile(path)
    try {
      const { fields, problems } = await understandFile(file, { isFlat: false })
      for (const { role, error } of problems) notes.push(`${role} left out: ${error.message}`)
      parts.push(...fields.map((field) => ({ file: path, field })))
      const own = await understandFile(file, { role: 'current', from: 'seaLevel', isFlat: false })
      levels.push(...own.fields.map((field) => ({ file: path, field })))
      const isEmpty = fields.length + problems.length + own.fields.length === 0
      if (isEmpty) notes.push(`${path}: holds no forcing, left out`)
    } finally {
      await file.close()
    }
  }
  return { parts, levels, notes }
}

const holds = ({ parts }: Group, name: 'u' | 'v'): boolean =>
  parts.some(({ field }) => field.components[name] !== undefined)

/** Groups of u alone and of v alone that lie half a cell apart are one. */
function joinHalves(groups: readonly Group[]): Group[] {
  const whole = groups.filter((group) => holds(group, 'u') && holds(group, 'v'))
  const northward = groups.filter((group) => !holds(group, 'u'))
  const eastward = groups.filter((group) => !holds(group, 'v'))
  const joined = eastward.map((group): Group => {
    for (const other of northward.filter(({ role }) => role === group.role)) {
      const parts = [...group.parts, ...other.parts]
      const grid = middleOf(group.role, parts)
      if (grid === undefined) continue
      northward.splice(northward.indexOf(other), 1)
      return { role: group.role, grid, parts }
    }
    return group
  })
  return [...whole, ...joined, ...northward]
}

function middleOf(role: ForcingRole, parts: readonly Part[]): Grid | undefined {
  try {
    return commonGrid(role, parts).grid
  } catch (error) {
    if (isMeshError(error, 'forcing/not-understood', 'forecast/unsupported')) return undefined
    throw error
  }
}

function setOf({ role, grid, parts }: Group): FileSet | undefined {
  const timesOf = (name: 'u' | 'v'): Set<number> =>
    new Set(parts.flatMap(({ field }) => (field.components[name] === undefined ? [] : field.times)))
  const [u, v] = [timesOf('u'), timesOf('v')]
  const times = [...u].filter((time) => v.has(time)).sort((a, b) => a - b)
  const [first] = times
  if (first === undefined) return undefined
  const variables = parts.flatMap(({ field }) =>
    Object.values(field.components).map(({ variable }) => variable)
  )
  const from = parts[0]?.field.from
  return {
    ...{ role, grid, times },
    ...(from === undefined ? {} : { from }),
    files: [...new Set(parts.map(({ file }) => file))],
    variables: [...new Set(variables.map(({ name }) => name))],
    hasStokes: role === 'current' && variables.some(holdsStokes),
    firstSeconds: first,
    lastSeconds: times.at(-1) ?? first,
    timeCount: times.length
  }
}

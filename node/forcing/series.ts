/**
 * All slices of one role, merged in time from any number of files in any order. Which file serves
 * a time that several hold is decided by their content (the one that starts later, as newer model
 * runs do), so that names and order of files never change a byte.
 */
import { MeshError } from '../mesh-error.ts'
import { geostrophic } from './geostrophic.ts'
import { commonGrid, type Part } from './grids/common-grid.ts'
import type { Wish } from './meaning/field.ts'
import { columnsOf, type Grid, isNodeGrid, rowsOf } from './meaning/grid.ts'
import { isSeaLevelAmong } from './meaning/sea-level.ts'
import { isoTime } from './meaning/time-axis.ts'
import { understandFile } from './meaning/understand.ts'
import type { ComponentName } from './meaning/vocabulary.ts'
import { contentDigest } from './read/content-digest.ts'
import type { DataFile } from './read/data-file.ts'
import { openDataFile } from './read/open-data-file.ts'
import { readComponent, type Slice } from './slice.ts'
import type { ForcingRole, ForcingSource } from './source.ts'

/** Files kept open at once: slices come in order of time, so one or two are in use. */
const OPEN_FILES_MAX = 4

export interface Series {
  readonly role: ForcingRole
  readonly grid: Grid
  /** Components are along the grid's axes, not eastward and northward. */
  readonly isAlongGrid: boolean
  /** Of several data sets: 1 at nodes that any of them reaches, else 0; absent: all are. */
  readonly coverage?: Float32Array
  /** Whole Unix seconds, strictly ascending. */
  readonly times: readonly number[]
  /** Names of the variables that it is made of. */
  readonly variables: readonly string[]
  /** What was chosen or assumed, one sentence each. */
  readonly notes: readonly string[]
  read(timeIndex: number): Promise<Slice>
  close(): Promise<void>
}

interface SliceSource {
  readonly part: Part
  readonly timeIndex: number
}

/**
 * Opens the sources of one role.
 * @throws MeshError `forcing/unreadable`, `forcing/not-understood`, `forecast/unsupported`
 */
export async function openSeries(
  sources: readonly ForcingSource[],
  isFlat: boolean,
  signal?: AbortSignal
): Promise<Series> {
  const role = sources[0]?.role ?? 'current'
  const notes: string[] = []
  const parts = await sortParts(await readParts(sources, isFlat, notes, signal))
  const { grid, toMiddles } = commonGrid(role, parts)
  if (toMiddles !== undefined) {
    notes.push(
      `${role}: u and v lie on faces of a staggered grid and are brought to the nodes between`
    )
  }
  const merged = mergeTimes(role, parts, notes)
  const times = [...merged.keys()].sort((a, b) => a - b)
  for (const { field } of parts) notes.push(...field.notes.map((note) => `${role}: ${note}`))
  notes.push(...gridNotes(role, grid, parts[0]?.field.isAlongGrid ?? false))
  const variables = variablesOf(parts)
  notes.push(describe(role, parts, times, variables))
  const files = openFiles(sources[0]?.inputs)
  const derive = parts[0]?.field.from === undefined ? undefined : geostrophic(grid)
  return {
    role,
    grid,
    isAlongGrid: parts[0]?.field.isAlongGrid ?? false,
    times,
    variables,
    notes: [...new Set(notes)],
    read: async (timeIndex) => {
      const pair = merged.get(times[timeIndex] ?? Number.NaN)
      if (pair === undefined) throw new Error(`no slice ${timeIndex} of ${role}`)
      const component = async (name: ComponentName): Promise<Float32Array> => {
        const { part, timeIndex: index } = pair[name]
        return await readComponent(await files.get(part.file), part.field, name, index)
      }
      const first = await component('u')
      const stored = { u: first, v: derive === undefined ? await component('v') : first }
      const { u, v } = derive?.(stored.u) ?? toMiddles?.(stored) ?? stored
      for (let node = 0; node < u.length; node++) {
        if (Number.isNaN(u[node]) || Number.isNaN(v[node])) u[node] = v[node] = Number.NaN
      }
      return { u, v }
    },
    close: files.close
  }
}

async function readParts(
  sources: readonly ForcingSource[],
  isFlat: boolean,
  notes: string[],
  signal?: AbortSignal
): Promise<Part[]> {
  const parts: Part[] = []
  for (const source of sources) {
    const { role } = source
    const files = [...new Set(source.files)]
    // Bare `u` and `v` are taken for the role only where nothing better is there: a folder given
    // for wind may hold currents with such names.
    let { found, unused } = await findParts(files, source, { role, isFlat }, signal)
    if (found.length === 0) {
      ;({ found, unused } = await findParts(files, source, { role, generic: role, isFlat }, signal))
    }
    if (found.length === 0) throw nothingFound(source, unused)
    const otherCount = files.length - found.length
    if (otherCount > 0) {
      notes.push(`${role}: ${otherCount} of ${files.length} files hold none and are skipped`)
    }
    parts.push(...found)
  }
  return parts
}

async function findParts(
  files: readonly string[],
  { map, depthMetres, select, from, seaLevelName, factorOf, inputs }: ForcingSource,
  base: Wish,
  signal?: AbortSignal
): Promise<{ found: Part[]; unused: string[] }> {
  const wish: Wish = {
    ...base,
    ...(map === undefined ? {} : { map }),
    ...(depthMetres === undefined ? {} : { depthMetres }),
    ...(select === undefined ? {} : { select }),
    ...(from === undefined ? {} : { from }),
    ...(seaLevelName === undefined ? {} : { seaLevelName }),
    ...(factorOf === undefined ? {} : { factorOf })
  }
  const found: Part[] = []
  const unused = new Set<string>()
  for (const path of files) {
    signal?.throwIfAborted()
    const file = await openDataFile(path, { inputs, signal })
    try {
      const { fields, problems, others } = await understandFile(file, wish)
      for (const { error } of problems) throw error
      for (const field of fields) found.push({ file: path, field })
      if (fields.length === 0) for (const name of others) unused.add(name)
    } finally {
      await file.close()
    }
  }
  return { found, unused: [...unused] }
}

function nothingFound(
  { role, files, map, from }: ForcingSource,
  variables: readonly string[]
): MeshError {
  const where = files.length === 1 ? files[0] : `${files.length} files from ${files[0]}`
  const quantity = from === undefined ? role : 'sea level'
  const what = map === undefined ? `no ${quantity} is recognised` : `no ${map.u} and ${map.v}`
  const names = variables.slice(0, 12).join(', ')
  const pair = from === undefined ? '{ u: NAME, v: NAME }' : '{ value: NAME }'
  const isLevel = role === 'current' && from === undefined && isSeaLevelAmong(variables)
  const instead = isLevel ? ', or take what is in balance with the sea level: from: seaLevel' : ''
  return new MeshError(
    'forcing/not-understood',
    `${where}: ${what} among the variables ${names}; ` +
      `name them in the forecast file: { role: ${role}, …, map: ${pair} }${instead}`,
    { detail: { files, role, variables } }
  )
}

/** By first time, then last time, then content. */
async function sortParts(parts: readonly Part[]): Promise<Part[]> {
  const first = ({ field }: Part): number => Math.min(...field.times)
  const last = ({ field }: Part): number => Math.max(...field.times)
  const span = (part: Part): string => `${first(part)} ${last(part)}`
  const spans = parts.map(span)
  const digests = new Map<Part, string>()
  for (const part of parts) {
    const isAlone = spans.filter((other) => other === span(part)).length === 1
    digests.set(part, isAlone ? '' : await contentDigest(part.file))
  }
  const byContent = (a: Part, b: Part): number =>
    (digests.get(a) ?? '') < (digests.get(b) ?? '') ? -1 : 1
  return [...parts].sort((a, b) => first(a) - first(b) || last(a) - last(b) || byContent(a, b))
}

function gridNotes(role: ForcingRole, grid: Grid, isAlongGrid: boolean): string[] {
  if (!isNodeGrid(grid)) return []
  const axes = isAlongGrid ? "along the grid's axes" : 'eastward and northward'
  const size = `${columnsOf(grid)} x ${rowsOf(grid)} nodes`
  return [`${role}: ${grid.name} grid of ${size}, components ${axes}`]
}

function mergeTimes(
  role: ForcingRole,
  parts: readonly Part[],
  notes: string[]
): Map<number, Record<ComponentName, SliceSource>> {
  const sources = { u: new Map<number, SliceSource>(), v: new Map<number, SliceSource>() }
  let repeatedCount = 0
  for (const part of parts) {
    for (const name of ['u', 'v'] as const) {
      if (part.field.components[name] === undefined) continue
      part.field.times.forEach((seconds, timeIndex) => {
        if (name === 'u' && sources.u.has(seconds)) repeatedCount++
        sources[name].set(seconds, { part, timeIndex })
      })
    }
  }
  if (repeatedCount > 0) {
    notes.push(`${role}: ${repeatedCount} times come twice; the file that starts later is used`)
  }
  const merged = new Map<number, Record<ComponentName, SliceSource>>()
  for (const [seconds, u] of sources.u) {
    const v = sources.v.get(seconds)
    if (v !== undefined) merged.set(seconds, { u, v })
  }
  if (merged.size === 0) {
    const timeless = parts.find(({ field }) => field.times.length === 0)
    if (timeless !== undefined) {
      const what = `${timeless.file}: its ${role} has no time at all; use a file with data`
      throw new MeshError('forcing/not-understood', what)
    }
    const missing = sources.u.size === 0 ? 'eastward' : 'northward'
    throw new MeshError(
      'forcing/not-understood',
      `${parts[0]?.file}: the ${missing} component of the ${role} is missing; add its file`
    )
  }
  return merged
}

function variablesOf(parts: readonly Part[]): string[] {
  const names = parts.flatMap(({ field }) =>
    Object.values(field.components).map(({ variable }) => variable.name)
  )
  return [...new Set(names)]
}

function describe(
  role: ForcingRole,
  parts: readonly Part[],
  times: readonly number[],
  variables: readonly string[]
): string {
  const field = parts[0]?.field
  const level =
    field?.depthUsedMetres === undefined
      ? ''
      : `, level ${field.depthUsedMetres} m of ${field.depthsMetres.join(', ')} m`
  const files = parts.length === 1 ? '1 file' : `${parts.length} files`
  return (
    `${role}: ${variables.join(', ')} from ${files}, ` +
    `${isoTime(times[0] ?? 0)} to ${isoTime(times.at(-1) ?? 0)}, ${times.length} times${level}`
  )
}

function openFiles(inputs: ForcingSource['inputs']) {
  const open = new Map<string, DataFile>()
  return {
    get: async (path: string): Promise<DataFile> => {
      const file = open.get(path) ?? (await openDataFile(path, { inputs }))
      open.delete(path)
      open.set(path, file)
      const [oldest] = open
      if (open.size > OPEN_FILES_MAX && oldest !== undefined) {
        open.delete(oldest[0])
        await oldest[1].close()
      }
      return file
    },
    close: async (): Promise<void> => {
      for (const file of open.values()) await file.close()
      open.clear()
    }
  }
}

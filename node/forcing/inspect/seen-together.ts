/**
 * What only shows when files are seen together: which set feeds which term of the physics, gaps in
 * time, roles that do not reach each other, drift that would be counted twice.
 */
import { scalarRoleOf } from '../drift/scalars.ts'
import { makeRegrid } from '../grids/regrid.ts'
import { type FileSet, findSets } from '../init/sets.ts'
import { columnsOf, rowsOf } from '../meaning/grid.ts'
import { isoTime } from '../meaning/time-axis.ts'
import type { ForcingRole } from '../source.ts'
import { gapNote } from '../window.ts'
import type { Feed, InspectedFile, Inspection } from './inspection.ts'

/** Terms of PHYSICS §3 by role. */
const TERMS: Readonly<Record<ForcingRole, string>> = {
  current: 'advection: dx/dt = u_current',
  wind: 'windage: + c · u_wind, c by class of particle',
  stokes: 'Stokes drift: + u_stokes (below the surface by the wave profile)'
}
const SCALAR_TERMS = {
  diffusivity: 'horizontal diffusion: random walk of this diffusivity',
  wavePeriod: 'Stokes drift below the surface: how fast it decays with depth'
} as const

export interface SeenTogether extends Pick<Inspection, 'feeds' | 'warnings'> {
  readonly sets: readonly FileSet[]
}

export async function seenTogether(
  inspected: readonly InspectedFile[],
  files: readonly string[],
  signal?: AbortSignal
): Promise<SeenTogether> {
  const { sets, halves } = await findSets(files, signal)
  const feeds = [...sets.map(feedOf), ...scalarFeeds(inspected)]
  const warnings = [
    ...halves.map(({ role, file, missing }) => {
      return `${role}: the ${missing} component must come from another file than ${file}`
    }),
    ...sets.flatMap(({ role, timeCount }) =>
      timeCount === 1 ? [`${role}: one time only; a forecast needs at least two`] : []
    ),
    ...sets.flatMap(({ role, times }) => gapNote(role, times) ?? []),
    ...oneSetPerRole(sets),
    ...twice(sets),
    ...reachOf(sets)
  ]
  return { sets, feeds, warnings }
}

const GEOSTROPHIC = 'advection by the geostrophic current, with from: seaLevel in the source'

const feedOf = ({ role, variables, files, from, times, timeCount }: FileSet): Feed => ({
  ...{ role, variables, timeCount },
  fileCount: files.length,
  first: isoTime(times[0] ?? 0),
  last: isoTime(times.at(-1) ?? 0),
  term: from === undefined ? TERMS[role] : GEOSTROPHIC
})

/** Scalars that a forecast may name as a source. */
function scalarFeeds(inspected: readonly InspectedFile[]): Feed[] {
  return (['diffusivity', 'wavePeriod'] as const).flatMap((role) => {
    const holders = inspected.flatMap(({ otherVariables, roles }) => {
      const name = otherVariables.find((each) => scalarRoleOf(each) === role)
      return name === undefined ? [] : [{ name, times: roles[0]?.times }]
    })
    const [first] = holders
    if (first === undefined) return []
    const spans = holders.flatMap(({ times }) => times ?? [])
    return {
      role,
      variables: [...new Set(holders.map(({ name }) => name))],
      fileCount: holders.length,
      first: spans.map((each) => each.first).sort()[0] ?? '',
      last:
        spans
          .map((each) => each.last)
          .sort()
          .at(-1) ?? '',
      timeCount: spans.reduce((sum, { count }) => sum + count, 0),
      term: SCALAR_TERMS[role]
    }
  })
}

function oneSetPerRole(sets: readonly FileSet[]): string[] {
  return (['current', 'wind', 'stokes'] as const).flatMap((role) => {
    const own = sets.filter((set) => set.role === role)
    if (own.length < 2) return []
    const names = own.map(({ files }) => files[0]).join(', ')
    const what = `${role}: ${own.length} sets on grids of their own (${names})`
    return [`${what}; name them in order of priority, the finer one first`]
  })
}

/** The waves' drift inside the current and beside it. */
function twice(sets: readonly FileSet[]): string[] {
  const total = sets.find(({ hasStokes }) => hasStokes)
  if (total === undefined) return []
  if (!sets.some(({ role }) => role === 'stokes')) return []
  return [
    `current: ${total.variables.join(', ')} already hold the waves' Stokes drift: with a source ` +
      'of role stokes it counts twice; leave that out, or map the current without waves (uo, vo)'
  ]
}

/** A share of nodes below this is no accident of rims. */
const REACH_MIN = 0.98

/** How much of each current's time and nodes the other roles reach. */
function reachOf(sets: readonly FileSet[]): string[] {
  const [current, ...more] = sets.filter(({ role }) => role === 'current')
  if (current === undefined || more.length > 0) return []
  return sets
    .filter(({ role }) => role !== 'current')
    .flatMap((set) => [...inTime(current, set), ...inSpace(current, set)])
}

function inTime(current: FileSet, set: FileSet): string[] {
  const [first, last] = [current, set].map(({ times }) => [times[0] ?? 0, times.at(-1) ?? 0])
  if (first === undefined || last === undefined) return []
  const from = Math.max(first[0] ?? 0, last[0] ?? 0)
  const to = Math.min(first[1] ?? 0, last[1] ?? 0)
  if (from > to) return [`${set.role}: shares no time with the current`]
  const isWhole = from === first[0] && to === first[1]
  if (isWhole) return []
  return [`${set.role}: with the current from ${isoTime(from)} to ${isoTime(to)} only`]
}

function inSpace(current: FileSet, set: FileSet): string[] {
  const regrid = makeRegrid({ grid: set.grid, isAlongGrid: false }, current.grid, 'wgs84')
  const count = columnsOf(current.grid) * rowsOf(current.grid)
  let reached = 0
  for (let node = 0; node < count; node++) if (regrid.isCovered(node)) reached++
  if (reached === 0) return [`${set.role}: reaches none of the current's nodes`]
  if (reached >= REACH_MIN * count) return []
  const share = ((100 * reached) / count).toFixed(0)
  return [`${set.role}: reaches ${share} % of the current's nodes; beyond, particles go missing`]
}

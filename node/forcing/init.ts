/**
 * A first forecast from a folder of data files: roles from the variables, period and seeding from
 * the data. Every choice is deterministic and is told to the user.
 */
import { resolve } from 'node:path'
import { Document, isScalar, visit } from 'yaml'
import { MeshError } from '../mesh-error.ts'
import { makeRegrid } from './grids/regrid.ts'
import { lonLatsOf } from './grids/remap.ts'
import { type Choice, chooseHeld, chooseSets } from './init/choice.ts'
import { sourceFor } from './init/pattern.ts'
import { choosePoints } from './init/points.ts'
import { type FileSet, findSets } from './init/sets.ts'
import { boxOf, cellDegrees, type Grid, isNodeGrid } from './meaning/grid.ts'
import { isoTime } from './meaning/time-axis.ts'
import { openSeries } from './series.ts'
import { coverWindow } from './sets/time-rule.ts'
import { type ForcingRole, listFolder } from './source.ts'
import { countSeen, slicesOf } from './stages.ts'
import { sliceWindow } from './window.ts'

export interface InitOptions {
  readonly particles: number
  /** At least this many blocks, so that every volunteer of a demo computes (default 12). */
  readonly blocksMin?: number
  /** At most this long (default 3). */
  readonly days?: number
  readonly signal?: AbortSignal
}

export interface InitializedForecast {
  /** The text of a forecast file, sources as absolute paths. */
  readonly yaml: string
  /** Choices taken, one sentence each, to be printed. */
  readonly notes: readonly string[]
}

const DAY_SECONDS = 86_400
const HOUR_SECONDS = 3600
/** Ten minutes resolve tides and inertial turns well; the planner checks it against the cells. */
const STEP_SECONDS = 600
/** The most that wind moves a bottle: 0.04 of a hurricane's 50 m/s. */
const WIND_DRIFT_MAX_METRES_PER_SECOND = 2
const METRES_PER_DEGREE = 111_000
/** Particles start within this share of a cell around their point. */
const RADIUS_CELLS = 0.4
/** Particles shown as tracks: enough for a map. */
const TRACKS_MAX = 200

/** @throws MeshError `forcing/unreadable`, `forcing/not-understood`, `forcing/no-overlap` */
export async function initForecast(
  dir: string,
  options: InitOptions
): Promise<InitializedForecast> {
  const folder = resolve(dir)
  const { signal } = options
  const { dataFiles, otherFiles } = await listFolder(folder)
  const { sets, notes: setNotes } = await findSets(dataFiles, signal)
  const wantedSeconds = (options.days ?? 3) * DAY_SECONDS
  const choice = chooseSets(sets, wantedSeconds) ?? chooseHeld(sets, wantedSeconds)
  if (choice === undefined) throw noCurrent(folder, sets, setNotes)
  const period = choosePeriod(choice, wantedSeconds)
  const field = await lookAtCurrent(choice, period, signal)
  const points = choosePoints(field.isUsable, choice.current.grid)
  if (points.length === 0) {
    throw new MeshError('forcing/no-overlap', `${folder}: no sea where all forcing is known`)
  }
  const roles = (['current', 'wind', 'stokes'] as const).filter(
    (role) => choice[role] !== undefined
  )
  const spec = {
    ...period.text,
    ...stepFor(choice.current.grid, field.maxSpeed),
    output: 'PT1H',
    metric: 'wgs84',
    forcing: roles.map((role) => ({
      role,
      source: sourceOf(role, choice, sets, folder),
      ...(choice[role]?.from === undefined ? {} : { from: choice[role].from }),
      ...(choice[role]?.isHeld === true ? { persist: true } : {})
    })),
    ...particles(choice, points, options),
    ensemble: { members: 1, rngSeed: 1 },
    products: { density: {}, tracks: { particles: Math.min(TRACKS_MAX, options.particles) } },
    mesh: {
      policy: 'quorum',
      quorum: 2,
      unitParticles: Math.ceil(options.particles / (options.blocksMin ?? 12))
    }
  }
  const notes = [
    ...(otherFiles.length > 0 ? [`not NetCDF and ignored: ${count(otherFiles.length)}`] : []),
    ...setNotes,
    ...choice.notes,
    `period: ${period.text.start} for ${period.text.duration} (all chosen data cover ` +
      `${isoTime(choice.firstSeconds)} to ${isoTime(choice.lastSeconds)})`,
    `seeding: ${points.length} points at sea, away from land and from the edge of the data`
  ]
  const file = {
    apiVersion: 'driftmesh/v1',
    kind: 'Forecast',
    metadata: {
      name: `drift-${period.text.start.slice(0, 10)}`,
      title: title(choice.current.grid)
    },
    spec
  }
  return { yaml: write(file, notes), notes }
}

/** The file as a person would write it: choices first, points and ranges on one line. */
function write(file: unknown, notes: readonly string[]): string {
  const document = new Document(file, { aliasDuplicateObjects: false })
  document.commentBefore = notes.map((note) => ` ${note}`).join('\n')
  visit(document, {
    Seq: (_, node) => {
      if (node.items.every(isScalar)) node.flow = true
    }
  })
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

const count = (files: number): string => (files === 1 ? '1 file' : `${files} files`)

function noCurrent(folder: string, sets: readonly FileSet[], notes: readonly string[]): MeshError {
  const why = sets.some(({ role }) => role === 'current')
    ? 'its currents cover less than three hours'
    : 'no current is recognised in its files'
  const first = notes[0] === undefined ? '' : ` (${notes[0]})`
  return new MeshError(
    'forcing/not-understood',
    `${folder}: ${why}${first}; look with 'driftmesh data inspect' and write the forecast by hand`,
    { detail: { notes } }
  )
}

interface Period {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly text: { readonly start: string; readonly duration: string }
}

/** From the first whole minute that everything covers, whole hours, at most what is wanted. */
function choosePeriod({ firstSeconds, lastSeconds }: Choice, wantedSeconds: number): Period {
  const startSeconds = 60 * Math.ceil(firstSeconds / 60)
  const seconds = Math.min(wantedSeconds, lastSeconds - startSeconds)
  const hours = Math.floor(seconds / HOUR_SECONDS)
  const duration = hours % 24 === 0 ? `P${hours / 24}D` : `PT${hours}H`
  const endSeconds = startSeconds + hours * HOUR_SECONDS
  return { startSeconds, endSeconds, text: { start: isoTime(startSeconds), duration } }
}

/** Nodes that have every field at every time of the period, and the greatest current. */
async function lookAtCurrent(
  choice: Choice,
  period: Period,
  signal: AbortSignal | undefined
): Promise<{ isUsable: Uint8Array; maxSpeed: number }> {
  const { current, wind, stokes } = choice
  const source = { role: 'current' as const, files: current.files }
  const from = current.from === undefined ? {} : { from: current.from }
  const opened = await openSeries([{ ...source, ...from }], false, signal)
  const rule = current.isHeld === true ? { persistSeconds: Number.MAX_SAFE_INTEGER } : {}
  const series = coverWindow(opened, rule, [period.startSeconds, period.endSeconds])
  try {
    const window = sliceWindow(series, period.startSeconds, period.endSeconds)
    let fastest = 0
    const watched = async function* () {
      const watch = signal === undefined ? {} : { signal }
      for await (const slice of slicesOf(series, window, watch, 'currents')) {
        for (let node = 0; node < slice.u.length; node++) {
          const [u, v] = [slice.u[node] ?? 0, slice.v[node] ?? 0]
          if (u * u + v * v > fastest) fastest = u * u + v * v
        }
        yield slice
      }
    }
    const { counts, sliceCount } = await countSeen(watched())
    const isUsable = Uint8Array.from(counts, (count) => (count === sliceCount ? 1 : 0))
    for (const other of [wind, stokes]) {
      if (other !== undefined) dropUncovered(isUsable, current.grid, other.grid)
    }
    return { isUsable, maxSpeed: Math.sqrt(fastest) }
  } finally {
    await series.close()
  }
}

function dropUncovered(isUsable: Uint8Array, grid: Grid, other: Grid): void {
  const map = makeRegrid({ grid: other, isAlongGrid: false }, grid, 'wgs84')
  isUsable.forEach((_, node) => {
    if (!map.isCovered(node)) isUsable[node] = 0
  })
}

/** The usual step where it moves particles less than half a cell, else the planner's choice. */
function stepFor(grid: Grid, maxCurrent: number): { step?: string } {
  if (isNodeGrid(grid)) return {}
  const north = Math.min(...steps(grid.latitudes)) * METRES_PER_DEGREE
  const poleward = Math.max(...grid.latitudes.map(Math.abs))
  // cos(lat) is at least 1 - lat/90: no cell is narrower than this.
  const east = Math.min(...steps(grid.longitudes)) * METRES_PER_DEGREE * (1 - poleward / 90)
  const isSmall =
    (maxCurrent + WIND_DRIFT_MAX_METRES_PER_SECOND) * STEP_SECONDS < 0.5 * Math.min(north, east)
  return isSmall ? { step: 'PT10M' } : {}
}

const steps = (axis: Float64Array): number[] =>
  Array.from(axis.slice(1), (value, index) => value - (axis[index] ?? 0))

function sourceOf(
  role: ForcingRole,
  choice: Choice,
  sets: readonly FileSet[],
  folder: string
): string {
  const sameRole = sets.filter((set) => set.role === role).flatMap(({ files }) => files)
  return sourceFor(folder, choice[role]?.files ?? [], sameRole)
}

/** Two classes where there is wind; Stokes drift given beside it speaks for a low windage. */
function particles(choice: Choice, nodes: readonly number[], options: InitOptions) {
  const { grid } = choice.current
  const rounded = (value: number): number => Number(value.toFixed(4))
  const places = lonLatsOf(grid)
  const at = nodes.map((node) => [
    rounded(places[2 * node] ?? 0),
    rounded(places[2 * node + 1] ?? 0)
  ])
  const cellMetres = cellDegrees(grid) * METRES_PER_DEGREE
  const radius = `${Math.max(100, Math.round((RADIUS_CELLS * cellMetres) / 100) * 100)} m`
  const windage =
    choice.wind === undefined
      ? { submerged: 0 }
      : { bottle: choice.stokes === undefined ? [0.02, 0.04] : [0.01, 0.02], low: [0, 0.01] }
  const classes = Object.keys(windage)
  const share = Math.floor(options.particles / classes.length)
  const seeding = classes.map((name, index) => ({
    kind: 'points',
    at,
    particles: index === 0 ? options.particles - share * (classes.length - 1) : share,
    radius,
    class: name
  }))
  const physics = { scheme: 'rk4', windage, diffusivity: 1, coast: { rule: 'strand' } }
  return { seeding: seeding.filter((entry) => entry.particles > 0), physics }
}

function title(grid: Grid): string {
  const { west, east, south, north } = boxOf(grid)
  const range = (low: number, high: number): string => `${low.toFixed(1)} to ${high.toFixed(1)}`
  return `Drift between ${range(west, east)} E and ${range(south, north)} N`
}

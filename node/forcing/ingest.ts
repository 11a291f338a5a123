/**
 * From ocean model files to forcing content: every role on the current's grid, in m/s, land filled
 * by one ring, cut into tiles with CIDs. The same data gives the same bytes on every machine,
 * whatever the order of the files; only `+ - * / sqrt` touch a value on its way (PHYSICS §1).
 * Slices stream through one at a time; files are read twice, first to know land.
 */
import { pipe } from 'it-pipe'
import type { CID } from 'multiformats/cid'
import type { NodePlaces } from '../../kernel/nodes.ts'
import type { AxisPlaces } from '../../kernel/seeding.ts'
import { toBlock } from '../../protocol/canonical.ts'
import type { Forcing } from '../../protocol/forcing.ts'
import { MeshError } from '../mesh-error.ts'
import type { Blocks } from '../store/blocks.ts'
import { type Coast, findCoast } from './coast.ts'
import { coastContent, openShorelines } from './coastline/coast-content.ts'
import { refineLand } from './coastline/refine.ts'
import { ingestLevels } from './drift/levels.ts'
import { ingestScalar, type ScalarSource, type ScalarTarget } from './drift/scalars.ts'
import { forecastGrid } from './grids/forecast-grid.ts'
import {
  checkSize,
  type MetricKernel,
  mapTo,
  metricOf,
  placesContent
} from './grids/grid-content.ts'
import type { Drift, Latitudes } from './grids/reach.ts'
import { landOf } from './land.ts'
import { columnsOf, type Grid, rowsOf } from './meaning/grid.ts'
import type { Series } from './series.ts'
import { openRole } from './sets/open-role.ts'
import type { ForcingRole, ForcingSource } from './source.ts'
import {
  components,
  countSeen,
  coverageNote,
  fitted,
  onGrid,
  type Seen,
  slicesOf
} from './stages.ts'
import { littleEndian, makeTiling, type Put, type Tiling, tileGrid, tileSeries } from './tiles.ts'
import { type SliceWindow, sliceWindow } from './window.ts'

interface IngestProgress {
  readonly phase: string
  readonly done: number
  readonly total: number
}

export interface IngestRequest {
  readonly sources: readonly ForcingSource[]
  /** Fields of one number per node. */
  readonly scalars?: readonly ScalarSource[]
  /** Currents are read at every level down to this depth; absent: at one. */
  readonly levelsToMetres?: number
  readonly metric: 'wgs84' | 'sphere1852' | 'flat'
  /** The forecast's window in Unix seconds; every role must cover it. */
  readonly startSeconds: number
  readonly endSeconds: number
  readonly blocks: Pick<Blocks, 'put'>
  readonly kernel: MetricKernel
  /** What moves particles, and from where: decides whether the forecast must cross a pole. */
  readonly drift?: Drift
  /** Of several currents: whose nodes the forecast uses (default: the first's), or `extended`. */
  readonly gridName?: string
  /** What refines the model's land: `builtin` or a file. */
  readonly coastline?: string
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: IngestProgress) => void
}

export interface IngestedForcing {
  readonly cid: CID
  readonly forcing: Forcing
  /** Where the grid's nodes lie. */
  readonly places: AxisPlaces | NodePlaces
  /** Per node of the grid, C order: 0 sea, 1 land, 2 beyond the data. */
  readonly land: Uint8Array
  readonly metric: Float32Array
  /** Latitudes that particles can reach, where that was looked for (data beyond 80 degrees). */
  readonly reached?: Latitudes
  /** Greatest speed in m/s over the slices used, 0 for an absent role. */
  readonly maxSpeeds: { readonly current: number; readonly wind: number; readonly stokes: number }
  /** Greatest diffusivity (m²/s) and its greatest change over a metre (m/s), where one is given. */
  readonly diffusivity?: { readonly most: number; readonly slope: number }
  /** Decisions taken for the user, one sentence each, to be printed. */
  readonly notes: readonly string[]
}

/** A speed above this is more likely a wrong unit than weather; it is told, not refused. */
const PLAUSIBLE_METRES_PER_SECOND = { current: 5, wind: 80, stokes: 3 } as const

/**
 * @throws MeshError `forcing/unreadable`, `forcing/not-understood`, `forcing/no-overlap`,
 *   `forecast/unsupported` (a grid of a later version)
 */
export async function ingestForcing(request: IngestRequest): Promise<IngestedForcing> {
  const opened: Series[] = []
  try {
    for (const role of ['current', 'wind', 'stokes'] as const) {
      const sources = request.sources.filter((source) => source.role === role)
      if (sources.length === 0) continue
      opened.push(await openRole(sources, request, opened[0]?.grid))
    }
    return await ingestSeries(opened, request)
  } finally {
    for (const series of opened) await series.close()
  }
}

interface Used {
  readonly series: Series
  readonly window: SliceWindow
  readonly seen?: Seen
}

interface Target {
  readonly grid: Grid
  readonly coast: Coast
  readonly tiling: Tiling
  readonly put: Put
  readonly notes: string[]
  readonly maxSpeeds: Record<ForcingRole, number>
}

async function ingestSeries(
  opened: readonly Series[],
  request: IngestRequest
): Promise<IngestedForcing> {
  const [current] = opened
  if (current?.role !== 'current') {
    throw new MeshError('forcing/not-understood', 'the forecast has no current; add a source')
  }
  const { signal, blocks } = request
  const notes = opened.flatMap((series) => series.notes)
  const windows = opened.map((s) => sliceWindow(s, request.startSeconds, request.endSeconds))
  const { grid, reached } = await forecastGrid(opened, windows, request, notes)
  const [rows, columns] = [rowsOf(grid), columnsOf(grid)]
  checkSize(rows, columns)
  const used: Used[] = []
  for (const [index, series] of opened.entries()) {
    const window = windows[index]
    if (window !== undefined) used.push(await lookThrough(series, window, grid, request))
  }
  const land = landOf(used[0]?.seen, mapTo(grid, current, request.metric), notes)
  const shorelines = request.metric === 'flat' ? undefined : await openShorelines(request.coastline)
  if (shorelines?.refining !== undefined) {
    refineLand(land, shorelines.refining, grid, isOfGaps(request), notes)
  }
  const { metric, places } = metricOf(grid, request)
  const target: Target = {
    grid,
    coast: findCoast(land, { rows, columns, isPeriodic: grid.isPeriodic, metric }),
    tiling: makeTiling(rows, columns),
    put: (block) => blocks.put(block, signal === undefined ? {} : { signal }),
    notes,
    maxSpeeds: { current: 0, wind: 0, stokes: 0 }
  }
  const fields: Partial<Record<ForcingRole, CID>> = {}
  for (const one of used) fields[one.series.role] = await ingestOne(one, target, request)
  const { current: currentField, ...others } = fields
  if (currentField === undefined) throw new Error('a current was ingested')
  const scalars = await scalarsContent(request, { ...target, columns, metric })
  const forcing: Forcing = {
    kind: 'forcing',
    columns,
    rows,
    isPeriodic: grid.isPeriodic,
    isFlat: request.metric === 'flat',
    ...(await placesContent(places, target.tiling, target.put)),
    tileRows: target.tiling.tileRows,
    tileColumns: target.tiling.tileColumns,
    land: await tileGrid(land, 1, target.tiling, target.put),
    metric: await tileGrid(littleEndian(metric), 16, target.tiling, target.put),
    current: currentField,
    ...others,
    ...(await levelsContent(request, target)),
    ...scalars.content,
    coast: await coastContent(land, { ...target, metric }, shorelines)
  }
  const block = toBlock(forcing)
  await target.put(block)
  const { maxSpeeds } = target
  const found = { ...(reached === undefined ? {} : { reached }), ...scalars.bounds }
  return { cid: block.cid, forcing, places, land, metric, maxSpeeds, notes, ...found }
}

/** Do all currents say that what they miss are gaps? Then only a coastline knows land. */
const isOfGaps = ({ sources }: IngestRequest): boolean =>
  sources.every(({ role, missing }) => role !== 'current' || missing === 'gap')

/** No sea or air moves like this: a value for "missing" that the file does not declare. */
const IMPOSSIBLE_METRES_PER_SECOND = { current: 100, wind: 500, stokes: 100 } as const

function checkSpeed({ role }: Series, fastest: number): void {
  if (fastest <= IMPOSSIBLE_METRES_PER_SECOND[role]) return
  throw new MeshError(
    'forcing/not-understood',
    `the ${role} reaches ${fastest.toFixed(0)} m/s: its unit is wrong, or it marks what is ` +
      "missing with a number that no _FillValue declares; look with 'driftmesh data inspect' and " +
      'correct it, for example: ncatted -a _FillValue,NAME,o,f,-999 FILE',
    { detail: { role } }
  )
}

/** Depth levels, where the forecast needs them. */
async function levelsContent(
  request: IngestRequest,
  target: Target
): Promise<Pick<Forcing, 'levels'>> {
  const [source, ...others] = request.sources.filter(({ role }) => role === 'current')
  if (request.levelsToMetres === undefined || source === undefined) return {}
  if (others.length > 0) {
    throw new MeshError(
      'forecast/unsupported',
      'depth levels of several currents are not supported; give each of them one depth'
    )
  }
  const { maxSpeeds } = target
  const levels = await ingestLevels(source, request.levelsToMetres, target, request, (speed) => {
    maxSpeeds.current = Math.max(maxSpeeds.current, speed)
  })
  return levels === undefined ? {} : { levels }
}

/** Scalars as content, and the bounds that the planner needs of them. */
async function scalarsContent(
  request: IngestRequest,
  target: ScalarTarget
): Promise<{
  content: Pick<Forcing, ScalarSource['role']>
  bounds: Pick<IngestedForcing, 'diffusivity'>
}> {
  let content: Pick<Forcing, ScalarSource['role']> = {}
  let bounds: Pick<IngestedForcing, 'diffusivity'> = {}
  for (const source of request.scalars ?? []) {
    const { series, most, slope } = await ingestScalar(source, target, request)
    content = { ...content, [source.role]: series }
    if (source.role === 'diffusivity') bounds = { diffusivity: { most, slope } }
  }
  return { content, bounds }
}

/** Counts at how many slices currents (on the forecast's grid) and waves have a value. */
async function lookThrough(
  series: Series,
  window: SliceWindow,
  grid: Grid,
  request: IngestRequest
): Promise<Used> {
  if (series.role === 'wind') return { series, window }
  const slices = slicesOf(series, window, request, `looking for land in ${series.role}`)
  const isElsewhere = series.role === 'current' && series.grid !== grid
  const seen = isElsewhere
    ? await countSeen(onGrid(mapTo(grid, series, request.metric))(slices))
    : await countSeen(slices)
  return { series, window, seen }
}

async function ingestOne(used: Used, target: Target, request: IngestRequest): Promise<CID> {
  const { series, window, seen } = used
  const { role } = series
  const { grid, coast, notes, maxSpeeds } = target
  const map = mapTo(grid, series, request.metric)
  if (role !== 'current') {
    const note = coverageNote(series, map, grid, coast.land)
    if (note !== undefined) notes.push(note)
  }
  const field = await pipe(
    slicesOf(series, window, request, `reading ${role}`),
    onGrid(map, role === 'stokes' ? seen : undefined),
    fitted(coast, (speed) => {
      maxSpeeds[role] = Math.max(maxSpeeds[role], speed)
    }),
    components,
    (slices) => tileSeries(slices, window.times, target.tiling, target.put)
  )
  checkSpeed(series, maxSpeeds[role])
  if (maxSpeeds[role] > PLAUSIBLE_METRES_PER_SECOND[role]) {
    notes.push(`${role}: up to ${maxSpeeds[role].toFixed(1)} m/s; check the unit of the data`)
  }
  return field
}

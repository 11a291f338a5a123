/**
 * From ocean model files to forcing content: every role on the current's grid, in m/s, land filled
 * by one ring, cut into tiles with CIDs. The same data gives the same bytes on every machine,
 * whatever the order of the files; only `+ - * / sqrt` touch a value on its way (PHYSICS §1).
 * Slices stream through one at a time, mostly once (ingest-field.ts).
 */
import type { CID } from 'multiformats/cid'
import type { NodePlaces } from '../../kernel/nodes.ts'
import type { AxisPlaces } from '../../kernel/seeding.ts'
import { toBlock } from '../../protocol/canonical.ts'
import type { Forcing } from '../../protocol/forcing.ts'
import { MeshError } from '../mesh-error.ts'
import type { Blocks } from '../store/blocks.ts'
import { findCoast } from './coast.ts'
import { coastContent, openShorelines, type Shorelines } from './coastline/coast-content.ts'
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
import type { NodeMetric } from './grids/node-metric.ts'
import type { Drift } from './grids/reach.ts'
import {
  type FieldTarget,
  firstSight,
  greatest,
  ingestCurrent,
  ingestOther,
  lookThrough,
  type Used
} from './ingest-field.ts'
import { landOf } from './land.ts'
import { columnsOf, rowsOf } from './meaning/grid.ts'
import { releaseHdf5 } from './read/hdf5/netcdf4-file.ts'
import type { Series } from './series.ts'
import { openRole } from './sets/open-role.ts'
import type { ForcingRole, ForcingSource } from './source.ts'
import type { Seen } from './stages.ts'
import { littleEndian, makeTiling, type Put, tileGrid, tilePlane } from './tiles.ts'
import { sliceWindow } from './window.ts'

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
  readonly metric: NodeMetric
  /** Names of the variables that each role is made of. */
  readonly variables: Readonly<Partial<Record<ForcingRole, readonly string[]>>>
  /** Greatest speed in m/s over the slices used, 0 for an absent role. */
  readonly maxSpeeds: { readonly current: number; readonly wind: number; readonly stokes: number }
  /** The same of every row of the grid. */
  readonly rowSpeeds: Readonly<Record<ForcingRole, Float64Array>>
  /** Greatest diffusivity (m²/s) and its greatest change over a metre (m/s), where one is given. */
  readonly diffusivity?: { readonly most: number; readonly slope: number }
  /** Decisions taken for the user, one sentence each, to be printed. */
  readonly notes: readonly string[]
}

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
  const grid = await forecastGrid(opened, windows, request, notes)
  const [rows, columns] = [rowsOf(grid), columnsOf(grid)]
  checkSize(rows, columns)
  const isOnGlobe = request.metric !== 'flat'
  const refining = isOnGlobe && request.coastline !== undefined
  const shorelines = refining ? await openShorelines(request.coastline) : undefined
  const { metric, places } = metricOf(grid, request)
  const shape = { rows, columns, isPeriodic: grid.isPeriodic, metric }
  const put: Put = (block) => blocks.put(block, signal === undefined ? {} : { signal })
  const ground = { grid, notes, put, tiling: makeTiling(rows, columns), metric, shape, shorelines }
  const [used, ...rest] = opened.flatMap((series, index): Used[] => {
    const window = windows[index]
    return window === undefined ? [] : [{ series, window }]
  })
  if (used === undefined) throw new Error('defect: a current without a window')
  const { target, currentField } = await onItsSea(used, ground, request)
  const { land } = target.coast
  const others: Partial<Record<ForcingRole, CID>> = {}
  for (const one of rest) others[one.series.role] = await ingestOther(one, target, request)
  const scalars = await scalarsContent(request, { ...target, columns, metric })
  const levels = await levelsContent(request, target)
  // Every value is read: the coast shall not come on top of what the files take.
  for (const series of opened) await series.close()
  await releaseHdf5()
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
    metric: await tilePlane(16, target.tiling, put, async (row, height) => [
      littleEndian(metric.rows(row, height))
    ]),
    current: currentField,
    ...others,
    ...levels,
    ...scalars.content,
    coast: await coastContent(
      land,
      target,
      shorelines ?? (isOnGlobe ? await openShorelines(undefined) : undefined)
    )
  }
  const block = toBlock(forcing)
  await target.put(block)
  const { fastest: rowSpeeds } = target
  const maxSpeeds = {
    current: greatest(rowSpeeds.current),
    wind: greatest(rowSpeeds.wind),
    stokes: greatest(rowSpeeds.stokes)
  }
  const found = { maxSpeeds, rowSpeeds, ...scalars.bounds }
  const variables = Object.fromEntries(opened.map(({ role, variables: names }) => [role, names]))
  return { cid: block.cid, forcing, places, land, metric, variables, notes, ...found }
}

/** Do all currents say that what they miss are gaps? Then only a coastline knows land. */
const isOfGaps = ({ sources }: IngestRequest): boolean =>
  sources.every(({ role, missing }) => role !== 'current' || missing === 'gap')

type Ground = Omit<FieldTarget, 'coast' | 'fastest'> & {
  readonly metric: NodeMetric
  readonly shape: Parameters<typeof findCoast>[1]
  readonly shorelines: Shorelines | undefined
}

/** The current on the sea that all its slices show. */
async function onItsSea(
  used: Used,
  { shape, shorelines, ...ground }: Ground,
  request: IngestRequest
): Promise<{ target: FieldTarget & Pick<ScalarTarget, 'metric'>; currentField: CID }> {
  const { grid, notes } = ground
  const map = mapTo(grid, used.series, request.metric)
  const landBy = (seen: Seen, told: string[]): Uint8Array => {
    const land = landOf(seen, map, told)
    if (shorelines?.refining !== undefined) {
      refineLand(land, shorelines.refining, grid, isOfGaps(request), told)
    }
    return land
  }
  const perRow = (): Float64Array => new Float64Array(shape.rows)
  const targetOn = (land: Uint8Array) => ({
    ...ground,
    coast: findCoast(land, shape),
    fastest: { current: perRow(), wind: perRow(), stokes: perRow() }
  })
  const first = await firstSight(used, grid, request)
  if (first.counts.some((count) => count > 0)) {
    const target = targetOn(landBy(first, []))
    const currentField = await ingestCurrent(used, target, request, first)
    if (currentField !== undefined) {
      landBy(first, notes)
      return { target, currentField }
    }
  }
  const seen = await lookThrough(used, grid, request)
  const target = targetOn(landBy(seen, notes))
  const currentField = await ingestCurrent(used, target, request)
  if (currentField === undefined) throw new Error('defect: a series changed while it was read')
  return { target, currentField }
}

/** Depth levels, where the forecast needs them. */
async function levelsContent(
  request: IngestRequest,
  target: FieldTarget
): Promise<Pick<Forcing, 'levels'>> {
  const [source, ...others] = request.sources.filter(({ role }) => role === 'current')
  if (request.levelsToMetres === undefined || source === undefined) return {}
  if (others.length > 0) {
    throw new MeshError(
      'forecast/unsupported',
      'depth levels of several currents are not supported; give each of them one depth'
    )
  }
  const { levelsToMetres } = request
  const fastest = target.fastest.current
  const levels = await ingestLevels(source, levelsToMetres, target, request, fastest)
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

/**
 * The forcing of a forecast: the sources its file names, as files, handed to ingest; what fails
 * there for a reason that stands in the forecast file is told with its place.
 */

import { resolve } from 'node:path'
import type { ScalarSource } from '../../forcing/drift/scalars.ts'
import type { Drift } from '../../forcing/grids/reach.ts'
import { type IngestedForcing, type IngestRequest, ingestForcing } from '../../forcing/ingest.ts'
import { expandSource, type ForcingSource } from '../../forcing/source.ts'
import { isMeshError, MeshError } from '../../mesh-error.ts'
import type { ForcingEntry, ForecastDefinition, Mark } from '../definition.ts'

type ForcingDeps = Pick<IngestRequest, 'blocks' | 'signal' | 'onProgress'> & {
  /** Where the catalogue of `data:NAME` is; default: this user's home. */
  readonly home?: string
  /** Where sources of `ipfs://` addresses come from. */
  readonly inputs?: ForcingSource['inputs']
}

type Entry<Role> = Omit<ForcingEntry, 'role'> & { readonly role: Role }

const isScalar = (entry: ForcingEntry): entry is Entry<ScalarSource['role']> =>
  entry.role === 'diffusivity' || entry.role === 'wavePeriod'

/** The files of an entry; a failure names the place in the forecast file. */
async function filesOf(entry: ForcingEntry, baseDir: string, home?: string): Promise<string[]> {
  try {
    return await expandSource(entry.source, baseDir, home)
  } catch (cause) {
    throw isMeshError(cause) ? placed(cause, entry.mark) : cause
  }
}

/** What an entry says beside its role, depth and names. */
function rulesOf(entry: ForcingEntry) {
  const { select, from, name, maxGapSeconds, persistSeconds, missing, blendCells } = entry
  return {
    ...(select === undefined ? {} : { select }),
    ...(from === undefined ? {} : { from }),
    ...(name === undefined ? {} : { name }),
    ...(maxGapSeconds === undefined ? {} : { maxGapSeconds }),
    ...(persistSeconds === undefined ? {} : { persistSeconds }),
    ...(missing === undefined ? {} : { missing }),
    ...(blendCells === undefined ? {} : { blendCells })
  }
}

const vectorSource = (
  entry: ForcingEntry,
  role: ForcingSource['role'],
  files: string[]
): ForcingSource => ({
  role,
  files,
  ...(entry.depthMetres === undefined ? {} : { depthMetres: entry.depthMetres }),
  ...(entry.map !== undefined && 'u' in entry.map ? { map: entry.map } : {}),
  ...(entry.map !== undefined && 'value' in entry.map ? { seaLevelName: entry.map.value } : {}),
  ...rulesOf(entry)
})

const scalarSource = (entry: Entry<ScalarSource['role']>, files: string[]): ScalarSource => ({
  role: entry.role,
  files,
  ...(entry.map !== undefined && 'value' in entry.map ? { variable: entry.map.value } : {}),
  ...rulesOf(entry)
})

/** Mixed particles are rarely deeper; below it the deepest level read is taken. */
const MIXED_METRES = 100

/** How deep particles are: currents are read down to there, unless the file names one level. */
function levelsToMetres({ physics, classes, forcing }: ForecastDefinition): number | undefined {
  if (forcing.some(({ role, depthMetres }) => role === 'current' && depthMetres !== undefined)) {
    return undefined
  }
  const isMixed =
    physics.vertical === 'mixed' && classes.some(({ depthMetres }) => depthMetres === 0)
  const deepest = Math.max(...classes.map(({ depthMetres }) => depthMetres))
  const metres = Math.max(deepest, isMixed ? MIXED_METRES : 0)
  return metres > 0 ? metres : undefined
}

/** The same failure, with the place in the forecast file that led to it. */
function placed(cause: MeshError, { place, path }: Mark): MeshError {
  const { detail } = cause
  return new MeshError(cause.code, `${place} ${path} ${cause.message}`, { cause, detail })
}

/** What ingest needs to know of the particles: whether they can come near a pole. */
const driftOf = ({ seeding, classes, physics }: ForecastDefinition): Drift => ({
  points: seeding.flatMap(({ points }) => points),
  radiusMetres: Math.max(...seeding.map(({ radiusMetres }) => radiusMetres)),
  windage: Math.max(...classes.map(({ windage }) => windage[1] ?? 0)),
  isWindRelative: physics.isWindRelative,
  diffusivity: physics.diffusivity
})

/** The built-in coastline, or a file beside the forecast. */
const coastlineOf = ({ coastline, baseDir }: ForecastDefinition): { coastline?: string } => {
  if (coastline === undefined) return {}
  return { coastline: coastline === 'builtin' ? coastline : resolve(baseDir, coastline) }
}

/** @throws MeshError forcing/*, naming the place in the forecast file where one led to it */
export async function readForcing(
  definition: ForecastDefinition,
  kernel: IngestRequest['kernel'],
  deps: ForcingDeps
): Promise<IngestedForcing> {
  const { isBackward, durationSeconds } = definition
  const sources: ForcingSource[] = []
  const scalars: ScalarSource[] = []
  for (const entry of definition.forcing) {
    const files = await filesOf(entry, definition.baseDir, deps.home)
    const from = deps.inputs === undefined ? {} : { inputs: deps.inputs }
    if (isScalar(entry)) scalars.push({ ...scalarSource(entry, files), ...from })
    else {
      const role = entry.role as ForcingSource['role']
      sources.push({ ...vectorSource(entry, role, files), ...from })
    }
  }
  const levels = levelsToMetres(definition)
  const request = {
    sources,
    scalars,
    ...(levels === undefined ? {} : { levelsToMetres: levels }),
    metric: definition.metric,
    startSeconds: definition.startSeconds - (isBackward ? durationSeconds : 0),
    endSeconds: definition.startSeconds + (isBackward ? 0 : durationSeconds),
    blocks: deps.blocks,
    kernel,
    drift: driftOf(definition),
    ...(definition.gridName === undefined ? {} : { gridName: definition.gridName }),
    ...coastlineOf(definition),
    ...(deps.signal === undefined ? {} : { signal: deps.signal }),
    ...(deps.onProgress === undefined ? {} : { onProgress: deps.onProgress })
  }
  try {
    return await ingestForcing(request)
  } catch (cause) {
    const isOfTime = isMeshError(cause, 'forcing/no-overlap')
    throw isOfTime ? placed(cause, definition.markOf(['spec', 'start'])) : cause
  }
}

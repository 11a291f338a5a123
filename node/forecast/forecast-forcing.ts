/**
 * The forcing of a forecast: the sources its file names, as files, handed to ingest; what fails
 * there for a reason that stands in the forecast file is told with its place.
 */
import { type IngestedForcing, type IngestRequest, ingestForcing } from '../forcing/ingest.ts'
import type { Drift } from '../forcing/reach.ts'
import { expandSource, type ForcingSource } from '../forcing/source.ts'
import { isMeshError, MeshError } from '../mesh-error.ts'
import {
  definitionError,
  type ForcingEntry,
  type ForecastDefinition,
  type Mark
} from './definition.ts'

type ForcingDeps = Pick<IngestRequest, 'blocks' | 'signal' | 'onProgress'>

/** The files of an entry; a failure names the place in the forecast file. */
async function sourceOf(entry: ForcingEntry, baseDir: string): Promise<ForcingSource> {
  const { role, depthMetres, map } = entry
  if (role === 'diffusivity' || role === 'wavePeriod' || (map !== undefined && 'value' in map)) {
    const message = `forcing with role ${role} is not in this version; remove it`
    throw definitionError('forecast/unsupported', [{ mark: entry.mark, message }])
  }
  try {
    return {
      role,
      files: await expandSource(entry.source, baseDir),
      ...(depthMetres === undefined ? {} : { depthMetres }),
      ...(map === undefined ? {} : { map })
    }
  } catch (cause) {
    throw isMeshError(cause) ? placed(cause, entry.mark) : cause
  }
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

/** @throws MeshError forcing/*, naming the place in the forecast file where one led to it */
export async function readForcing(
  definition: ForecastDefinition,
  kernel: IngestRequest['kernel'],
  deps: ForcingDeps
): Promise<IngestedForcing> {
  const { isBackward, durationSeconds } = definition
  const sources: ForcingSource[] = []
  for (const entry of definition.forcing) sources.push(await sourceOf(entry, definition.baseDir))
  const request = {
    sources,
    metric: definition.metric,
    startSeconds: definition.startSeconds - (isBackward ? durationSeconds : 0),
    endSeconds: definition.startSeconds + (isBackward ? 0 : durationSeconds),
    blocks: deps.blocks,
    kernel,
    drift: driftOf(definition),
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

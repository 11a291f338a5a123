/**
 * How well a forecast would have followed real drifters: a particle from each drifter's place and
 * time, the forecast's forcing and physics, and the two tracks compared at every fix.
 */
import { loadKernel } from '../../../kernel/kernel.ts'
import { MeshError } from '../../mesh-error.ts'
import { openMemoryBlocks } from '../../store/memory-blocks.ts'
import { builtInKernel } from '../../worker/kernel-file.ts'
import { type ForecastDefinition, readForecastFile } from '../definition.ts'
import { readForcing } from '../forcing/read-forcing.ts'
import type { PrepareDeps } from '../prepare.ts'
import { stepFor } from '../step-bounds.ts'
import { type Drifter, readDrifters } from './drifters.ts'
import { type Span, startsOf } from './starts.ts'
import { compare, iso, type MeanSkill, type StartSkill, summary } from './summary.ts'
import { definitionOf, followParticles, refusalOf, withoutChance } from './virtual-drifters.ts'

/** More starts than a plan has blocks. */
const STARTS_MAX = 10_000

export interface SkillReport {
  readonly forecast: string
  readonly stepSeconds: number
  readonly all: MeanSkill
  readonly drifters: Readonly<Record<string, MeanSkill>>
  readonly starts: readonly StartSkill[]
  /** Starts that could not be made. */
  readonly refused: readonly {
    readonly drifter: string
    readonly start: string
    readonly why: string
  }[]
  readonly notes: readonly string[]
}

export interface SkillOptions {
  readonly drifters: readonly string[]
  readonly restartSeconds?: number
  readonly className?: string
  readonly threads: number
  readonly signal?: AbortSignal
  readonly onProgress?: NonNullable<PrepareDeps['onProgress']>
}

const span = ({ startSeconds, durationSeconds }: ForecastDefinition): Span => ({
  startSeconds,
  endSeconds: startSeconds + durationSeconds
})

async function readAll(
  paths: readonly string[]
): Promise<{ drifters: Drifter[]; notes: string[] }> {
  const drifters: Drifter[] = []
  const notes: string[] = []
  for (const path of paths) {
    const file = await readDrifters(path)
    drifters.push(...file.drifters)
    if (file.skippedRows > 0) {
      notes.push(`${path}: ${file.skippedRows} row(s) without a place or time left out`)
    }
  }
  return { drifters, notes }
}

const timesOf = ({ id, fixes }: Drifter): string =>
  `${id} ${iso(fixes[0]?.seconds ?? 0)} to ${iso(fixes.at(-1)?.seconds ?? 0)}`

function checkTimes(
  drifters: readonly Drifter[],
  definition: ForecastDefinition,
  path: string
): void {
  const { startSeconds, endSeconds } = span(definition)
  const isThere = ({ fixes }: Drifter): boolean =>
    (fixes[0]?.seconds ?? Infinity) < endSeconds && (fixes.at(-1)?.seconds ?? 0) > startSeconds
  if (drifters.some(isThere)) return
  throw new MeshError(
    'forcing/no-overlap',
    `no drifter was at sea during ${path} (${iso(startSeconds)} to ${iso(endSeconds)}): ` +
      drifters.map(timesOf).join(', ')
  )
}

/**
 * @throws MeshError skill/unreadable, forcing/no-overlap where no drifter has currents under it,
 *   cli/usage, and those of forecast files, forcing and units
 */
export async function compareWithDrifters(
  path: string,
  options: SkillOptions
): Promise<SkillReport> {
  const { signal, onProgress, restartSeconds, className, threads } = options
  const asked = await readForecastFile(path)
  if (asked.isBackward || asked.metric === 'flat') {
    throw new MeshError(
      'cli/usage',
      `${path} runs backwards or on a flat plane; drifters do neither`
    )
  }
  const definition = withoutChance(asked)
  const { drifters, notes } = await readAll(options.drifters)
  checkTimes(drifters, definition, path)
  const kernel = builtInKernel()
  const module = loadKernel(kernel.bytes)
  const deps = {
    blocks: openMemoryBlocks(),
    kernel,
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress })
  }
  const ingested = await readForcing(definition, module, deps)
  const step = stepFor({ ...definition, seeding: [] }, ingested, module)
  const wanted = startsOf(drifters, span(definition), step.stepSeconds, restartSeconds)
  if (wanted.length > STARTS_MAX) {
    throw new MeshError(
      'cli/usage',
      `${wanted.length} starts are more than ${STARTS_MAX}: restart less often`
    )
  }
  const judged = wanted.map((start) => ({
    start,
    why: refusalOf(start, definition, step, ingested, module)
  }))
  const starts = judged.filter(({ why }) => why === undefined).map(({ start }) => start)
  const refused = judged.flatMap(({ start, why }) =>
    why === undefined ? [] : [{ drifter: start.drifter, start: iso(start.at.seconds), why }]
  )
  if (starts.length === 0) {
    const [first] = refused
    const why =
      first === undefined
        ? `no drifter has fixes close enough in time during ${path}`
        : `no currents under any drifter: ${first.drifter} at ${first.start}, ${first.why}`
    throw new MeshError('forcing/no-overlap', why, { detail: { refused } })
  }
  const run = definitionOf(definition, starts, step, className)
  const tracks = await followParticles(run, starts, ingested, threads, deps)
  const compared = starts.map((start, i) =>
    compare(start, tracks[i] ?? { fixes: [], status: 'missing' })
  )
  const ids = [...new Set(compared.map(({ drifter }) => drifter))]
  const chance = 'without diffusion, noise, perturbation, half-life and chance at the coast'
  return {
    forecast: path,
    stepSeconds: step.stepSeconds,
    all: summary(compared),
    drifters: Object.fromEntries(
      ids.map((id) => [id, summary(compared.filter(({ drifter }) => drifter === id))])
    ),
    starts: compared,
    refused,
    notes: [...notes, `one particle per start, ${chance}`, step.note, ...classNote(run)]
  }
}

function classNote({ classes, seeding }: ForecastDefinition): string[] {
  const used = classes[seeding[0]?.classIndex ?? 0]
  return used === undefined ? [] : [`class ${used.name}, windage ${used.windage[0]}`]
}

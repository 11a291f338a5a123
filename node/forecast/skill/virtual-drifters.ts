/**
 * The model's side of the comparison: one particle per start, moved by the forecast's own forcing
 * and physics without its random parts, followed at every step.
 */
import { type Kernel, loadKernel } from '../../../kernel/kernel.ts'
import type { Status } from '../../../protocol/result.ts'
import type { IngestedForcing } from '../../forcing/ingest.ts'
import { isMeshError, MeshError } from '../../mesh-error.ts'
import { openKernelPool } from '../../worker/kernel-pool.ts'
import type { ForecastDefinition, Mark } from '../definition.ts'
import { type PrepareDeps, planDefinition } from '../prepare.ts'
import { assembleProduct } from '../product/assemble.ts'
import { runUnits } from '../run-units.ts'
import { seedRange } from '../seeding.ts'
import type { StepPlan } from '../step-plan.ts'
import type { Fix } from './measures.ts'
import type { Start } from './starts.ts'

/** Cells a particle may cross in a window: its unit's forcing stays a fraction of a plane. */
const WINDOW_CELLS = 256
/** An answer to "where" needs no place in the forecast file: the drifter is named instead. */
const NOWHERE: Mark = { place: '', path: '', offset: 0 }

export interface VirtualTrack {
  /** At every step, the release first, as long as it is afloat or stranded. */
  readonly fixes: readonly Fix[]
  /** Status when its comparison ends. */
  readonly status: Status
}

/** The forecast without what is random in it, and without perturbed members. */
export function withoutChance(definition: ForecastDefinition): ForecastDefinition {
  const {
    noise: _noise,
    halfLifeSeconds: _halfLife,
    beaching: _beaching,
    ...physics
  } = definition.physics
  return {
    ...definition,
    physics: {
      ...physics,
      diffusivity: 0,
      diffusivityFrom: 'constant',
      coast: physics.coast === 'probabilistic' ? 'hold' : physics.coast
    },
    forcing: definition.forcing.filter(({ role }) => role !== 'diffusivity'),
    perturb: { currentFactor: 0, windageFactor: 0, diffusivityFactor: 0, releaseSeconds: 0 },
    memberCount: 1
  }
}

/** Time of the last fix to compare with. */
const endOf = ({ at, fixes }: Start): number => fixes.at(-1)?.seconds ?? at.seconds

/** The definition that releases these starts, one seeding entry and one unit each. */
export function definitionOf(
  definition: ForecastDefinition,
  starts: readonly Start[],
  { stepSeconds, reachCellsPerStep }: Pick<StepPlan, 'stepSeconds' | 'reachCellsPerStep'>,
  className?: string
): ForecastDefinition {
  const names = definition.classes.map(({ name }) => name)
  const classIndex =
    className === undefined ? (definition.seeding[0]?.classIndex ?? 0) : names.indexOf(className)
  if (classIndex < 0) {
    throw new MeshError('cli/usage', `--class ${className} is none of ${names.join(', ')}`)
  }
  const { maxAgeSeconds = Infinity } = definition.physics
  const neededSeconds = Math.max(...starts.map((start) => endOf(start) - start.at.seconds))
  return {
    ...definition,
    // What is compared no more need not drift on.
    physics: {
      ...definition.physics,
      maxAgeSeconds: Math.min(maxAgeSeconds, Math.ceil(neededSeconds) + stepSeconds)
    },
    stepSeconds,
    outputSeconds: stepSeconds,
    // A range of windage is taken at its middle: one drifter, one particle.
    classes: definition.classes.map((each) => {
      const [least = 0, most = 0] = each.windage
      return { ...each, windage: [(least + most) / 2, (least + most) / 2] }
    }),
    seeding: starts.map(({ at }) => ({
      points: [[at.lon, at.lat]],
      markOfPoint: () => NOWHERE,
      particleCount: 1,
      radiusMetres: 0,
      releaseSeconds: at.seconds,
      classIndex
    })),
    trackedCount: starts.length,
    mesh: {
      ...definition.mesh,
      unitParticles: 1,
      windowSeconds: Math.max(1, Math.floor(WINDOW_CELLS / reachCellsPerStep)) * stepSeconds
    }
  }
}

/** Why a start cannot be made: on land or outside the currents; undefined if it can. */
export function refusalOf(
  start: Start,
  definition: ForecastDefinition,
  step: StepPlan,
  { forcing, land, places }: IngestedForcing,
  kernel: Kernel
): string | undefined {
  const context = {
    definition: definitionOf(definition, [start], step),
    grid: { ...places, isPeriodic: forcing.isPeriodic, land },
    kernel,
    stepSeconds: step.stepSeconds
  }
  try {
    seedRange({ firstParticle: 0, particleCount: 1 }, context)
    return undefined
  } catch (error) {
    if (isMeshError(error, 'forecast/invalid')) return error.message
    throw error
  }
}

/** Where the particles of the definition made of `starts` go, in their order. */
export async function followParticles(
  definition: ForecastDefinition,
  starts: readonly Start[],
  ingested: IngestedForcing,
  threads: number,
  deps: PrepareDeps
): Promise<VirtualTrack[]> {
  const { plan } = await planDefinition(definition, ingested, deps)
  const { blocks, signal, onProgress } = deps
  const pool = openKernelPool({ threads, blocks })
  try {
    const report = (done: number, total: number) => onProgress?.({ phase: 'units', done, total })
    const { compute } = pool
    const slots = await runUnits({ plan, blocks, compute, threads, signal, onProgress: report })
    const tracks = definition.seeding.map(() => ({
      fixes: [] as Fix[],
      status: 'waiting' as Status
    }))
    await assembleProduct({
      plan,
      slots,
      blocks,
      kernel: loadKernel(deps.kernel.bytes),
      ...(signal === undefined ? {} : { signal }),
      onTrack: ({ particle, timeSeconds, lon, lat, status }) => {
        const [track, start] = [tracks[particle], starts[particle]]
        if (track === undefined || start === undefined) return
        if (timeSeconds <= endOf(start)) track.status = status
        const isThere = status === 'afloat' || status === 'stranded'
        if (isThere) track.fixes.push({ lon, lat, seconds: timeSeconds })
      }
    })
    return tracks
  } finally {
    await pool.stop()
  }
}

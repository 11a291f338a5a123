/**
 * From a forecast file to a plan: forcing becomes content, seeding becomes states, particles are
 * cut into blocks. Every block it makes is in the store when it returns, and the same file over
 * the same data gives the same plan CID.
 */
import type { CID } from 'multiformats/cid'
import { cropAround, type PlanGrid } from '../../coordinator/slots.ts'
import { loadKernel } from '../../kernel/kernel.ts'
import { type Block, cborCid, encode, toRawBlock } from '../../protocol/canonical.ts'
import { BLOCK_BYTES_MAX, CROP_CELLS_MAX } from '../../protocol/limits.ts'
import { type Plan, type PlanBlock, plan as planShape } from '../../protocol/plan.ts'
import type { IngestedForcing } from '../forcing/ingest.ts'
import type { Blocks } from '../store/blocks.ts'
import { storeViewer } from '../web/built-in-viewer.ts'
import { attributionsOf } from './attributions.ts'
import { definitionError, type ForecastDefinition, readForecastFile } from './definition.ts'
import { planDensity } from './density-plan.ts'
import { drawFactors, perturbationsOf, riseNotes, risenClasses } from './drift/members.ts'
import { readForcing } from './forcing/read-forcing.ts'
import { cutBlocks, type SeededBlock, type SeedingContext, seedBlock } from './seeding.ts'
import { stepFor } from './step-bounds.ts'

interface PrepareProgress {
  readonly phase: string
  readonly done: number
  readonly total: number
}

export interface PreparedForecast {
  /** The plan's canonical bytes and CID. */
  readonly block: Block
  readonly plan: Plan
  /** Decisions taken for the user, one sentence each, to be printed. */
  readonly notes: readonly string[]
}

export interface PrepareDeps {
  readonly blocks: Blocks
  readonly kernel: { readonly bytes: Uint8Array; readonly cid: CID }
  /** Where the catalogue of `data:NAME` is; default: this user's home. */
  readonly home?: string
  /** Where sources of `ipfs://` addresses come from. */
  readonly inputs?: Pick<Blocks, 'get'>
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: PrepareProgress) => void
}

/** A seeded block with its crop; refused when its particles can spread wider than a unit may. */
function cropped(
  { bounds, ...block }: SeededBlock,
  grid: PlanGrid,
  steps: { readonly reachCellsPerStep: number; readonly windowSteps: number },
  definition: ForecastDefinition
): PlanBlock {
  const crop = cropAround(grid, bounds, steps.reachCellsPerStep * steps.windowSteps)
  if (crop !== undefined) return { ...block, crop }
  const mark = definition.markOf(['spec', 'mesh', 'window'])
  const last = block.firstParticle + block.particleCount - 1
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = bounds
  const message =
    `particles ${block.firstParticle} to ${last} start on ${x1 - x0 + 1} × ${y1 - y0 + 1} cells ` +
    `and can travel ${Math.ceil(steps.reachCellsPerStep * steps.windowSteps)} cells in a window ` +
    `of ${steps.windowSteps} steps, which is wider than the ${CROP_CELLS_MAX} cells of a unit; ` +
    'use a shorter window, or smaller unitParticles where the points lie far apart'
  throw definitionError('plan/refused', [{ mark, message }])
}

async function seedAll(
  context: SeedingContext,
  grid: PlanGrid,
  steps: { readonly reachCellsPerStep: number; readonly windowSteps: number },
  deps: PrepareDeps
): Promise<PlanBlock[]> {
  const ranges = cutBlocks(context.definition)
  const planned: PlanBlock[] = []
  for (const range of ranges) {
    deps.signal?.throwIfAborted()
    deps.onProgress?.({ phase: 'seeding', done: planned.length, total: ranges.length })
    const seeded = await seedBlock(range, context, deps)
    planned.push(cropped(seeded, grid, steps, context.definition))
  }
  deps.onProgress?.({ phase: 'seeding', done: ranges.length, total: ranges.length })
  return planned
}

/** The plan's bytes; a plan that its own shape refuses is a defect of the planner. */
function encodePlan(plan: Plan, definition: ForecastDefinition): Block {
  planShape(plan)
  const bytes = encode(plan)
  if (bytes.length > BLOCK_BYTES_MAX) {
    const mark = definition.markOf(['spec', 'mesh', 'unitParticles'])
    const message =
      `makes a plan of ${bytes.length} bytes, more than the ${BLOCK_BYTES_MAX} of a block; ` +
      `${plan.blocks.length} blocks and ${plan.memberCount} members are too many`
    throw definitionError('plan/refused', [{ mark, message }])
  }
  return { cid: cborCid(bytes), bytes }
}

/** @throws MeshError forecast/*, forcing/*, plan/refused */
export async function prepareForecast(path: string, deps: PrepareDeps): Promise<PreparedForecast> {
  return prepareDefinition(await readForecastFile(path), deps)
}

/** As {@link prepareForecast}, of a definition already read. */
export async function prepareDefinition(
  definition: ForecastDefinition,
  deps: PrepareDeps
): Promise<PreparedForecast> {
  const ingested = await readForcing(definition, loadKernel(deps.kernel.bytes), deps)
  return planDefinition(definition, ingested, deps)
}

/** As {@link prepareDefinition}, of forcing already in the blocks. */
export async function planDefinition(
  definition: ForecastDefinition,
  ingested: IngestedForcing,
  deps: PrepareDeps
): Promise<PreparedForecast> {
  const kernel = loadKernel(deps.kernel.bytes)
  const { forcing, land, places } = ingested
  const members = drawFactors(definition, kernel)
  const classes = risenClasses(definition, kernel)
  const step = stepFor(definition, ingested, kernel)
  const density = planDensity(definition, ingested, kernel)
  const { stepSeconds, reachCellsPerStep } = step
  const windowSeconds = definition.mesh.windowSeconds ?? definition.durationSeconds
  const windowSteps = Math.min(windowSeconds / stepSeconds, step.stepCount)
  const grid = {
    gridColumns: forcing.columns,
    gridRows: forcing.rows,
    gridIsPeriodic: forcing.isPeriodic
  }
  const seas = { ...places, isPeriodic: forcing.isPeriodic, land }
  const context = { definition, grid: seas, kernel, stepSeconds }
  const blocks = await seedAll(context, grid, { reachCellsPerStep, windowSteps }, deps)
  const viewer = await storeViewer(deps.blocks, deps.signal)
  const plan: Plan = {
    ...describe(definition),
    attributions: await attributionsOf(definition, deps.home),
    kernel: deps.kernel.cid,
    viewer,
    forcing: ingested.cid,
    classes,
    stepSeconds: definition.isBackward ? -stepSeconds : stepSeconds,
    stepCount: step.stepCount,
    outputEverySteps: definition.outputSeconds / stepSeconds,
    windowSteps,
    blocks,
    memberKeys: members.map(({ key }) => key),
    perturbations: perturbationsOf(definition, members, stepSeconds, kernel),
    originStarts: originStarts(definition),
    levelCount: forcing.levels?.depthsMetres.length ?? 1,
    reachCellsPerStep,
    ...grid,
    products: { density: density.grid, trackedCount: definition.trackedCount }
  }
  const block = encodePlan(plan, definition)
  const options = deps.signal === undefined ? {} : { signal: deps.signal }
  await deps.blocks.put(toRawBlock(deps.kernel.bytes), options)
  await deps.blocks.put(block, options)
  const blocksNote =
    `units: ${blocks.length} block(s) of up to ${blocks[0]?.particleCount ?? 0} particles, ` +
    `${plan.memberCount} member(s), ${Math.ceil(step.stepCount / windowSteps)} window(s)`
  const rises = riseNotes(definition, classes)
  const notes = [
    ...definition.notes,
    ...rises,
    ...ingested.notes,
    step.note,
    density.note,
    blocksNote
  ]
  return { block, plan, notes }
}

/** First ids of the seeding entries after the first. */
function originStarts({ seeding }: ForecastDefinition): number[] {
  let first = 0
  return seeding.slice(0, -1).map(({ particleCount }) => {
    first += particleCount
    return first
  })
}

/** What a plan takes from the file as it is. */
function describe(definition: ForecastDefinition) {
  const { name, title, institution, license, startSeconds, metric, physics } = definition
  const { memberCount, rngSeed } = definition
  const { policy, quorum, deadlineSeconds, priority } = definition.mesh
  return {
    kind: 'plan' as const,
    name,
    title,
    institution,
    license,
    startSeconds,
    metric,
    physics,
    particleCount: definition.seeding.reduce((sum, entry) => sum + entry.particleCount, 0),
    memberCount,
    rngSeed,
    mesh: { policy, quorum, deadlineSeconds, priority }
  }
}

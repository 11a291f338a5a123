/**
 * From a plan to its work units. A slot is a place in the plan (member × block × window); its unit
 * holds only what changes the result's bytes. Simulate, coordinator and verify all cut units here,
 * so equal plans have equal units and equal units have equal CIDs.
 */
import type { CID } from 'multiformats/cid'
import { CROP_CELLS_MAX, MEMORY_PAGES_MAX, SEGMENTS_MAX } from '../protocol/limits.ts'
import type { Plan, Slot } from '../protocol/plan.ts'
import { stateParticleBytes } from '../protocol/result.ts'
import type { Crop, Perturbation, Physics, WorkUnit } from '../protocol/work-unit.ts'

/** A slot within a plan that is known from the context. */
export type PlanSlot = Omit<Slot, 'plan'>

/** What the window before hands over (window 0: the plan block's state, without bounds). */
export interface SlotInput {
  /** CID of the state root after the window before. */
  readonly state: CID
  /** `bounds` of the result of the window before. */
  readonly bounds?: readonly number[]
}

/** The grid as the plan describes it. */
export type PlanGrid = Pick<Plan, 'gridColumns' | 'gridRows' | 'gridIsPeriodic'>

const PAGE_BYTES = 65_536
/** Module, tables and packing buffers beside the per-node and per-particle arrays. */
const BASE_MEMORY_BYTES = 32 * 1024 * 1024
/** Packed records of two time slices and their mean, metric, land and raw slices, rounded up. */
const NODE_MEMORY_BYTES = 256
/** Two slices and three records of one depth level of the current. */
const LEVEL_MEMORY_BYTES = 40
/** Two copies of the state, sort keys and an output row, rounded up. */
const PARTICLE_MEMORY_BYTES = 256
/** A particle is at most one density triple or beached quadruple, a tracked one 24 bytes more. */
const COUNT_ENTRY_BYTES = 16
const TRACK_ENTRY_BYTES = 24
/** Frame of one output and of the root objects around them. */
const OUTPUT_FRAME_BYTES = 256
const RESULT_FRAME_BYTES = 65_536

export const windowCount = (plan: Plan): number => Math.ceil(plan.stepCount / plan.windowSteps)

export const slotCount = (plan: Plan): number =>
  plan.memberCount * plan.blocks.length * windowCount(plan)

/** Every slot of a plan: by window, then member, then block (an order in which inputs exist). */
export function* slotsOf(plan: Plan): Iterable<PlanSlot> {
  for (let window = 0; window < windowCount(plan); window += 1) {
    for (let member = 0; member < plan.memberCount; member += 1) {
      for (let block = 0; block < plan.blocks.length; block += 1) yield { member, block, window }
    }
  }
}

/**
 * The crop that holds every node a particle within `bounds` (cells, inclusive) can need in `steps`
 * steps; undefined when it would be wider than a unit may be.
 */
export function cropAround(
  grid: PlanGrid,
  bounds: readonly number[],
  reachCells: number
): Crop | undefined {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = bounds
  const reach = Math.ceil(reachCells)
  let west = x0 - reach
  let east = x1 + 1 + reach
  if (!grid.gridIsPeriodic) {
    west = Math.min(Math.max(west, 0), grid.gridColumns - 2)
    east = Math.max(Math.min(east, grid.gridColumns - 1), west + 1)
  }
  const south = Math.min(Math.max(y0 - reach, 0), grid.gridRows - 2)
  const north = Math.max(Math.min(y1 + 1 + reach, grid.gridRows - 1), south + 1)
  const columns = east - west + 1
  const rows = north - south + 1
  if (columns > CROP_CELLS_MAX || rows > CROP_CELLS_MAX) return undefined
  return { column: west, row: south, columns, rows }
}

const stepsOf = (plan: Plan, window: number): { firstStep: number; stepCount: number } => {
  const firstStep = window * plan.windowSteps
  return { firstStep, stepCount: Math.min(plan.windowSteps, plan.stepCount - firstStep) }
}

/** The crop of a slot; undefined when its particles have spread wider than a unit may be. */
export function cropOf(plan: Plan, slot: PlanSlot, input: SlotInput): Crop | undefined {
  if (slot.window === 0) return blockOf(plan, slot).crop
  if (input.bounds === undefined) throw new RangeError('a later window needs bounds')
  const { stepCount } = stepsOf(plan, slot.window)
  return cropAround(plan, input.bounds, plan.reachCellsPerStep * stepCount)
}

function blockOf(plan: Plan, slot: PlanSlot): Plan['blocks'][number] {
  const block = plan.blocks[slot.block]
  if (block === undefined || slot.member >= plan.memberCount || slot.window >= windowCount(plan)) {
    throw new RangeError(`slot ${slot.member}/${slot.block}/${slot.window} is not in the plan`)
  }
  return block
}

/** The state a slot of window 0 starts from. */
export const firstInput = (plan: Plan, slot: PlanSlot): SlotInput => ({
  state: blockOf(plan, slot).state
})

/**
 * The work unit of a slot.
 * @throws RangeError for a slot outside the plan, or whose crop is too wide (ask cropOf first)
 */
export function unitOf(plan: Plan, slot: PlanSlot, input: SlotInput): WorkUnit {
  const { particleCount } = blockOf(plan, slot)
  const crop = cropOf(plan, slot, input)
  if (crop === undefined) throw new RangeError('particles have spread wider than a unit may be')
  const { firstStep, stepCount } = stepsOf(plan, slot.window)
  const memoryBytes =
    BASE_MEMORY_BYTES +
    crop.columns * crop.rows * (NODE_MEMORY_BYTES + plan.levelCount * LEVEL_MEMORY_BYTES) +
    particleCount * PARTICLE_MEMORY_BYTES
  return {
    kind: 'work-unit',
    kernel: plan.kernel,
    forcing: plan.forcing,
    crop,
    startSeconds: plan.startSeconds,
    stepSeconds: plan.stepSeconds,
    firstStep,
    stepCount,
    outputEverySteps: plan.outputEverySteps,
    state: input.state,
    rngKey: memberKey(plan, slot.member),
    ...physicsOf(plan, slot.member),
    classes: plan.classes.map(({ windage, riseVelocityMetresPerSecond, depthMetres }) => ({
      windage,
      riseVelocityMetresPerSecond,
      depthMetres
    })),
    originStarts: plan.originStarts,
    density: plan.products.density,
    trackedCount: plan.products.trackedCount,
    segmentCount: segmentCountOf(plan, slot),
    fuelMax: particleCount * stepCount,
    memoryPagesMax: Math.min(Math.ceil(memoryBytes / PAGE_BYTES), MEMORY_PAGES_MAX),
    outputBytesMax: outputBytesMaxOf(plan, slot)
  }
}

/** Segments of a slot's unit. */
export const segmentCountOf = (plan: Plan, slot: PlanSlot): number =>
  Math.min(SEGMENTS_MAX, stepsOf(plan, slot.window).stepCount)

/** Physics of a member: the plan's, with what perturbs this one. */
function physicsOf(plan: Plan, member: number): { physics: Physics; perturbation?: Perturbation } {
  const perturbation = plan.perturbations[member]
  return { physics: plan.physics, ...(perturbation === undefined ? {} : { perturbation }) }
}

function memberKey(plan: Plan, member: number): readonly number[] {
  const key = plan.memberKeys[member]
  if (key === undefined) throw new RangeError(`member ${member} has no random key`)
  return key
}

/** Most bytes that the blocks of a slot's result may have together. */
export function outputBytesMaxOf(plan: Plan, slot: PlanSlot): number {
  const { particleCount, firstParticle } = blockOf(plan, slot)
  const { stepCount } = stepsOf(plan, slot.window)
  const tracked = Math.min(Math.max(plan.products.trackedCount - firstParticle, 0), particleCount)
  const outputCount = Math.floor(stepCount / plan.outputEverySteps) + 2
  const perOutput =
    OUTPUT_FRAME_BYTES + particleCount * COUNT_ENTRY_BYTES + tracked * TRACK_ENTRY_BYTES
  return (
    RESULT_FRAME_BYTES + particleCount * stateParticleBytes(plan.physics) + outputCount * perOutput
  )
}

/**
 * Builds whole worlds of results and assembles them, for the specs of this room.
 */
import { firstInput, type SlotInput, slotsOf, unitOf } from '../../../coordinator/slots.ts'
import type { Kernel } from '../../../kernel/kernel.ts'
import {
  type AssembledProduct,
  assembleProduct,
  type SettledSlot
} from '../../../node/forecast/product/assemble.ts'
import type { TrackRow } from '../../../node/forecast/product/product-stores.ts'
import { type MemoryBlocks, openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import type { ComputedUnit } from '../../../node/worker/kernel-pool.ts'
import { type Block, toBlock } from '../../../protocol/canonical.ts'
import type { Plan } from '../../../protocol/plan.ts'
import type { UnitResult } from '../../../protocol/result.ts'
import { finalState } from '../../../protocol/trace.ts'
import { areas, makePlan, resultOf, type WorldOptions } from './world.ts'

export interface World {
  readonly plan: Plan
  readonly slots: readonly SettledSlot[]
  readonly blocks: readonly Block[]
  /** What running a unit gives, by unit CID. */
  readonly computed: ReadonlyMap<string, ComputedUnit>
  /** The real kernel, where the results are its own. */
  readonly kernel?: Kernel
}

/** A world with a result for every slot. */
export function buildWorld(
  options: WorldOptions = {},
  alter?: (result: UnitResult) => UnitResult
): World {
  const { plan, blocks } = makePlan(options)
  const slots: SettledSlot[] = []
  const computed = new Map<string, ComputedUnit>()
  const inputs = new Map<string, SlotInput>()
  for (const slot of slotsOf(plan)) {
    const chain = `${slot.member}/${slot.block}`
    const unit = toBlock(unitOf(plan, slot, inputs.get(chain) ?? firstInput(plan, slot)))
    const made = resultOf(plan, slot, unit.cid, alter)
    inputs.set(chain, { state: finalState(made.result), bounds: made.result.bounds })
    computed.set(unit.cid.toString(), made)
    blocks.push(...made.blocks)
    slots.push({ ...slot, result: made.cid })
  }
  return { plan, slots, blocks, computed }
}

export async function fill(blocks: readonly Block[]): Promise<MemoryBlocks> {
  const store = openMemoryBlocks()
  for (const block of blocks) await store.put(block)
  return store
}

export async function assembleWorld(
  world: Pick<World, 'plan' | 'slots' | 'blocks'>,
  onTrack?: (row: TrackRow) => void
): Promise<{ assembled: AssembledProduct; blocks: MemoryBlocks }> {
  const blocks = await fill(world.blocks)
  const { plan, slots } = world
  const tracks = onTrack === undefined ? {} : { onTrack }
  const assembled = await assembleProduct({ plan, slots, blocks, kernel: areas, ...tracks })
  return { assembled, blocks }
}

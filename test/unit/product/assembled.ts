/**
 * Builds whole worlds of results and assembles them, for the specs of this room.
 */
import {
  type AssembledProduct,
  assembleProduct,
  type SettledSlot
} from '../../../node/forecast/product/assemble.ts'
import type { TrackRow } from '../../../node/forecast/product/product-stores.ts'
import { type MemoryBlocks, openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import { type Block, toBlock } from '../../../protocol/canonical.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { areas, makePlan, resultOf, type WorldOptions } from './world.ts'

export interface World {
  readonly plan: Plan
  readonly slots: readonly SettledSlot[]
  readonly blocks: readonly Block[]
}

/** A world with a result for every slot. */
export async function buildWorld(options: WorldOptions = {}): Promise<World> {
  const { plan, blocks } = makePlan(options)
  const slots: SettledSlot[] = []
  for (let member = 0; member < plan.memberCount; member += 1) {
    for (const block of plan.blocks.keys()) {
      for (let window = 0; window * plan.windowSteps < plan.stepCount; window += 1) {
        const unit = toBlock({ kind: 'unit-of-tests', member, block, window })
        const { blocks: made, cid } = resultOf(plan, { member, block, window }, unit.cid)
        blocks.push(...made)
        slots.push({ member, block, window, result: cid })
      }
    }
  }
  return { plan, slots, blocks }
}

export async function fill(blocks: readonly Block[]): Promise<MemoryBlocks> {
  const store = openMemoryBlocks()
  for (const block of blocks) await store.put(block)
  return store
}

export async function assembleWorld(
  world: World,
  onTrack?: (row: TrackRow) => void
): Promise<{ assembled: AssembledProduct; blocks: MemoryBlocks }> {
  const blocks = await fill(world.blocks)
  const { plan, slots } = world
  const tracks = onTrack === undefined ? {} : { onTrack }
  const assembled = await assembleProduct({ plan, slots, blocks, kernel: areas, ...tracks })
  return { assembled, blocks }
}

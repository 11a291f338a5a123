/**
 * Assembles the product folder of a plan from the results of its slots, one segment at a time, so
 * that memory stays bounded whatever the forecast's length. The product CID is a pure function of
 * the plan's meaning and of which slots are missing: never of block cutting, order, peer or clock.
 */
import type { CID } from 'multiformats/cid'
import type { Kernel } from '../../../kernel/kernel.ts'
import type { Plan } from '../../../protocol/plan.ts'
import type { Status } from '../../../protocol/result.ts'
import type { Blocks } from '../../store/blocks.ts'

export interface SettledSlot {
  readonly member: number
  readonly block: number
  readonly window: number
  readonly result: CID
}

/** One position of a tracked particle; waiting particles have none. */
export interface TrackRow {
  readonly particle: number
  readonly member: number
  readonly timeSeconds: number
  readonly lon: number
  readonly lat: number
  readonly status: Status
}

export interface AssembledProduct {
  readonly product: CID
  readonly products: Readonly<Record<string, { readonly path: string; readonly cid: CID }>>
  /** CID of every file and folder of the product by its path. */
  readonly files: ReadonlyMap<string, CID>
  /** Particles by status after the last step, all members together. */
  readonly status: Readonly<Record<Status, number>>
  /** Particles of all members. */
  readonly particles: number
  readonly particleSteps: number
}

export interface AssembleInput {
  readonly plan: Plan
  /** In any order; a slot that is not listed is a gap. */
  readonly slots: readonly SettledSlot[]
  readonly blocks: Blocks
  readonly kernel: Kernel
  readonly signal?: AbortSignal
  readonly onTrack?: (row: TrackRow) => void
  readonly onProgress?: (segmentsDone: number, segmentsTotal: number) => void
}

export function assembleProduct(_input: AssembleInput): Promise<AssembledProduct> {
  throw new Error('being written')
}

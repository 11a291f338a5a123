/**
 * The kernel pool runs work units, each in a worker thread with its own memory, under the limits
 * the unit names (memory, fuel, output) and a wall clock. Everything it reads comes from the blocks
 * port; everything a result holds comes back as blocks.
 */
import type { CID } from 'multiformats/cid'
import type { Block } from '../../protocol/canonical.ts'
import type { UnitResult } from '../../protocol/result.ts'
import type { WorkUnit } from '../../protocol/work-unit.ts'
import type { Blocks } from '../store/blocks.ts'

export interface ComputedUnit {
  /** CID of the result root. */
  readonly cid: CID
  readonly result: UnitResult
  /** Every block of the result: root, state root and chunks, segment outputs. */
  readonly blocks: readonly Block[]
}

export interface ComputeOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (particleStepsDone: number) => void
}

/**
 * @throws MeshError `kernel/fault` (reach, speed, fuel, bad module), `worker/limit` (wall clock,
 *   memory, output bytes), `net/block-missing`, `verify/mismatch`, `forcing/not-understood`
 */
export type ComputeUnit = (unit: WorkUnit, options?: ComputeOptions) => Promise<ComputedUnit>

export interface KernelPool {
  readonly compute: ComputeUnit
  stop(): Promise<void>
}

export interface KernelPoolInit {
  /** Units that run at the same time, each in its own thread. */
  readonly threads: number
  readonly blocks: Pick<Blocks, 'get'>
  /** A unit that runs longer is killed. */
  readonly wallMsPerUnit?: number
}

export function openKernelPool(_init: KernelPoolInit): KernelPool {
  throw new Error('being written')
}

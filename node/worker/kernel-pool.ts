/**
 * The kernel pool runs work units, each in a worker thread with its own memory, under the limits
 * the unit names (memory, fuel, output) and a wall clock. Everything it reads comes from the blocks
 * port; everything a result holds comes back as blocks.
 */
import type { CID } from 'multiformats/cid'
import type { Block } from '../../protocol/canonical.ts'
import type { UnitResult } from '../../protocol/result.ts'
import type { WorkUnit } from '../../protocol/work-unit.ts'
import { checkBlock } from '../store/block-check.ts'
import type { Blocks } from '../store/blocks.ts'
import { openGate } from '../store/gate.ts'
import type { FetchBlock } from './crop-tiles.ts'
import { Execution } from './kernel-thread.ts'
import { type KernelThreads, openKernelThreads, type Pace } from './kernel-threads.ts'
import { boundary } from './segment.ts'
import { gatherInputs, type UnitInputs } from './unit-inputs.ts'
import type { RanSegments } from './unit-run.ts'

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
  /**
   * Goes on after these segments of the unit: the blocks of the last state are in the store. The
   * result's blocks are then only those of the rest.
   */
  readonly from?: RanSegments
  /** A segment ended that is not the last: the trace so far, blocks of its state and outputs. */
  readonly onSegment?: (ran: RanSegments, blocks: readonly Block[]) => void
}

/**
 * @throws MeshError `kernel/fault` (reach, speed, fuel, bad module), `worker/limit` (wall clock,
 *   memory, output bytes), `net/block-missing`, `verify/mismatch`, `forcing/not-understood`
 */
export type ComputeUnit = (unit: WorkUnit, options?: ComputeOptions) => Promise<ComputedUnit>

export interface KernelPool {
  readonly compute: ComputeUnit
  /** As `KernelThreads.setPace`. */
  setPace(pace: Pace): void
  stop(): Promise<void>
}

export interface KernelPoolInit {
  /** Units that run at the same time, each in its own thread; or threads shared with others. */
  readonly threads: number | KernelThreads
  /** Priority of own threads, where not the process's. */
  readonly niceness?: number | undefined
  readonly blocks: Pick<Blocks, 'get'>
  /** A unit that runs longer is killed. */
  readonly wallMsPerUnit?: number
}

/** What is left of a unit after segments that ran before. */
function restOf(unit: WorkUnit, from: RanSegments | undefined): WorkUnit {
  const state = from?.states.at(-1)
  if (from === undefined || state === undefined) return unit
  if (from.states.length >= unit.segmentCount) throw new RangeError('nothing is left of the unit')
  const before = boundary(unit, from.states.length)
  const fuelMax = unit.fuelMax - from.fuel
  return {
    ...unit,
    state,
    firstStep: unit.firstStep + before,
    stepCount: unit.stepCount - before,
    fuelMax
  }
}

/**
 * Units of one pool whose inputs are at hand or on their way: while one runs the next is fetched,
 * and no thread waits for a network.
 */
const GATHERED_MAX = 4
/** No unit of a plan the planner makes takes an hour on one core; what does has hung. */
export const WALL_MS_PER_UNIT = 3_600_000

export function openKernelPool(init: KernelPoolInit): KernelPool {
  const { blocks, wallMsPerUnit = WALL_MS_PER_UNIT } = init
  const threads =
    typeof init.threads === 'number' ? openKernelThreads(init.threads, init.niceness) : init.threads
  const stopping = new AbortController()

  const fetchWith =
    (signal: AbortSignal): FetchBlock =>
    async (cid) => {
      const bytes = await blocks.get(cid, { signal })
      checkBlock(cid, bytes, 'an input of the unit')
      return bytes
    }

  const runIn = async (
    unit: WorkUnit,
    inputs: UnitInputs,
    options: ComputeOptions,
    signal: AbortSignal
  ) => {
    const thread = threads.take()
    const execution = new Execution(thread, wallMsPerUnit, { ...options, signal })
    try {
      return await execution.run(unit, inputs)
    } finally {
      await threads.give(thread, execution.isSound && !stopping.signal.aborted)
    }
  }

  const width = typeof init.threads === 'number' ? init.threads + GATHERED_MAX : GATHERED_MAX
  const gathering = openGate(() => width)
  return {
    compute: async (unit, options = {}) => {
      const { signal: asked } = options
      const signals = asked === undefined ? [stopping.signal] : [stopping.signal, asked]
      const signal = AbortSignal.any(signals)
      return await gathering(async () => {
        const inputs = await gatherInputs(restOf(unit, options.from), fetchWith(signal))
        return await threads.turn(() => runIn(unit, inputs, options, signal), signal)
      }, signal)
    },
    setPace: (pace) => {
      // Threads shared with others go at nobody's own pace.
      if (typeof init.threads === 'number') threads.setPace(pace)
    },
    stop: async () => {
      stopping.abort(new DOMException('the kernel pool has stopped', 'AbortError'))
      if (typeof init.threads === 'number') await threads.stop()
    }
  }
}

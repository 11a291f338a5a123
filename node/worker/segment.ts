/**
 * One segment of a unit alone: what an audit re-executes, and how an interrupted unit goes on from
 * any state on its way. A segment is a unit of its own (same crop, physics and limits, its steps,
 * the state before it), so that it needs nothing but the pool, and it reaches the state and makes
 * the outputs that the whole unit's run has there.
 */
import type { CID } from 'multiformats/cid'
import { finalState } from '../../protocol/trace.ts'
import type { WorkUnit } from '../../protocol/work-unit.ts'
import type { ComputedUnit, ComputeOptions, ComputeUnit } from './kernel-pool.ts'

/** Steps of a unit that come before segment `index`. */
export const boundary = (
  { stepCount, segmentCount }: Pick<WorkUnit, 'stepCount' | 'segmentCount'>,
  index: number
): number => Math.floor((index * stepCount) / segmentCount)

/**
 * The unit of a segment whose state before it is known.
 * @throws RangeError where the unit has no such segment
 */
export function segmentUnit(unit: WorkUnit, index: number, state: CID): WorkUnit {
  if (!Number.isInteger(index) || index < 0 || index >= unit.segmentCount) {
    throw new RangeError(`the unit has no segment ${index}`)
  }
  const before = boundary(unit, index)
  return {
    ...unit,
    state,
    firstStep: unit.firstStep + before,
    stepCount: boundary(unit, index + 1) - before,
    segmentCount: 1
  }
}

export interface RanSegment {
  /** The state after it: to be compared with the result's, and the input of the next segment. */
  readonly state: CID
  /** Its outputs, to be compared with the result's. */
  readonly outputs: readonly CID[]
  readonly computed: ComputedUnit
}

/** @throws MeshError as `compute` does */
export async function runSegment(
  compute: ComputeUnit,
  unit: WorkUnit,
  index: number,
  state: CID,
  options?: ComputeOptions
): Promise<RanSegment> {
  const computed = await compute(segmentUnit(unit, index, state), options)
  const [outputs] = computed.result.segments
  if (outputs === undefined) throw new RangeError('a segment has outputs')
  return { state: finalState(computed.result), outputs, computed }
}

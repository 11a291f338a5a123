/**
 * One segment of a unit alone: what an audit re-executes, and how an interrupted unit goes on from
 * any state on its way. A segment is a unit of its own (same crop, physics and limits, its steps,
 * the state before it), so that it needs nothing but the pool, and its only leaf is that of the
 * whole unit's run.
 */
import type { CID } from 'multiformats/cid'
import type { WorkUnit } from '../../protocol/work-unit.ts'
import type { ComputedUnit, ComputeOptions, ComputeUnit } from './kernel-pool.ts'

/** Steps of a unit that come before segment `index`. */
const boundary = ({ stepCount, segmentCount }: WorkUnit, index: number): number =>
  Math.floor((index * stepCount) / segmentCount)

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
  /** To be compared with the leaf of the whole unit's result. */
  readonly leaf: Uint8Array
  /** The state after it: the input of the next segment. */
  readonly state: CID
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
  const [leaf] = computed.result.leaves
  if (leaf === undefined) throw new RangeError('a segment has one leaf')
  return { leaf, state: computed.result.state, computed }
}

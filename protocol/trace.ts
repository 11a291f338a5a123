/**
 * The trace of a run: after each segment the state it reached and the outputs it made, as CIDs. Its
 * Merkle root is committed to before anything is shown; where two traces of one unit part, both
 * start from the same state, so one segment decides who is wrong.
 */
import type { CID } from 'multiformats/cid'
import { encode } from './canonical.ts'
import { merkleRoot } from './merkle.ts'
import type { UnitResult } from './result.ts'

/** What a run found, segment by segment. */
export type Trace = Pick<UnitResult, 'states' | 'segments'>

/** Merkle root (RFC 6962) whose leaf data are the canonical bytes of [state, outputs] links. */
export const traceRootOf = ({ states, segments }: Trace): Uint8Array =>
  merkleRoot(states.map((state, index) => encode([state, segments[index] ?? []])))

/** The state after the last segment. @throws RangeError for a trace without one */
export function finalState({ states }: Pick<Trace, 'states'>): CID {
  const state = states.at(-1)
  if (state === undefined) throw new RangeError('a trace has at least one segment')
  return state
}

/** What a segment of a unit gave, or is said to give. */
export interface SegmentRun {
  readonly state: CID | undefined
  readonly outputs: readonly CID[]
}

const runOf = ({ states, segments }: Trace, index: number): SegmentRun => ({
  state: states[index],
  outputs: segments[index] ?? []
})

const isSameLink = (one: CID | undefined, other: CID | undefined): boolean =>
  one === other || one?.equals(other) === true

export const isSameRun = (one: SegmentRun, other: SegmentRun): boolean =>
  isSameLink(one.state, other.state) &&
  one.outputs.length === other.outputs.length &&
  one.outputs.every((link, at) => isSameLink(link, other.outputs[at]))

/** Does the trace claim that a run of this segment gives that? */
export const claims = (trace: Trace, index: number, run: SegmentRun): boolean =>
  isSameRun(runOf(trace, index), run)

/**
 * The state a trace claims before a segment; `input` is what its unit starts from.
 * @throws RangeError for a segment that the trace does not lead to
 */
export function stateBefore({ states }: Pick<Trace, 'states'>, input: CID, segment: number): CID {
  const before = segment === 0 ? input : states[segment - 1]
  if (before === undefined) throw new RangeError(`a trace has no segment ${segment}`)
  return before
}

/**
 * The first segment in which two traces of one unit differ; undefined when they are the same.
 * Before it both reached the same state.
 */
export function firstDifference(one: Trace, other: Trace): number | undefined {
  if (one === other) return undefined
  const count = Math.max(one.states.length, other.states.length)
  for (let index = 0; index < count; index += 1) {
    if (!claims(one, index, runOf(other, index))) return index
  }
  return undefined
}

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

const isSameSegment = (one: Trace, other: Trace, index: number): boolean => {
  const links = ({ states, segments }: Trace): readonly (CID | undefined)[] => [
    states[index],
    ...(segments[index] ?? [])
  ]
  const [ours, theirs] = [links(one), links(other)]
  return (
    ours.length === theirs.length &&
    ours.every((link, at) => link === theirs[at] || link?.equals(theirs[at]) === true)
  )
}

/**
 * The first segment in which two traces of one unit differ; undefined when they are the same.
 * Before it both reached the same state.
 */
export function firstDifference(one: Trace, other: Trace): number | undefined {
  if (one === other) return undefined
  const count = Math.max(one.states.length, other.states.length)
  for (let index = 0; index < count; index += 1) {
    if (!isSameSegment(one, other, index)) return index
  }
  return undefined
}

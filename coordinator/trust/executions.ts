/**
 * What we know of a slot's segments because we ran them ourselves. A run starts from a state; every
 * trace that claims to have been in that state before that segment must go on as our run did.
 */
import type { CID } from 'multiformats/cid'
import { claims, stateBefore, type Trace } from '../../protocol/trace.ts'

/** One segment, run by us. */
export interface Execution {
  readonly segment: number
  /** The state it started from. */
  readonly before: CID
  readonly state: CID
  readonly outputs: readonly CID[]
}

export const executionKey = (segment: number, before: CID): string => `${segment} ${before}`

/** The first of our runs that shows a trace to be wrong. */
export function contradictionOf(
  trace: Trace,
  input: CID,
  executions: ReadonlyMap<string, Execution>
): Execution | undefined {
  for (const execution of executions.values()) {
    const { segment, before } = execution
    if (segment >= trace.states.length) continue
    const isFromThere = stateBefore(trace, input, segment).equals(before)
    if (isFromThere && !claims(trace, segment, execution)) return execution
  }
  return undefined
}

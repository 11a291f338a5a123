/**
 * Elders may stand for a slot in which all others are newer: established, and with a record that
 * keeps up with those who did most of the work. Where none is about, newcomers have to do.
 */
import { underWayOf } from '../replicas.ts'
import type { CoordinatorState, SlotState } from '../state.ts'
import type { Turn } from '../turn.ts'
import { isEstablished, type OperatorState, standingOfOperator } from './reputation.ts'

export const isElder = (
  { durable, rules }: Pick<CoordinatorState, 'durable' | 'rules'>,
  operator: OperatorState
): boolean =>
  isEstablished(operator) && (!rules.seniority || operator.validated >= durable.seniority.from)

/** Elders heard of lately; after a restart all that are established. */
export function elderCount({ state, atMs }: Turn): number {
  const { live, durable, timers } = state
  const isFresh = atMs - live.startedAtMs < timers.leaseMinMs
  return isFresh ? durable.established : live.eldersSeen.size
}

/** Does a replica of an elder stand for the slot, or is one under way? */
export const hasElder = ({ state }: Turn, slot: SlotState): boolean =>
  underWayOf(slot).some(({ operator }) => isElder(state, standingOfOperator(state, operator)))

/** Do newcomers alone stand for it, though it was kept for an elder? */
export const hasOutlasted = (turn: Turn, slot: SlotState): boolean =>
  turn.state.rules.probation &&
  elderCount(turn) > 0 &&
  underWayOf(slot).every(({ operator }) => !isEstablished(standingOfOperator(turn.state, operator)))

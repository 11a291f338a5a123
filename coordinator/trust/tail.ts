/**
 * The end of a plan: when nothing is open any more, a slow volunteer holds up everybody. Its slot
 * gets one extra replica; whoever comes first counts.
 */

import type { LeaseCase } from '../lease.ts'
import { slotKey } from '../state.ts'
import { note, record, type Turn } from '../turn.ts'

/** A lease is 4 × the estimate and a margin; after half of it twice the estimate has passed. */
const SLOW_SHARE = 0.5

/** Asks for an extra replica beside a slow one, once per slot. */
export function hurryTail(turn: Turn, { plan, slot, replica }: LeaseCase): void {
  const { rules, timers } = turn.state
  if (!rules.urgentTail || plan.open.size > 0 || slot.isUrgent || replica.phase !== 'leased') return
  const lengthMs = replica.expiresAtMs - replica.grantedAtMs
  const slowMs = Math.max(0, lengthMs - timers.leaseExtraMs) * SLOW_SHARE
  if (turn.atMs - replica.grantedAtMs <= slowMs) return
  record(turn, { kind: 'slot-urgent', plan: plan.cid, slot: slot.place })
  note(turn, 'slot.urgent', { slot: slotKey(slot.place), lease: replica.lease })
}

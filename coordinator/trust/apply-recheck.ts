/**
 * Facts about slots that are computed once more, into state; apply.ts calls these and nobody else.
 * A revised verdict takes everything with it that was built on the wrong one.
 */
import { bodyOf } from '../../protocol/signed.ts'
import type { FactOf } from '../fact.ts'
import { refreshFinal } from '../federation/final-slots.ts'
import { ownsChain } from '../federation/ranks.ts'
import {
  closeReplicas,
  type Known,
  leaseOf,
  openSlot,
  outcomeOf,
  planOf,
  refreshOpen,
  slotOf
} from '../slot-changes.ts'
import { type PlanSlot, windowCount } from '../slots.ts'
import { type PlanState, type SlotState, slotKey } from '../state.ts'
import { reward } from './reputation.ts'

function settledSlot(
  known: Known,
  fact: { plan: FactOf<'slot-rechecked'>['plan']; slot: PlanSlot }
) {
  const plan = planOf(known, fact.plan)
  const slot = slotOf(plan, fact.slot)
  if (slot?.outcome?.kind !== 'settled') throw new Error('defect: a recheck without a verdict')
  return { plan, slot }
}

/** The votes of convicted operators are taken out of a verdict that stands. */
export function applyRechecked(known: Known, fact: FactOf<'slot-rechecked'>): void {
  const { plan, slot } = settledSlot(known, fact)
  const { operators } = known.durable
  slot.recheck = true
  plan.recheckCount += 1
  for (const replica of slot.replicas.values()) {
    const operator = operators.get(replica.operator)
    operator?.agreed.delete(`${plan.cid} ${slotKey(slot.place)}`)
    if (replica.phase !== 'checked' || operator?.convicted === undefined) continue
    replica.phase = 'faulty'
    replica.fault = 'convicted'
  }
  refreshOpen(plan, slot)
}

function endRecheck(
  known: Known,
  plan: PlanState,
  slot: SlotState,
  agreeing: readonly Uint8Array[]
): void {
  slot.recheck = false
  plan.recheckCount -= 1
  closeReplicas(known, slot)
  for (const lease of agreeing) {
    const { operator, revealed } = leaseOf(known, lease).replica
    reward(known, operator, revealed?.fuel ?? 0)
  }
}

export function applyRecheckEnded(known: Known, fact: FactOf<'recheck-ended'>): void {
  const { plan, slot } = settledSlot(known, fact)
  endRecheck(known, plan, slot, fact.agreeing)
  refreshOpen(plan, slot)
}

/** Later windows of a chain started from a state that was wrong: they never were. */
export function forgetLater(known: Known, plan: PlanState, place: PlanSlot): void {
  for (let window = place.window + 1; window < windowCount(plan.body); window += 1) {
    const key = slotKey({ ...place, window })
    const slot = plan.slots.get(key)
    if (slot === undefined) continue
    if (slot.outcome?.kind === 'settled') plan.settledCount -= 1
    if (slot.outcome?.kind === 'failed') plan.failedCount -= 1
    slot.outcome = { kind: 'failed', reason: 'revised', term: slot.term }
    if (slot.recheck) plan.recheckCount -= 1
    slot.recheck = false
    closeReplicas(known, slot)
    for (const { lease, operator } of slot.replicas.values()) {
      known.durable.leases.delete(lease)
      known.durable.operators.get(operator)?.agreed.delete(`${plan.cid} ${key}`)
    }
    plan.open.delete(key)
    plan.waiting.delete(key)
    for (const keys of [plan.awaited, plan.unchecked, plan.unattested]) keys.delete(key)
    plan.slots.delete(key)
  }
}

/** A plan whose slots changed is assembled and signed anew, and published as the next version. */
export function reopenPlan(plan: PlanState): void {
  if (plan.forecast !== undefined) plan.version += 1
  plan.cosignatures.clear()
  delete plan.product
  delete plan.forecast
  delete plan.publishedAtMs
}

export function applyRevised(known: Known, fact: FactOf<'slot-revised'>): void {
  const { plan, slot } = settledSlot(known, fact)
  const { state, bounds, atMs } = fact
  slot.outcome = { ...outcomeOf(fact.verdict), held: { state, bounds } }
  slot.revision = bodyOf('verdict', fact.verdict).revises?.revision ?? 0
  endRecheck(known, plan, slot, fact.agreeing)
  forgetLater(known, plan, fact.slot)
  reopenPlan(plan)
  refreshFinal(known, plan, slot)
  const { term } = slot
  const next = { ...fact.slot, window: fact.slot.window + 1 }
  // Of a deposed owner's verdict another coordinator goes on.
  if (next.window < windowCount(plan.body) && ownsChain(known, plan, fact.slot)) {
    openSlot(plan, next, { isOwned: true, term, input: { state, bounds }, atMs })
  }
  refreshOpen(plan, slot)
}

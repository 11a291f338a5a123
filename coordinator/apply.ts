/**
 * Facts into state: the only code that changes `durable`, live and on replay alike. It decides
 * nothing; what a fact needs is in the fact.
 */

import { fromHex, toHex } from '../protocol/hex.ts'
import type { Fault } from '../protocol/message/result.ts'
import { claimedKind } from '../protocol/signed.ts'
import { applyPlanOpened, applyPublished, logFact } from './apply-plan.ts'
import type { Fact, FactOf } from './fact.ts'
import {
  applyAttested,
  applyDeposed,
  applyExpelled,
  applyResultHeld,
  applyVerdictNoted,
  applyWitnessed
} from './federation/apply-federation.ts'
import { refreshFinal } from './federation/final-slots.ts'
import { quorumOf } from './replicas.ts'
import {
  changeReplica,
  closeReplicas,
  type Known,
  leaseOf,
  openSlot,
  outcomeOf,
  planOf,
  refreshOpen,
  settle,
  slotOf
} from './slot-changes.ts'
import { windowCount } from './slots.ts'
import { type PlanState, type Replica, type SlotState, slotKey } from './state.ts'
import { applyRecheckEnded, applyRechecked, applyRevised } from './trust/apply-recheck.ts'
import { executionKey } from './trust/executions.ts'
import { convict, operatorOf, punish, remember, reward, track } from './trust/reputation.ts'

function applyGranted(known: Known, fact: FactOf<'lease-granted'>): void {
  const plan = planOf(known, fact.plan)
  const slot = slotOf(plan, fact.slot)
  if (slot === undefined) throw new Error('defect: a lease on a slot that is not open')
  const lease = toHex(fact.lease)
  slot.unit = fact.unit
  const replica: Replica = {
    id: fact.lease,
    lease,
    attempt: fact.attempt,
    operatorKey: fact.operator,
    operator: toHex(fact.operator),
    peer: fact.peer,
    binding: fact.binding,
    grant: fact.grant,
    grantedAtMs: fact.atMs,
    expiresAtMs: fact.expiresAtMs,
    phase: 'leased',
    ...(fact.isOffline === true ? { isOffline: true } : {}),
    ...(fact.lotterySecret === undefined ? {} : { lotterySecret: fact.lotterySecret })
  }
  slot.replicas.set(lease, replica)
  known.durable.leases.set(lease, { plan: fact.plan.toString(), slot: slotKey(fact.slot) })
  known.durable.requests.set(toHex(fact.request), lease)
  track(known, slot, replica)
  refreshOpen(plan, slot)
}

/** Leases whose end is the volunteer's error count against the slot (PROTOCOL §3). */
const isError = (end: Replica['end']): boolean =>
  end !== undefined && end !== 'released' && end !== 'convicted'

function applyLeaseFact(
  known: Known,
  fact: FactOf<
    | 'lease-renewed'
    | 'lease-ended'
    | 'lease-resumed'
    | 'commit-logged'
    | 'reveal-logged'
    | 'replica-faulted'
    | 'replica-checked'
  >
) {
  changeReplica(known, fact.lease, (replica, slot) => {
    switch (fact.kind) {
      case 'lease-renewed':
        replica.expiresAtMs = fact.expiresAtMs
        return
      case 'lease-ended':
        replica.phase = 'ended'
        replica.end = fact.end
        slot.errors += isError(fact.end) ? 1 : 0
        return
      case 'lease-resumed':
        slot.errors -= isError(replica.end) ? 1 : 0
        replica.phase = 'leased'
        delete replica.end
        return
      case 'commit-logged':
        replica.phase = 'committed'
        replica.digest = fact.digest
        replica.commit = fact.commit
        if (fact.witness !== undefined) replica.witness = fact.witness
        return
      case 'reveal-logged': {
        const { result, traceRoot, fuel, reveal: envelope } = fact
        replica.phase = 'revealed'
        replica.revealed = { result, traceRoot, fuel, envelope }
        return
      }
      case 'replica-faulted':
        replica.phase = 'faulty'
        replica.fault = fact.fault
        slot.errors += 1
        punish(known, replica.operator, fact.atMs)
        return
      case 'replica-checked':
        replica.phase = 'checked'
        replica.checked = { state: fact.state, bounds: fact.bounds }
    }
  })
}

function applySettled(known: Known, fact: FactOf<'slot-settled'>) {
  const plan = planOf(known, fact.plan)
  const slot = slotOf(plan, fact.slot)
  if (slot === undefined) throw new Error('defect: a verdict on a slot that is not open')
  const { state, bounds, atMs } = fact
  settle(plan, slot, { ...outcomeOf(fact.verdict), held: { state, bounds } })
  closeReplicas(known, slot)
  for (const lease of fact.agreeing) {
    const { operator, revealed } = leaseOf(known, lease).replica
    reward(known, operator, revealed?.fuel ?? 0)
  }
  standOn(known, plan, slot, fact.agreeing)
  for (const lease of fact.dissenting) punish(known, leaseOf(known, lease).replica.operator, atMs)
  const next = { ...fact.slot, window: fact.slot.window + 1 }
  if (next.window < windowCount(plan.body)) {
    const { term } = slot
    openSlot(plan, next, { isOwned: true, term, input: { state, bounds }, atMs })
  }
  refreshFinal(known, plan, slot)
}

/** Who a verdict stands on, if one vote less would not have done. */
function standOn(
  known: Known,
  plan: PlanState,
  slot: SlotState,
  agreeing: readonly Uint8Array[]
): void {
  if (agreeing.length > quorumOf(plan, slot)) return
  const name = `${plan.cid} ${slotKey(slot.place)}`
  for (const lease of agreeing) {
    remember(operatorOf(known.durable, leaseOf(known, lease).replica.operator), name)
  }
}

function applyUrgent(known: Known, fact: FactOf<'slot-urgent'>): void {
  const plan = planOf(known, fact.plan)
  const slot = slotOf(plan, fact.slot)
  if (slot === undefined) throw new Error('defect: an urgent slot that is not open')
  slot.isUrgent = true
  refreshOpen(plan, slot)
}

function applyDrawn(known: Known, fact: FactOf<'lottery-drawn'>): void {
  const plan = planOf(known, fact.plan)
  const slot = slotOf(plan, fact.slot)
  if (slot === undefined) throw new Error('defect: a lottery about no slot')
  slot.lottery = { lease: toHex(fact.lease), isReplicated: fact.isReplicated }
  refreshOpen(plan, slot)
}

function applyExecuted(known: Known, fact: FactOf<'segment-executed'>): void {
  const { segment, before, state, outputs } = fact
  const slot = slotOf(planOf(known, fact.plan), fact.slot)
  slot?.executions.set(executionKey(segment, before), { segment, before, state, outputs })
}

/**
 * A liar's replicas do not count, wherever they are, and are no errors of their slots: liars must
 * not poison units.
 */
/** What a proof of one of our leases makes of its replica. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'mismatch-proof': 'reveal-mismatch',
  'garbage-proof': 'blocks-invalid'
}

function applyConvicted(known: Known, fact: FactOf<'operator-convicted'>): void {
  const name = toHex(fact.operator)
  convict(known, name, fact.proof)
  if (fact.lease !== undefined) {
    changeReplica(known, fact.lease, (replica) => {
      const isUnsealed = replica.digest === undefined
      const kind = claimedKind(fact.proof)
      replica.fault = isUnsealed ? 'unsealed' : (FAULTS[kind] ?? 'wrong-result')
      replica.phase = 'faulty'
    })
  }
  if (!known.rules.ban) return
  const { computing, standing } = operatorOf(known.durable, name)
  for (const lease of [...computing, ...standing]) {
    changeReplica(known, fromHex(lease), (replica) => {
      if (replica.phase === 'leased') replica.end = 'convicted'
      else replica.fault = 'convicted'
      replica.phase = replica.phase === 'leased' ? 'ended' : 'faulty'
    })
  }
}

/** A gap takes the later windows of its chain with it. */
function applyFailed(known: Known, fact: FactOf<'slot-failed' | 'gap-noted'>) {
  const plan = planOf(known, fact.plan)
  const isOwned = fact.kind === 'slot-failed'
  for (let window = fact.slot.window; window < windowCount(plan.body); window += 1) {
    const place = { ...fact.slot, window }
    const slot = slotOf(plan, place) ?? openSlot(plan, place, { isOwned, term: 0, atMs: 0 })
    if (slot.outcome?.kind === 'failed') continue
    const term = fact.kind === 'gap-noted' ? fact.term : slot.term
    settle(plan, slot, { kind: 'failed', reason: fact.reason, term })
    closeReplicas(known, slot)
  }
}

/** Changes `known.durable` as the fact says. */
export function apply(known: Known, fact: Fact) {
  logFact(known, fact)
  switch (fact.kind) {
    case 'plan-opened':
      return applyPlanOpened(known, fact)
    case 'lease-granted':
      return applyGranted(known, fact)
    case 'reveal-asked':
      for (const lease of fact.leases) {
        changeReplica(known, lease, (replica) => {
          replica.phase = 'asked'
          replica.askedAtMs = fact.atMs
          replica.auditSegments = fact.segments
        })
      }
      return
    case 'slot-urgent':
      return applyUrgent(known, fact)
    case 'lottery-drawn':
      return applyDrawn(known, fact)
    case 'segment-executed':
      return applyExecuted(known, fact)
    case 'operator-convicted':
      return applyConvicted(known, fact)
    case 'slot-settled':
      return applySettled(known, fact)
    case 'slot-rechecked':
      return applyRechecked(known, fact)
    case 'recheck-ended':
      return applyRecheckEnded(known, fact)
    case 'slot-revised':
      return applyRevised(known, fact)
    case 'slot-failed':
    case 'gap-noted':
      return applyFailed(known, fact)
    case 'verdict-noted':
      return applyVerdictNoted(known, fact)
    case 'result-held':
      return applyResultHeld(known, fact)
    case 'product-assembled':
      planOf(known, fact.plan).product = fact.product
      return
    case 'commit-witnessed':
      return applyWitnessed(known, fact)
    case 'attestation-logged':
      return applyAttested(known, fact)
    case 'operator-admitted':
      known.durable.admitted.set(toHex(fact.operator), fact.untilMs)
      return
    case 'coordinator-deposed':
      return applyDeposed(known, fact)
    case 'coordinator-expelled':
      return applyExpelled(known, fact)
    case 'plan-disputed':
      planOf(known, fact.plan).disputed = `${fact.reason} at ${slotKey(fact.slot)}`
      return
    case 'cosignature-logged':
      planOf(known, fact.plan).cosignatures.set(toHex(fact.coordinator), fact.cosignature)
      return
    case 'forecast-published':
      return applyPublished(known, fact)
    default:
      return applyLeaseFact(known, fact)
  }
}

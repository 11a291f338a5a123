/**
 * Facts into state: the only code that changes `durable`, live and on replay alike. It decides
 * nothing; what a fact needs is in the fact.
 */

import { equals } from 'uint8arrays/equals'
import { fromHex, toHex } from '../protocol/hex.ts'
import { ownerOf } from '../protocol/ownership.ts'
import type { Fact, FactOf } from './fact.ts'
import { PickSet } from './grant/pick-set.ts'
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
import { firstInput, windowCount } from './slots.ts'
import { type PlanState, type Replica, type SlotState, slotKey } from './state.ts'
import { applyRecheckEnded, applyRechecked, applyRevised } from './trust/apply-recheck.ts'
import { executionKey } from './trust/executions.ts'
import { convict, operatorOf, punish, remember, reward, track } from './trust/reputation.ts'

function applyPlanOpened(known: Known, fact: FactOf<'plan-opened'>): void {
  const { plan: cid, body, lead, submittedAtMs, sources } = fact
  const plan: PlanState = {
    cid,
    body,
    rules: known.rules,
    lead,
    submittedAtMs,
    sources,
    slots: new Map(),
    open: new PickSet(),
    awaited: new Set(),
    settledCount: 0,
    failedCount: 0,
    recheckCount: 0,
    version: 1,
    cosignatures: new Map()
  }
  known.durable.plans.set(cid.toString(), plan)
  const coordinators = known.setup.federation.body.coordinators.map(({ key }) => key)
  for (let member = 0; member < body.memberCount; member += 1) {
    for (let block = 0; block < body.blocks.length; block += 1) {
      const place = { member, block, window: 0 }
      if (!equals(ownerOf(coordinators, cid, place), known.setup.key)) continue
      openSlot(plan, place, { isOwned: true, input: firstInput(body, place), atMs: submittedAtMs })
    }
  }
}

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
    phase: 'leased'
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
    openSlot(plan, next, { isOwned: true, input: { state, bounds }, atMs })
  }
}

/** Who a verdict stands on, if one vote less would not have done. */
function standOn(
  known: Known,
  plan: PlanState,
  slot: SlotState,
  agreeing: readonly Uint8Array[]
): void {
  if (agreeing.length > plan.body.mesh.quorum) return
  const name = `${plan.cid} ${slotKey(slot.place)}`
  for (const lease of agreeing) {
    remember(operatorOf(known.durable, leaseOf(known, lease).replica.operator), name)
  }
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
function applyConvicted(known: Known, fact: FactOf<'operator-convicted'>): void {
  const name = toHex(fact.operator)
  convict(known, name, fact.proof)
  if (fact.lease !== undefined) {
    changeReplica(known, fact.lease, (replica) => {
      replica.fault = replica.revealed === undefined ? 'reveal-mismatch' : 'wrong-result'
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
    const slot = slotOf(plan, place) ?? openSlot(plan, place, { isOwned, atMs: 0 })
    if (slot.outcome?.kind === 'failed') continue
    settle(plan, slot, { kind: 'failed', reason: fact.reason })
    closeReplicas(known, slot)
  }
}

function applyForeign(known: Known, fact: FactOf<'verdict-noted' | 'result-held'>) {
  const plan = planOf(known, fact.plan)
  const slot = slotOf(plan, fact.slot)
  if (fact.kind === 'verdict-noted') {
    const opened = slot ?? openSlot(plan, fact.slot, { isOwned: false, atMs: 0 })
    settle(plan, opened, outcomeOf(fact.verdict))
    plan.awaited.add(slotKey(fact.slot))
  } else {
    if (slot?.outcome?.kind !== 'settled') throw new Error('defect: a result without a verdict')
    slot.outcome.held = { state: fact.state, bounds: fact.bounds }
    plan.awaited.delete(slotKey(fact.slot))
  }
}

function applyPublished(plan: PlanState, fact: FactOf<'forecast-published'>): void {
  plan.forecast = fact.forecast
  plan.publishedAtMs = fact.atMs
}

/** Changes `known.durable` as the fact says. */
export function apply(known: Known, fact: Fact) {
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
    case 'result-held':
      return applyForeign(known, fact)
    case 'product-assembled':
      planOf(known, fact.plan).product = fact.product
      return
    case 'slot-recomputed':
      planOf(known, fact.plan).recomputed = fact.slot
      return
    case 'plan-disputed':
      planOf(known, fact.plan).disputed = `${fact.reason} at ${slotKey(fact.slot)}`
      return
    case 'cosignature-logged':
      planOf(known, fact.plan).cosignatures.set(toHex(fact.coordinator), fact.cosignature)
      return
    case 'forecast-published':
      return applyPublished(planOf(known, fact.plan), fact)
    default:
      return applyLeaseFact(known, fact)
  }
}

/**
 * The changes of plans, slots and replicas that facts are made of; apply.ts and its parts are the
 * only ones that call them.
 */
import { toHex } from '../protocol/hex.ts'
import { bodyOf, claimsOf } from '../protocol/signed.ts'
import type { FactOf } from './fact.ts'
import { underWayOf, wantedReplicas } from './replicas.ts'
import { firstInput, type PlanSlot, type SlotInput } from './slots.ts'
import {
  type CoordinatorState,
  findLease,
  type PlanState,
  type Replica,
  type SettledOutcome,
  type SlotState,
  slotKey
} from './state.ts'
import { track } from './trust/reputation.ts'

export type Known = Pick<CoordinatorState, 'setup' | 'rules' | 'timers' | 'durable'>

/** A plan that must be known. */
export function planOf(known: Known, plan: FactOf<'plan-opened'>['plan']): PlanState {
  const found = known.durable.plans.get(plan.toString())
  if (found === undefined) throw new Error(`defect: plan ${plan} is not known`)
  return found
}

export function leaseOf(
  known: Known,
  lease: Uint8Array
): NonNullable<ReturnType<typeof findLease>> {
  const found = findLease(known.durable, toHex(lease))
  if (found === undefined) throw new Error(`defect: lease ${toHex(lease)} is not known`)
  return found
}

export function slotOf(plan: PlanState, place: PlanSlot): SlotState | undefined {
  return plan.slots.get(slotKey(place))
}

export function openSlot(
  plan: PlanState,
  place: PlanSlot,
  init: { isOwned: boolean; term: number; input?: SlotInput; atMs: number }
): SlotState {
  const { isOwned, term, input, atMs } = init
  const slot: SlotState = {
    place: { member: place.member, block: place.block, window: place.window },
    isOwned,
    term,
    ...(input === undefined ? {} : { input }),
    openedAtMs: atMs,
    replicas: new Map(),
    executions: new Map(),
    errors: 0,
    recheck: false,
    revision: 0
  }
  plan.slots.set(slotKey(place), slot)
  refreshOpen(plan, slot)
  return slot
}

export function refreshOpen(plan: PlanState, slot: SlotState): void {
  const key = slotKey(slot.place)
  const isOpen = wantedReplicas(plan, slot) > 0
  if (isOpen) plan.open.add(key)
  else plan.open.delete(key)
  if (isOpen && underWayOf(slot).length > 0) plan.waiting.add(key)
  else plan.waiting.delete(key)
}

/** Changes one replica, then what follows from it for its slot. */
export function changeReplica(
  known: Known,
  lease: Uint8Array,
  change: (replica: Replica, slot: SlotState) => void
): void {
  const { plan, slot, replica } = leaseOf(known, lease)
  change(replica, slot)
  track(known, slot, replica)
  refreshOpen(plan, slot)
}

const UNDER_WAY: ReadonlySet<Replica['phase']> = new Set([
  'leased',
  'committed',
  'asked',
  'revealed'
])

/** A slot is decided: nothing of it is under way any more. */
export function closeReplicas(known: Known, slot: SlotState): void {
  slot.executions.clear()
  for (const replica of slot.replicas.values()) {
    if (UNDER_WAY.has(replica.phase)) {
      replica.phase = 'ended'
      replica.end = 'released'
    }
    replica.isCounted = true
    track(known, slot, replica)
  }
}

/** What a slot starts from, where it is known. */
export function inputOf(plan: PlanState, place: PlanSlot): SlotInput | undefined {
  if (place.window === 0) return firstInput(plan.body, place)
  const before = plan.slots.get(slotKey({ ...place, window: place.window - 1 }))?.outcome
  return before?.kind === 'settled' ? before.held : undefined
}

export function outcomeOf(envelope: Uint8Array): SettledOutcome {
  const body = bodyOf('verdict', envelope)
  const { unit, result, traceRoot, fuel, agreeing, dissenting } = body
  return {
    kind: 'settled',
    verdict: envelope,
    unit,
    result,
    traceRoot,
    fuel,
    agreeing: agreeing.map(({ operator }) => toHex(operator)),
    dissenting: dissenting.map(({ operator }) => toHex(operator)),
    decidedBy: toHex(claimsOf('verdict', envelope).signer),
    term: body.term,
    revision: body.revises?.revision ?? 0,
    attestations: new Map()
  }
}

/** @throws Error when the slot was decided before: a slot has one outcome, for ever */
export function settle(plan: PlanState, slot: SlotState, outcome: SlotState['outcome']) {
  if (slot.outcome !== undefined || outcome === undefined) {
    throw new Error(`defect: slot ${slotKey(slot.place)} is decided twice`)
  }
  slot.outcome = outcome
  plan.open.delete(slotKey(slot.place))
  plan.waiting.delete(slotKey(slot.place))
  if (outcome.kind === 'settled') plan.settledCount += 1
  else plan.failedCount += 1
}

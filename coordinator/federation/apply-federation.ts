/**
 * Facts about other coordinators into state: what they decided, witnessed and attested, and who is
 * out. Like apply.ts it decides nothing.
 */
import { toHex } from '../../protocol/hex.ts'
import type { FactOf } from '../fact.ts'
import {
  closeReplicas,
  inputOf,
  type Known,
  openSlot,
  outcomeOf,
  planOf,
  refreshOpen,
  settle,
  slotOf
} from '../slot-changes.ts'
import { type PlanSlot, type SlotInput, windowCount } from '../slots.ts'
import { type PlanState, type SlotState, slotKey } from '../state.ts'
import { forgetLater, reopenPlan } from '../trust/apply-recheck.ts'
import { questionOf, refreshFinal } from './final-slots.ts'
import { ownershipOf, ownsChain } from './ranks.ts'

export function applyWitnessed(known: Known, fact: FactOf<'commit-witnessed'>): void {
  const { plan, lease, digest, witnessing } = fact
  const { witnessed } = known.durable
  const leases = witnessed.get(plan.toString()) ?? new Map()
  witnessed.set(plan.toString(), leases.set(toHex(lease), { digest, witnessing }))
}

/** Takes an outcome back, as if the slot had never been decided. */
function undo(plan: PlanState, slot: SlotState): void {
  const key = slotKey(slot.place)
  if (slot.outcome?.kind === 'settled') plan.settledCount -= 1
  if (slot.outcome?.kind === 'failed') plan.failedCount -= 1
  delete slot.outcome
  plan.awaited.delete(key)
  plan.unattested.delete(key)
  plan.unchecked.delete(key)
}

export function applyVerdictNoted(known: Known, fact: FactOf<'verdict-noted'>): void {
  const plan = planOf(known, fact.plan)
  const slot =
    slotOf(plan, fact.slot) ?? openSlot(plan, fact.slot, { isOwned: false, term: 0, atMs: 0 })
  const key = slotKey(fact.slot)
  const before = slot.outcome?.kind === 'settled' ? slot.outcome : undefined
  const outcome = outcomeOf(fact.verdict)
  if (slot.outcome !== undefined) {
    undo(plan, slot)
    reopenPlan(plan)
  }
  slot.isOwned = false
  settle(plan, slot, outcome)
  closeReplicas(known, slot)
  // Windows after a result that changed started from what never was.
  if (before !== undefined && !before.result.equals(outcome.result)) {
    forgetLater(known, plan, fact.slot)
  }
  const isHeld = before?.held !== undefined && before.result.equals(outcome.result)
  if (isHeld && before?.held !== undefined) outcome.held = before.held
  else plan.awaited.add(key)
  plan.unchecked.add(key)
  refreshFinal(known, plan, slot)
}

export function applyResultHeld(known: Known, fact: FactOf<'result-held'>): void {
  const plan = planOf(known, fact.plan)
  const slot = slotOf(plan, fact.slot)
  if (slot?.outcome?.kind !== 'settled') throw new Error('defect: a result without a verdict')
  slot.outcome.held = { state: fact.state, bounds: fact.bounds }
  plan.awaited.delete(slotKey(fact.slot))
  openNext(known, plan, fact.slot, slot.outcome.held)
}

/** The window after a result, where its chain is ours by now. */
function openNext(known: Known, plan: PlanState, place: PlanSlot, input: SlotInput): void {
  const next = { ...place, window: place.window + 1 }
  if (next.window >= windowCount(plan.body) || !ownsChain(known, plan, place)) return
  const slot = slotOf(plan, next)
  if (slot?.outcome !== undefined) return
  own(known, plan, next, { slot, input, atMs: 0 })
}

function own(
  known: Known,
  plan: PlanState,
  place: PlanSlot,
  init: { slot: SlotState | undefined; input: SlotInput; atMs: number }
): void {
  const { slot, input, atMs } = init
  const { term } = ownershipOf(known, plan, place)
  if (slot === undefined) {
    openSlot(plan, place, { isOwned: true, term, input, atMs })
    return
  }
  slot.isOwned = true
  slot.term = term
  slot.input = input
  closeReplicas(known, slot)
  refreshOpen(plan, slot)
}

export function applyAttested(known: Known, fact: FactOf<'attestation-logged'>): void {
  const plan = planOf(known, fact.plan)
  const slot = slotOf(plan, fact.slot)
  if (slot?.outcome?.kind !== 'settled') throw new Error('defect: an attestation of no verdict')
  const name = toHex(fact.coordinator)
  slot.outcome.attestations.set(name, fact.attestation)
  if (name === toHex(known.setup.key)) {
    plan.attested.set(questionOf(fact.slot, slot.outcome), slot.outcome.result)
    plan.unchecked.delete(slotKey(fact.slot))
  }
  refreshFinal(known, plan, slot)
}

/** The first window of a chain without an outcome; undefined when it is over. */
function frontOf(plan: PlanState, chain: { member: number; block: number }): PlanSlot | undefined {
  for (let window = 0; window < windowCount(plan.body); window += 1) {
    const outcome = plan.slots.get(slotKey({ ...chain, window }))?.outcome
    if (outcome === undefined) return { ...chain, window }
    if (outcome.kind === 'failed') return undefined
  }
  return undefined
}

/** One chain to its present owner: what became ours opens, what is not ours any more stops. */
function handOverChain(known: Known, plan: PlanState, place: PlanSlot, atMs: number): void {
  const slot = slotOf(plan, place)
  if (ownsChain(known, plan, place)) {
    const input = inputOf(plan, place)
    if (slot?.isOwned !== true && input !== undefined)
      own(known, plan, place, { slot, input, atMs })
  } else if (slot?.isOwned === true) {
    slot.isOwned = false
    closeReplicas(known, slot)
    refreshOpen(plan, slot)
  }
}

function handOver(known: Known, plan: PlanState, atMs: number): void {
  for (let member = 0; member < plan.body.memberCount; member += 1) {
    for (let block = 0; block < plan.body.blocks.length; block += 1) {
      const place = frontOf(plan, { member, block })
      if (place !== undefined) handOverChain(known, plan, place, atMs)
    }
  }
}

export function applyDeposed(known: Known, fact: FactOf<'coordinator-deposed'>): void {
  const plan = planOf(known, fact.plan)
  const { coordinator, silences, atMs } = fact
  plan.deposed.set(toHex(coordinator), { coordinator, silences })
  handOver(known, plan, atMs)
}

/**
 * Verdicts of an expelled coordinator and what follows from them. All of them, as coordinators may
 * know different attestations and must come to the same slots; the next owner adopts what it
 * checked (adoption.ts).
 */
function takeBack(plan: PlanState, name: string): void {
  const isVoid = ({ outcome }: SlotState): boolean =>
    outcome?.kind === 'settled' && outcome.decidedBy === name
  for (const slot of [...plan.slots.values()].filter(isVoid)) {
    for (let { window } = slot.place; window < windowCount(plan.body); window += 1) {
      const later = slotOf(plan, { ...slot.place, window })
      if (later?.outcome === undefined) continue
      undo(plan, later)
      reopenPlan(plan)
    }
  }
}

export function applyExpelled(known: Known, fact: FactOf<'coordinator-expelled'>): void {
  const name = toHex(fact.coordinator)
  known.durable.expelled.set(name, fact.proof)
  for (const plan of known.durable.plans.values()) {
    if (plan.forecast !== undefined) continue
    plan.cosignatures.delete(name)
    takeBack(plan, name)
    for (const slot of plan.slots.values()) refreshFinal(known, plan, slot)
    handOver(known, plan, fact.atMs)
  }
}

/**
 * Final is what k coordinators checked themselves: the owner with its verdict, others with their
 * attestations. Who was expelled does not count.
 */
import type { PlanSlot } from '../slots.ts'
import {
  type CoordinatorState,
  type PlanState,
  type SettledOutcome,
  type SlotState,
  slotKey
} from '../state.ts'

type Known = Pick<CoordinatorState, 'setup' | 'durable'>

const isFinal = ({ setup, durable }: Known, outcome: SettledOutcome): boolean => {
  const voices = new Set([outcome.decidedBy, ...outcome.attestations.keys()])
  for (const name of durable.expelled.keys()) voices.delete(name)
  return voices.size >= setup.federation.body.signaturesNeeded
}

/** A slot waits for attestations, or does not any more. */
export function refreshFinal(known: Known, plan: PlanState, slot: SlotState): void {
  const key = slotKey(slot.place)
  const isOpen = slot.outcome?.kind === 'settled' && !isFinal(known, slot.outcome)
  if (isOpen) plan.unattested.add(key)
  else plan.unattested.delete(key)
}

/** What a coordinator attests one result of: a slot, its unit and the revision of its verdict. */
export const questionOf = (
  place: PlanSlot,
  { unit, revision }: Pick<SettledOutcome, 'unit' | 'revision'>
): string => `${slotKey(place)} ${unit} ${revision}`

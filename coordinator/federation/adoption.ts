/**
 * When an owner is expelled its verdicts go with it, but the work in them is not lost: what the
 * next owner checked itself it decides again in its own term, with the same voters, at once.
 */
import { toHex } from '../../protocol/hex.ts'
import { bodyOf } from '../../protocol/signed.ts'
import { type PlanState, type SettledOutcome, type SlotState, slotKey } from '../state.ts'
import { note, record, type Turn } from '../turn.ts'
import { questionOf } from './final-slots.ts'
import { tellOthers } from './outbox.ts'

interface Adoptable {
  readonly plan: PlanState
  readonly slot: SlotState
  readonly outcome: SettledOutcome
}

/** Verdicts of a coordinator whose results we hold and attested, windows in their order. */
export function adoptableOf(turn: Turn, coordinator: Uint8Array): Adoptable[] {
  const name = toHex(coordinator)
  const found: Adoptable[] = []
  for (const plan of turn.state.durable.plans.values()) {
    if (plan.forecast !== undefined) continue
    for (const slot of plan.slots.values()) {
      const { outcome } = slot
      if (outcome?.kind !== 'settled' || outcome.decidedBy !== name) continue
      const isChecked = plan.attested.get(questionOf(slot.place, outcome))?.equals(outcome.result)
      if (isChecked && outcome.held !== undefined) found.push({ plan, slot, outcome })
    }
  }
  return found.sort((one, two) => one.slot.place.window - two.slot.place.window)
}

/** Decides them again, as far as their chains are ours now. */
export function adopt(turn: Turn, adoptable: readonly Adoptable[]): void {
  for (const { plan, slot: before, outcome } of adoptable) {
    const slot = plan.slots.get(slotKey(before.place))
    if (slot?.isOwned !== true || slot.outcome !== undefined || outcome.held === undefined) continue
    const body = bodyOf('verdict', outcome.verdict)
    const verdict = turn.keyring.sign('verdict', { ...body, term: slot.term })
    const { state, bounds } = outcome.held
    record(turn, {
      kind: 'slot-settled',
      plan: plan.cid,
      slot: slot.place,
      verdict,
      agreeing: [],
      dissenting: [],
      state,
      bounds,
      atMs: turn.atMs
    })
    tellOthers(turn, plan, turn.keyring.sign('verdict-notice', { kind: 'verdict-notice', verdict }))
    note(turn, 'slot.settled', { slot: slotKey(slot.place), agreeing: body.agreeing.length })
  }
}

/**
 * A coordinator that cannot take our publication yet missed something of the plan, and whoever told
 * it then may have restarted since. It is told once all that came of the plan: verdicts and
 * attestations by whomever, as they prove themselves, and our own gaps. It says "received" only of
 * what it has logged, so once is enough.
 */
import { claimedKind } from '../../protocol/signed.ts'
import type { CoordinatorEvent } from '../event.ts'
import { isLead } from '../forecast.ts'
import { planProposal } from '../plan.ts'
import type { PlanSlot } from '../slots.ts'
import { type PlanState, slotKey } from '../state.ts'
import type { Turn } from '../turn.ts'
import { gapNotice } from '../verdict.ts'
import { outgoingOf, tell } from './outbox.ts'
import { depositionsOf } from './takeover.ts'

/** Is a gap the consequence of one before it in its chain? Then that one's notice says it all. */
export const isLaterGap = (plan: PlanState, place: PlanSlot): boolean =>
  plan.slots.get(slotKey({ ...place, window: place.window - 1 }))?.outcome?.kind === 'failed'

/** In the order in which they can be taken: the plan, who is out, what was decided. */
function* outcomesOf(turn: Turn, plan: PlanState): Iterable<Uint8Array> {
  if (isLead(turn, plan)) yield planProposal(turn, plan)
  yield* depositionsOf(turn, plan)
  for (const slot of plan.slots.values()) {
    const { outcome, place, isOwned } = slot
    if (outcome?.kind === 'settled') {
      const { verdict } = outcome
      yield turn.keyring.sign('verdict-notice', { kind: 'verdict-notice', verdict })
      yield* outcome.attestations.values()
    } else if (outcome?.kind === 'failed' && isOwned && !isLaterGap(plan, place)) {
      yield gapNotice(turn, plan, slot, outcome.reason)
    }
  }
}

/** Our publication was answered; by somebody who cannot know yet that it is true? */
export function explain(turn: Turn, event: Extract<CoordinatorEvent, { kind: 'answered' }>): void {
  const { answer, to } = event
  if (answer.kind !== 'refusal' || answer.said.body.reason !== 'unknown-plan') return
  const outgoing = outgoingOf(turn, event)
  if (outgoing === undefined || outgoing.isExplained) return
  const plan = turn.state.durable.plans.get(outgoing.plan)
  if (plan === undefined || claimedKind(outgoing.envelope) !== 'publication') return
  outgoing.isExplained = true
  for (const envelope of outcomesOf(turn, plan)) tell(turn, to, plan, envelope)
}

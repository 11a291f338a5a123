/**
 * What a liar agreed on may be a lie that two of them shared: once an operator is convicted, the
 * slots that stand on its word are computed once more by somebody else. The verdict stays until the
 * new result is there; one that was wrong is replaced by a revision that names its proof.
 */
import type { CID } from 'multiformats/cid'
import { isOver, type PlanState, type SlotState, slotKey } from '../state.ts'
import { note, record, type Turn } from '../turn.ts'

/** Looks at the newest slots an operator agreed on: liars lie late, sleepers latest. */
export function backtrack(turn: Turn, operator: string): void {
  const { durable, rules } = turn.state
  const agreed = durable.operators.get(operator)?.agreed
  if (!rules.backtrack || agreed === undefined) return
  for (const name of [...agreed].reverse()) {
    const [cid = '', key = ''] = name.split(' ')
    const plan = durable.plans.get(cid)
    const slot = plan?.slots.get(key)
    if (plan !== undefined && slot !== undefined) recheck(turn, plan, slot)
  }
}

function recheck(turn: Turn, plan: PlanState, slot: SlotState): void {
  if (slot.outcome?.kind !== 'settled' || !isOver(slot)) return
  const deadlineAtMs = plan.submittedAtMs + plan.body.mesh.deadlineSeconds * 1000
  if (turn.atMs >= deadlineAtMs) return
  const about = { plan: plan.cid, slot: slot.place, atMs: turn.atMs }
  record(turn, { kind: 'slot-rechecked', ...about })
  note(turn, 'slot.rechecked', { slot: slotKey(slot.place) })
  turn.touched.add({ plan, slot })
}

/** A result was proven wrong: our verdicts on it, also those that nobody's list holds any more. */
export function recheckResult(turn: Turn, result: CID): void {
  if (!turn.state.rules.backtrack) return
  for (const { plan, slot } of slotsWith(turn, result)) {
    if (slot.isOwned) recheck(turn, plan, slot)
  }
}

/** The slots that were settled with this result. */
export function slotsWith(turn: Turn, result: CID): { plan: PlanState; slot: SlotState }[] {
  const found: { plan: PlanState; slot: SlotState }[] = []
  for (const plan of turn.state.durable.plans.values()) {
    for (const slot of plan.slots.values()) {
      const { outcome } = slot
      if (outcome?.kind === 'settled' && outcome.result.equals(result)) found.push({ plan, slot })
    }
  }
  return found
}

/**
 * What a liar agreed on may be a lie that two of them shared: once an operator is convicted, the
 * slots that stand on its word are computed once more by somebody else. The verdict stays until the
 * new result is there; one that was wrong is replaced by a revision that names its proof.
 */
import { isOver, slotKey } from '../state.ts'
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
    if (plan === undefined || slot?.outcome?.kind !== 'settled' || !isOver(slot)) continue
    const deadlineAtMs = plan.submittedAtMs + plan.body.mesh.deadlineSeconds * 1000
    if (turn.atMs >= deadlineAtMs) continue
    const about = { plan: plan.cid, slot: slot.place, atMs: turn.atMs }
    record(turn, { kind: 'slot-rechecked', ...about })
    note(turn, 'slot.rechecked', { slot: slotKey(slot.place), operator })
    turn.touched.add({ plan, slot })
  }
}

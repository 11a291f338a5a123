/**
 * A verdict that a run of ours contradicts: its voters lied alike, where the owner's audit did not
 * look. They are accused before every coordinator. The owner runs the segment itself, convicts them
 * and decides anew; until then we sign nothing that holds the lie. Only an owner that finds what
 * the voters said leaves the kernel in doubt, and the plan disputed.
 */
import { cborCid, toBlock } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import type { UnitResult } from '../../protocol/result.ts'
import { bodyOf, claimedKind } from '../../protocol/signed.ts'
import type { CoordinatorEvent } from '../event.ts'
import { inputOf } from '../slot-changes.ts'
import { unitOf } from '../slots.ts'
import { type PlanState, type SlotState, slotKey } from '../state.ts'
import { convictByProof } from '../trust/conviction.ts'
import { type Execution, executionKey } from '../trust/executions.ts'
import { mayAsk, note, record, type Turn } from '../turn.ts'
import { dispute } from './notice.ts'
import { outgoingOf, tellOthers } from './outbox.ts'

const isRefutedSlot = (plan: PlanState, slot: SlotState | undefined): boolean =>
  slot !== undefined && slot.executions.size > 0 && plan.unchecked.has(slotKey(slot.place))

/** Does a verdict of the plan stand that we know to be wrong? */
export function isRefuted(plan: PlanState): boolean {
  for (const key of plan.unchecked) if (isRefutedSlot(plan, plan.slots.get(key))) return true
  return false
}

/** Our run of a segment gave something else than the result of a foreign verdict says. */
export function refute(
  turn: Turn,
  plan: PlanState,
  slot: SlotState,
  { result, execution }: { readonly result: UnitResult; readonly execution: Execution }
): void {
  const { outcome, place } = slot
  const input = inputOf(plan, place)
  if (outcome?.kind !== 'settled' || input === undefined) return
  const { segment, before, state, outputs } = execution
  if (!slot.executions.has(executionKey(segment, before))) {
    const about = { plan: plan.cid, slot: place }
    record(turn, { kind: 'segment-executed', ...about, segment, before, state, outputs })
    note(turn, 'verdict.refuted', { slot: slotKey(place), segment, by: outcome.decidedBy })
  }
  const name = `refute:${cborCid(outcome.verdict)}`
  if (!mayAsk(turn, name, turn.state.timers.leaseMaxMs)) return
  for (const { binding, reveal } of bodyOf('verdict', outcome.verdict).agreeing) {
    const proof = turn.keyring.sign('fraud-proof', {
      kind: 'fraud-proof',
      unit: toBlock(unitOf(plan.body, place, input)).bytes,
      binding,
      reveal,
      result: toBlock(result).bytes,
      segment,
      found: { state, outputs: [...outputs] }
    })
    tellOthers(turn, plan, proof)
  }
}

/** Another coordinator ran the segment of an accusation of ours: does it find the same? */
export function onAccusationAnswered(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'answered' }>
): void {
  const { answer, to } = event
  const outgoing = outgoingOf(turn, event)
  const plan = turn.state.durable.plans.get(outgoing?.plan ?? '')
  if (outgoing === undefined || plan === undefined) return
  if (claimedKind(outgoing.envelope) !== 'fraud-proof') return
  const { binding, unit } = bodyOf('fraud-proof', outgoing.envelope)
  const { operator } = bodyOf('binding', binding)
  if (answer.kind === 'acknowledgement') {
    const known = turn.state.durable.operators.get(toHex(operator))?.convicted
    if (known === undefined) convictByProof(turn, operator, outgoing.envelope)
  } else if (answer.said.body.reason === 'inadmissible') {
    contest(turn, plan, cborCid(unit).toString(), toHex(to))
  }
}

/** The owner says that its verdict is true. */
function contest(turn: Turn, plan: PlanState, unit: string, owner: string): void {
  for (const slot of plan.slots.values()) {
    const { outcome, place } = slot
    if (outcome?.kind !== 'settled' || outcome.decidedBy !== owner) continue
    if (outcome.unit.toString() !== unit || !isRefutedSlot(plan, slot)) continue
    dispute(turn, plan, place, 'segment-differs')
  }
}

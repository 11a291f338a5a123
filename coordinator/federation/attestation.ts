/**
 * An attestation says that a coordinator checked a foreign verdict itself: its proof, the blocks of
 * its result, and one segment of its own choosing, re-run from the state before it. It attests one
 * result per slot, whatever the term, so no two results of a slot can both become final.
 */
import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import { cborCid } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import type { UnitResult } from '../../protocol/result.ts'
import { bodyOf } from '../../protocol/signed.ts'
import { firstDifference, isSameRun, stateBefore, type Trace } from '../../protocol/trace.ts'
import type { CoordinatorEvent } from '../event.ts'
import { inputOf } from '../slot-changes.ts'
import { unitOf } from '../slots.ts'
import {
  type PlanState,
  type SettledOutcome,
  type SlotState,
  settledOutcome,
  slotKey
} from '../state.ts'
import { contradictionOf } from '../trust/executions.ts'
import { act, askAgain, mayAsk, note, record, refuse, type Turn } from '../turn.ts'
import { checkEquivocation } from './equivocation.ts'
import { questionOf } from './final-slots.ts'
import { acknowledge } from './members.ts'
import { dispute } from './notice.ts'
import { tellOthers } from './outbox.ts'
import { isVoter } from './ranks.ts'
import { refute } from './refutation.ts'

/** Prefix of the audits that are made for attestations. */
export const ATTEST_AUDIT = 'attest:'
/** Segments run for attestations at a time: more would only wait for the same cores. */
const CHECKS_MAX = 16

/** A segment that is being run, and what it has to give. */
export interface SegmentCheck {
  readonly plan: string
  readonly slot: string
  readonly segment: number
  readonly verdict: CID
  readonly result: UnitResult
  /** What the result says of the segment. */
  readonly before: CID
  readonly state: CID
  readonly outputs: readonly CID[]
}

/** The result of a foreign verdict is here: one segment of it is run again. */
export function checkSegment(turn: Turn, plan: PlanState, slot: SlotState, result: UnitResult) {
  const key = slotKey(slot.place)
  const outcome = settledOutcome(slot)
  if (outcome === undefined || !plan.unchecked.has(key)) return
  const attested = plan.attested.get(questionOf(slot.place, outcome))
  // The same result under a later term was checked already.
  if (attested?.equals(outcome.result)) return attest(turn, plan, slot, 0)
  if (attested !== undefined && plan.rules.oneAttestation) return
  if (!plan.rules.attestOwnCheck) return attest(turn, plan, slot, 0)
  const input = inputOf(plan, slot.place)
  const audit = `${ATTEST_AUDIT}${plan.cid} ${key}`
  const execution = input && contradictionOf(result, input.state, slot.executions)
  if (execution !== undefined) return refute(turn, plan, slot, { result, execution })
  if (input === undefined || turn.state.live.checks.size >= CHECKS_MAX) return
  if (!mayAsk(turn, audit, turn.state.timers.leaseMaxMs)) return
  const unit = unitOf(plan.body, slot.place, input)
  const segment = Math.floor(turn.random() * result.segments.length)
  const before = stateBefore(result, unit.state, segment)
  const state = stateBefore(result, unit.state, segment + 1)
  const verdict = cborCid(outcome.verdict)
  const outputs = result.segments[segment] ?? []
  turn.state.live.checks.set(audit, {
    plan: plan.cid.toString(),
    slot: key,
    segment,
    verdict,
    result,
    before,
    state,
    outputs
  })
  const { agreeing } = bodyOf('verdict', outcome.verdict)
  const peers = agreeing.map(({ peer }) => peer)
  const { fetchMs } = turn.state.timers
  act(turn, { kind: 'audit', audit, unit, segment, state: before, peers, withinMs: fetchMs })
}

/** Is a segment of this slot being run? */
export const isBeingChecked = (turn: Turn, plan: PlanState, key: string): boolean =>
  turn.state.live.checks.has(`${ATTEST_AUDIT}${plan.cid} ${key}`)

function takeCheck(turn: Turn, audit: string) {
  const check = turn.state.live.checks.get(audit)
  turn.state.live.checks.delete(audit)
  const plan = turn.state.durable.plans.get(check?.plan ?? '')
  const slot = plan?.slots.get(check?.slot ?? '')
  const outcome = slot === undefined ? undefined : settledOutcome(slot)
  if (check === undefined || plan === undefined || slot === undefined) return undefined
  // The verdict it was about may have been replaced meanwhile.
  if (outcome === undefined || !cborCid(outcome.verdict).equals(check.verdict)) return undefined
  return { check, plan, slot, outcome }
}

/** A segment was run for an attestation. @returns was the audit one of ours? */
export function onAttestAudited(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'audited' | 'audit-failed' }>
): boolean {
  if (!event.audit.startsWith(ATTEST_AUDIT)) return false
  const found = takeCheck(turn, event.audit)
  // The slot may come back with another verdict.
  turn.state.live.asked.delete(event.audit)
  if (found === undefined) return true
  const { check, plan, slot, outcome } = found
  if (event.kind === 'audited') {
    const { segment, before, result } = check
    const { state, outputs } = event
    if (isSameRun(event, check)) attest(turn, plan, slot, segment)
    else refute(turn, plan, slot, { result, execution: { segment, before, state, outputs } })
    return true
  }
  // Nobody has the state before the segment: the whole unit from its start says the same.
  const input = inputOf(plan, slot.place)
  if (event.fault === 'opening-missing' && input !== undefined) {
    const unit = unitOf(plan.body, slot.place, input)
    turn.state.live.checks.set(event.audit, check)
    act(turn, { kind: 'recompute', plan: plan.cid, slot: slot.place, unit })
  } else {
    note(turn, 'attest.failed', { slot: check.slot, reason: event.fault, by: outcome.decidedBy })
    askAgain(turn, event.audit)
  }
  return true
}

/** The whole unit was run for an attestation. */
export function onRecomputed(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'recomputed' | 'recompute-failed' }>
): void {
  const audit = `${ATTEST_AUDIT}${event.plan} ${slotKey(event.slot)}`
  const found = takeCheck(turn, audit)
  if (found === undefined) return
  const { check, plan, slot, outcome } = found
  if (event.kind === 'recompute-failed') {
    note(turn, 'attest.failed', { slot: check.slot, reason: event.reason })
    askAgain(turn, audit)
  } else if (event.result.equals(outcome.result)) {
    attest(turn, plan, slot, check.segment)
  } else {
    differ(turn, plan, slot, { result: check.result, trace: event.trace })
  }
}

/** Our run of the whole unit gave another result. */
function differ(
  turn: Turn,
  plan: PlanState,
  slot: SlotState,
  { result, trace }: { readonly result: UnitResult; readonly trace: Trace }
) {
  const segment = firstDifference(result, trace)
  const input = inputOf(plan, slot.place)
  const state = segment === undefined ? undefined : trace.states[segment]
  if (segment === undefined || state === undefined || input === undefined) {
    // The same way to another end: there is no segment to accuse the voters with.
    plan.unchecked.delete(slotKey(slot.place))
    return dispute(turn, plan, slot.place, 'segment-differs')
  }
  const before = stateBefore(result, input.state, segment)
  const outputs = trace.segments[segment] ?? []
  refute(turn, plan, slot, { result, execution: { segment, before, state, outputs } })
}

/** Signs that we checked, and tells the others. */
function attest(turn: Turn, plan: PlanState, slot: SlotState, segment: number): void {
  const outcome = settledOutcome(slot)
  if (outcome === undefined || plan.disputed !== undefined) return
  const { keyring } = turn
  const attestation = keyring.sign('attestation', {
    kind: 'attestation',
    verdict: cborCid(outcome.verdict),
    slot: { plan: plan.cid, ...slot.place },
    unit: outcome.unit,
    revision: outcome.revision,
    result: outcome.result,
    coordinator: keyring.key,
    segment,
    atMs: turn.atMs
  })
  const about = { plan: plan.cid, slot: slot.place, coordinator: keyring.key }
  record(turn, { kind: 'attestation-logged', ...about, attestation })
  note(turn, 'slot.attested', { slot: slotKey(slot.place), segment })
  tellAttestation(turn, plan, outcome)
}

/** Tells our attestation; who does not know the verdict gets it first. */
export function tellAttestation(turn: Turn, plan: PlanState, outcome: SettledOutcome): void {
  const attestation = outcome.attestations.get(toHex(turn.state.setup.key))
  if (attestation === undefined) return
  const notice = { kind: 'verdict-notice' as const, verdict: outcome.verdict }
  const before = turn.keyring.sign('verdict-notice', notice)
  tellOthers(turn, plan, attestation, { before })
}

/** Another coordinator checked a verdict itself. */
export function onAttestation(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'attestation' }>
) {
  const { said, replyTo } = event
  const { slot: place, coordinator, verdict, result, unit, revision } = said.body
  const plan = turn.state.durable.plans.get(place.plan.toString())
  if (plan === undefined) return refuse(turn, replyTo, 'unknown-plan')
  const isMember = isVoter(turn.state, said.signer) && equals(coordinator, said.signer)
  if (!isMember) return refuse(turn, replyTo, 'inadmissible')
  const question = questionOf(place, { unit, revision })
  const name = `attestation ${place.plan} ${question} ${toHex(said.signer)}`
  if (checkEquivocation(turn, 'attestation', name, said)) {
    return refuse(turn, replyTo, 'inadmissible')
  }
  const slot = plan.slots.get(slotKey(place))
  const outcome = slot === undefined ? undefined : settledOutcome(slot)
  const isSame = outcome !== undefined && cborCid(outcome.verdict).equals(verdict)
  // Its sender then shows us the verdict, which is new, newer, or proves that there are two.
  if (slot === undefined || !isSame) return refuse(turn, replyTo, 'unknown-plan')
  const signer = toHex(said.signer)
  const isOwner = signer === outcome.decidedBy
  if (isOwner || !outcome.result.equals(result)) return refuse(turn, replyTo, 'inadmissible')
  acknowledge(turn, replyTo, said.cid)
  if (outcome.attestations.has(signer)) return
  const about = { plan: plan.cid, slot: slot.place, coordinator: said.signer }
  record(turn, { kind: 'attestation-logged', ...about, attestation: said.envelope })
}

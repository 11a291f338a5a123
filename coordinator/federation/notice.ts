/**
 * What other coordinators say about slots. A verdict counts when the owner of its term signed it
 * and the statements in it prove a quorum, whoever passes it on; its result is fetched, so that we
 * can check it, assemble, and serve it when the owner is gone.
 */

import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import { toBlock } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import type { Verdict } from '../../protocol/message/result.ts'
import type { Slot } from '../../protocol/plan.ts'
import { revisionOf } from '../../protocol/proof/equivocation.ts'
import { bodyOf } from '../../protocol/signed.ts'
import { finalState, traceRootOf } from '../../protocol/trace.ts'
import type { CoordinatorEvent } from '../event.ts'
import type { FactOf } from '../fact.ts'
import { inputOf } from '../slot-changes.ts'
import { outputBytesMaxOf, type PlanSlot, type SlotInput, unitOf, windowCount } from '../slots.ts'
import { type PlanState, type SettledOutcome, type SlotState, slotKey } from '../state.ts'
import { act, askAgain, mayAsk, note, record, refuse, type Turn } from '../turn.ts'
import { checkSegment, isBeingChecked } from './attestation.ts'
import { accuse, checkEquivocation } from './equivocation.ts'
import { questionOf } from './final-slots.ts'
import { acknowledge } from './members.ts'
import { isProven } from './proven.ts'
import { isVoter, ownershipOf } from './ranks.ts'
import { refuseStale } from './takeover.ts'

type VerdictNoticed = Extract<CoordinatorEvent, { kind: 'verdict-notice' }>
type GapNoticed = Extract<CoordinatorEvent, { kind: 'gap-notice' }>

/** Prefix of the fetches of other owners' results. */
const SLOT_FETCH = 'slot:'

const placeOf = ({ member, block, window }: Slot): PlanSlot => ({ member, block, window })

interface Said {
  readonly slot: Slot
  readonly term: number
  /** Who decided, and who tells it. */
  readonly signer: Uint8Array
  readonly teller: Uint8Array
}

/**
 * The plan of a notice, if we know it and its signer owns the slot in its term; otherwise it is
 * refused: with the evidence where an owner tells of a term that is over.
 */
function planOfNotice(turn: Turn, replyTo: string, said: Said): PlanState | undefined {
  const { slot, term, signer, teller } = said
  const { state } = turn
  const plan = state.durable.plans.get(slot.plan.toString())
  if (plan === undefined) {
    refuse(turn, replyTo, 'unknown-plan')
    return undefined
  }
  const { memberCount, blocks } = plan.body
  const isInPlan =
    slot.member < memberCount && slot.block < blocks.length && slot.window < windowCount(plan.body)
  const { ranks, term: present } = ownershipOf(state, plan, slot)
  const owner = ranks[term]
  const isFromOwner = owner !== undefined && equals(owner, signer)
  if (!isInPlan || !isFromOwner || !isVoter(state, teller) || !isVoter(state, signer)) {
    if (isFromOwner && state.durable.expelled.has(toHex(signer))) {
      refuseStale(turn, replyTo, plan, signer)
    } else {
      refuse(turn, replyTo, 'inadmissible')
    }
    return undefined
  }
  // It has heard of a deposition that we have not: its proof is on the way.
  if (term > present) {
    refuse(turn, replyTo, 'unknown-plan')
    return undefined
  }
  const isKnown = plan.slots.get(slotKey(slot))?.outcome !== undefined
  if (plan.rules.fencing && term < present && equals(signer, teller) && !isKnown) {
    refuseStale(turn, replyTo, plan, signer)
    return undefined
  }
  return plan
}

const expectedUnit = (plan: PlanState, place: PlanSlot, input: SlotInput): CID =>
  toBlock(unitOf(plan.body, place, input)).cid

/** May a verdict replace what we know? A later term or revision, and nothing else attested. */
function mayReplace(plan: PlanState, body: Verdict): boolean {
  const { term, unit, result } = body
  const known = plan.slots.get(slotKey(body.slot))?.outcome
  if (known === undefined) return true
  const revision = revisionOf(body)
  const isRevised = known.kind === 'settled' && revision > known.revision
  if (term < known.term || (term === known.term && !isRevised)) return false
  const question = questionOf(body.slot, { unit, revision })
  const attested = plan.rules.oneAttestation ? plan.attested.get(question) : undefined
  return attested === undefined || attested.equals(result)
}

/** Says "received" to what we know already, and finds out who says two things. */
function onKnown(turn: Turn, event: VerdictNoticed, known: NonNullable<SlotState['outcome']>) {
  const { verdict, replyTo, said } = event
  const { term } = verdict.body
  if (known.kind === 'settled') {
    if (equals(known.verdict, verdict.envelope)) return acknowledge(turn, replyTo, said.cid)
    const isOne = known.term === term && known.decidedBy === toHex(verdict.signer)
    if (isOne && accuse(turn, 'verdict', verdict, known.verdict)) {
      return acknowledge(turn, replyTo, said.cid)
    }
  }
  // Of an earlier term: who has it hears of the later one from its owner.
  if (term < known.term) return acknowledge(turn, replyTo, said.cid)
  note(turn, 'notice.refused', { slot: slotKey(verdict.body.slot), reason: 'second-outcome' })
  return refuse(turn, replyTo, 'inadmissible')
}

export function onVerdictNotice(turn: Turn, event: VerdictNoticed) {
  const { verdict, replyTo, said, agreeing } = event
  const { body, signer } = verdict
  const about = { slot: body.slot, term: body.term, signer, teller: said.signer }
  const plan = planOfNotice(turn, replyTo, about)
  if (plan === undefined) return
  const place = placeOf(body.slot)
  const key = slotKey(place)
  const known = plan.slots.get(key)?.outcome
  const isOwn = equals(signer, turn.state.setup.key)
  if (known !== undefined && !mayReplace(plan, body)) {
    return onKnown(turn, event, known)
  }
  if (isOwn) return refuse(turn, replyTo, 'inadmissible')
  const name = ['verdict', body.slot.plan, key, body.term, revisionOf(body), body.unit].join(' ')
  const input = inputOf(plan, place)
  const isUnit =
    !plan.rules.unitCheck ||
    input === undefined ||
    expectedUnit(plan, place, input).equals(body.unit)
  const isGood = isUnit && isProven(turn.state, body, agreeing, plan.body.mesh)
  const isDouble = !isGood || turn.state.live.doubtful.has(name)
  if (isDouble && checkEquivocation(turn, 'verdict', name, verdict)) {
    return acknowledge(turn, replyTo, said.cid)
  }
  if (!isGood) {
    note(turn, 'notice.refused', { slot: key, reason: 'not-proven' })
    return refuse(turn, replyTo, 'inadmissible')
  }
  const { envelope } = verdict
  record(turn, { kind: 'verdict-noted', plan: plan.cid, slot: place, verdict: envelope })
  note(turn, 'notice.accepted', { slot: key })
  acknowledge(turn, replyTo, said.cid)
  fetchForeign(turn, plan)
}

export function onGapNotice(turn: Turn, event: GapNoticed) {
  const { said, replyTo } = event
  const { slot, term, reason } = said.body
  const place = placeOf(slot)
  const { signer } = said
  const plan = planOfNotice(turn, replyTo, { slot, term, signer, teller: signer })
  if (plan === undefined) return
  const known = plan.slots.get(slotKey(place))?.outcome
  if (known !== undefined && known.kind !== 'failed') {
    note(turn, 'notice.refused', { slot: slotKey(place), reason: 'second-outcome' })
    return refuse(turn, replyTo, 'inadmissible')
  }
  if (known === undefined) {
    record(turn, { kind: 'gap-noted', plan: plan.cid, slot: place, term, reason })
    note(turn, 'notice.accepted', { slot: slotKey(place) })
  }
  acknowledge(turn, replyTo, said.cid)
}

const fetchName = (plan: PlanState, slot: SlotState): string =>
  `${SLOT_FETCH}${plan.cid} ${slotKey(slot.place)}`

/** Fetches of foreign results under way for one plan; the rest follows as they end. */
const FETCHES_MAX = 16

/** Asks for the results of other owners' verdicts that are not here, or not checked, yet. */
export function fetchForeign(turn: Turn, plan: PlanState): void {
  fetchSome(turn, plan, plan.awaited)
  fetchSome(turn, plan, plan.unchecked)
}

function fetchSome(turn: Turn, plan: PlanState, keys: ReadonlySet<string>): void {
  let room = FETCHES_MAX
  for (const key of keys) {
    const slot = plan.slots.get(key)
    if (room === 0 || slot?.outcome?.kind !== 'settled') return
    room -= 1
    const { fetchMs, resendMs } = turn.state.timers
    const fetch = fetchName(plan, slot)
    if (isBeingChecked(turn, plan, key)) continue
    if (!mayAsk(turn, fetch, fetchMs + resendMs)) continue
    const { agreeing } = bodyOf('verdict', slot.outcome.verdict)
    const { owner } = ownershipOf(turn.state, plan, slot.place)
    act(turn, {
      kind: 'fetch',
      fetch,
      result: slot.outcome.result,
      outputBytesMax: outputBytesMaxOf(plan.body, slot.place),
      peers: [...(owner === undefined ? [] : [owner]), ...agreeing.map(({ peer }) => peer)],
      withinMs: fetchMs
    })
  }
}

/** A fetched foreign result must be what its verdict says; then a segment of it is checked. */
export function onForeignFetched(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'fetched' | 'fetch-failed' }>
): void {
  const [cid = '', key = ''] = event.fetch.slice(SLOT_FETCH.length).split(' ')
  const plan = turn.state.durable.plans.get(cid)
  const slot = plan?.slots.get(key)
  const outcome = slot?.outcome
  if (plan === undefined || slot === undefined || outcome?.kind !== 'settled') return
  if (event.kind === 'fetch-failed') {
    askAgain(turn, event.fetch)
    return
  }
  const { result } = event
  if (!isWhatWasDecided(outcome, result)) {
    dispute(turn, plan, slot.place, 'result-differs')
    return
  }
  if (outcome.held === undefined) {
    const { bounds } = result
    const state = finalState(result)
    record(turn, { kind: 'result-held', plan: plan.cid, slot: slot.place, state, bounds })
  }
  // What cannot be checked yet (its window before is not here) is fetched, from our store, again.
  askAgain(turn, event.fetch)
  checkSegment(turn, plan, slot, result)
}

const isWhatWasDecided = (
  outcome: SettledOutcome,
  result: Extract<CoordinatorEvent, { kind: 'fetched' }>['result']
): boolean =>
  result.unit.equals(outcome.unit) &&
  result.fuel === outcome.fuel &&
  equals(result.traceRoot, outcome.traceRoot) &&
  equals(traceRootOf(result), outcome.traceRoot)

/** Signs nothing of this plan any more, and says so. */
export function dispute(
  turn: Turn,
  plan: PlanState,
  slot: PlanSlot,
  reason: FactOf<'plan-disputed'>['reason']
): void {
  if (plan.disputed !== undefined) return
  record(turn, { kind: 'plan-disputed', plan: plan.cid, slot, reason })
  note(turn, 'plan.disputed', { plan: plan.cid.toString(), slot: slotKey(slot), reason })
}

/** Is every foreign unit the one its chain leads to? Disputes the plan when not. */
export function checkForeignUnits(turn: Turn, plan: PlanState): boolean {
  for (const { isOwned, place, outcome } of plan.slots.values()) {
    if (isOwned || outcome?.kind !== 'settled') continue
    const input = inputOf(plan, place)
    const isUnit =
      !plan.rules.unitCheck ||
      (input !== undefined && expectedUnit(plan, place, input).equals(outcome.unit))
    if (!isUnit) {
      dispute(turn, plan, place, 'unit-differs')
      return false
    }
  }
  return true
}

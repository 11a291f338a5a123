/**
 * What other coordinators say about their slots. A verdict counts when its owner signed it and the
 * reveals and bindings in it show a quorum; its result is fetched, so that we can assemble, and
 * serve it when the owner is gone.
 */

import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import { toBlock } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import { ownerOf } from '../../protocol/ownership.ts'
import type { Slot } from '../../protocol/plan.ts'
import { bodyOf } from '../../protocol/signed.ts'
import { finalState, traceRootOf } from '../../protocol/trace.ts'
import type { CoordinatorEvent } from '../event.ts'
import { acknowledge } from '../plan.ts'
import {
  firstInput,
  outputBytesMaxOf,
  type PlanSlot,
  type SlotInput,
  unitOf,
  windowCount
} from '../slots.ts'
import { type PlanState, type SettledOutcome, type SlotState, slotKey } from '../state.ts'
import { act, askAgain, mayAsk, note, record, refuse, type Turn } from '../turn.ts'

type VerdictNoticed = Extract<CoordinatorEvent, { kind: 'verdict-notice' }>
type GapNoticed = Extract<CoordinatorEvent, { kind: 'gap-notice' }>

/** Prefix of the fetches of other owners' results. */
const SLOT_FETCH = 'slot:'

const placeOf = ({ member, block, window }: Slot): PlanSlot => ({ member, block, window })

const ownerIn = (turn: Turn, plan: CID, place: PlanSlot): Uint8Array =>
  ownerOf(
    turn.state.setup.federation.body.coordinators.map(({ key }) => key),
    plan,
    place
  )

/** The plan of a notice, if we know it and its signer owns the slot; otherwise it is refused. */
function planOfNotice(
  turn: Turn,
  event: VerdictNoticed | GapNoticed,
  slot: Slot,
  signer: Uint8Array
): PlanState | undefined {
  const plan = turn.state.durable.plans.get(slot.plan.toString())
  if (plan === undefined) {
    refuse(turn, event.replyTo, 'unknown-plan')
    return undefined
  }
  const { memberCount, blocks } = plan.body
  const isInPlan =
    slot.member < memberCount && slot.block < blocks.length && slot.window < windowCount(plan.body)
  const owner = ownerIn(turn, slot.plan, slot)
  if (
    !isInPlan ||
    equals(owner, turn.state.setup.key) ||
    !equals(owner, signer) ||
    !equals(event.said.signer, signer)
  ) {
    refuse(turn, event.replyTo, 'inadmissible')
    return undefined
  }
  return plan
}

/** What a slot starts from, where we know it. */
function inputOf(plan: PlanState, place: PlanSlot): SlotInput | undefined {
  if (place.window === 0) return firstInput(plan.body, place)
  const before = plan.slots.get(slotKey({ ...place, window: place.window - 1 }))?.outcome
  return before?.kind === 'settled' ? before.held : undefined
}

const expectedUnit = (plan: PlanState, place: PlanSlot, input: SlotInput): CID =>
  toBlock(unitOf(plan.body, place, input)).cid

/** Do the replicas inside a verdict prove what it says? */
function isProven({ verdict, agreeing }: VerdictNoticed, quorum: number): boolean {
  const { body } = verdict
  const operators = new Set<string>()
  for (const [index, { binding, reveal }] of agreeing.entries()) {
    const voter = body.agreeing[index]
    const holds =
      voter !== undefined &&
      equals(binding.signer, voter.operator) &&
      equals(binding.body.operator, voter.operator) &&
      equals(binding.body.peer, voter.peer) &&
      equals(reveal.signer, voter.peer) &&
      equals(reveal.body.operator, voter.operator) &&
      equals(reveal.body.traceRoot, body.traceRoot) &&
      reveal.body.unit.equals(body.unit) &&
      reveal.body.result.equals(body.result) &&
      reveal.body.fuel === body.fuel
    if (!holds) return false
    operators.add(toHex(voter.operator))
  }
  return operators.size === agreeing.length && operators.size >= quorum
}

export function onVerdictNotice(turn: Turn, event: VerdictNoticed) {
  const { verdict, replyTo, said } = event
  const place = placeOf(verdict.body.slot)
  const plan = planOfNotice(turn, event, verdict.body.slot, verdict.signer)
  if (plan === undefined) return
  const known = plan.slots.get(slotKey(place))?.outcome
  if (known !== undefined) {
    const isSame = known.kind === 'settled' && equals(known.verdict, verdict.envelope)
    if (isSame) return acknowledge(turn, replyTo, said.cid)
    note(turn, 'notice.refused', { slot: slotKey(place), reason: 'second-outcome' })
    return refuse(turn, replyTo, 'inadmissible')
  }
  const input = inputOf(plan, place)
  const isUnit =
    !plan.rules.unitCheck ||
    input === undefined ||
    expectedUnit(plan, place, input).equals(verdict.body.unit)
  if (!isUnit || !isProven(event, plan.body.mesh.quorum)) {
    note(turn, 'notice.refused', { slot: slotKey(place), reason: 'not-proven' })
    return refuse(turn, replyTo, 'inadmissible')
  }
  record(turn, {
    kind: 'verdict-noted',
    plan: plan.cid,
    slot: place,
    verdict: verdict.envelope
  })
  note(turn, 'notice.accepted', { slot: slotKey(place) })
  acknowledge(turn, replyTo, said.cid)
  fetchForeign(turn, plan)
}

export function onGapNotice(turn: Turn, event: GapNoticed) {
  const { said, replyTo } = event
  const { slot, reason } = said.body
  const place = placeOf(slot)
  const plan = planOfNotice(turn, event, slot, said.signer)
  if (plan === undefined) return
  if (plan.slots.get(slotKey(place))?.outcome?.kind === 'failed') {
    return acknowledge(turn, replyTo, said.cid)
  }
  for (let { window } = place; window < windowCount(plan.body); window += 1) {
    const known = plan.slots.get(slotKey({ ...place, window }))?.outcome
    if (known?.kind === 'settled') return refuse(turn, replyTo, 'inadmissible')
  }
  record(turn, { kind: 'gap-noted', plan: plan.cid, slot: place, reason })
  note(turn, 'notice.accepted', { slot: slotKey(place), reason })
  acknowledge(turn, replyTo, said.cid)
}

const fetchName = (plan: PlanState, slot: SlotState): string =>
  `${SLOT_FETCH}${plan.cid} ${slotKey(slot.place)}`

/** Fetches of foreign results under way for one plan; the rest follows as they end. */
const FETCHES_MAX = 16

/** Asks for the results of other owners' verdicts that are not here yet. */
export function fetchForeign(turn: Turn, plan: PlanState): void {
  let room = FETCHES_MAX
  for (const key of plan.awaited) {
    const slot = plan.slots.get(key)
    if (room === 0 || slot?.outcome?.kind !== 'settled') return
    room -= 1
    const { fetchMs, resendMs } = turn.state.timers
    const fetch = fetchName(plan, slot)
    if (!mayAsk(turn, fetch, fetchMs + resendMs)) continue
    const { agreeing } = bodyOf('verdict', slot.outcome.verdict)
    act(turn, {
      kind: 'fetch',
      fetch,
      result: slot.outcome.result,
      outputBytesMax: outputBytesMaxOf(plan.body, slot.place),
      peers: [ownerIn(turn, plan.cid, slot.place), ...agreeing.map(({ peer }) => peer)],
      withinMs: fetchMs
    })
  }
}

/** A fetched foreign result must be what its verdict says. */
export function onForeignFetched(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'fetched' | 'fetch-failed' }>
): PlanState | undefined {
  const [cid = '', key = ''] = event.fetch.slice(SLOT_FETCH.length).split(' ')
  const plan = turn.state.durable.plans.get(cid)
  const slot = plan?.slots.get(key)
  const outcome = slot?.outcome
  if (plan === undefined || slot === undefined || outcome?.kind !== 'settled') return undefined
  if (outcome.held !== undefined) return plan
  if (event.kind === 'fetch-failed') {
    askAgain(turn, event.fetch)
    return plan
  }
  const { result } = event
  if (isWhatWasDecided(outcome, result)) {
    const { bounds } = result
    const state = finalState(result)
    record(turn, { kind: 'result-held', plan: plan.cid, slot: slot.place, state, bounds })
  } else {
    dispute(turn, plan, slot.place, 'result-differs')
  }
  return plan
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
  reason: 'unit-differs' | 'result-differs' | 'recompute-differs'
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

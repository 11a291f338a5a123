/**
 * The end of a plan: once every slot is final or a gap, assemble and sign. The lead collects
 * cosignatures and publishes; the others answer its proposal.
 * Every coordinator derives the forecast itself, so a proposal is compared, never believed.
 */

import { equals } from 'uint8arrays/equals'
import { toBlock } from '../protocol/canonical.ts'
import { toHex } from '../protocol/hex.ts'
import type { Cosignature, ForecastBody } from '../protocol/message/forecast.ts'
import { type Authentic, bodyOf } from '../protocol/signed.ts'
import { unitsBlocks } from '../protocol/units.ts'
import type { SettledSlot } from './effect.ts'
import type { CoordinatorEvent } from './event.ts'
import { questionOf } from './federation/final-slots.ts'
import { acknowledge, othersOf } from './federation/members.ts'
import { checkForeignUnits, fetchForeign } from './federation/notice.ts'
import { tellOthers } from './federation/outbox.ts'
import { isVoter, leadOf } from './federation/ranks.ts'
import { isRefuted } from './federation/refutation.ts'
import { slotCount, slotsOf } from './slots.ts'
import { type PlanState, type SettledOutcome, type SlotState, slotKey } from './state.ts'
import { act, askAgain, mayAsk, note, record, refuse, type Turn } from './turn.ts'

type Settled = SlotState & { readonly outcome: SettledOutcome }

/** Slots that a cosignature lists at most (protocol/message/forecast.ts). */
const CHECKED_MAX = 64

export const isLead = (turn: Turn, plan: PlanState): boolean =>
  equals(leadOf(turn.state, plan), turn.state.setup.key)

/** Settled slots in slot order. */
function settledOf(plan: PlanState): Settled[] {
  const settled: Settled[] = []
  for (const place of slotsOf(plan.body)) {
    const slot = plan.slots.get(slotKey(place))
    if (slot?.outcome?.kind === 'settled') settled.push(slot as Settled)
  }
  return settled
}

export const isComplete = (plan: PlanState): boolean =>
  plan.settledCount + plan.failedCount === slotCount(plan.body)

const listed = (settled: readonly Settled[]): SettledSlot[] =>
  settled.map(({ place, outcome }) => ({ ...place, result: outcome.result }))

/** The forecast as we see it, once the product is assembled. */
function forecastOf(turn: Turn, plan: PlanState): ForecastBody {
  if (plan.product === undefined) throw new Error('defect: a forecast without a product')
  const gaps = [...slotsOf(plan.body)].filter(
    (place) => plan.slots.get(slotKey(place))?.outcome?.kind === 'failed'
  )
  return {
    kind: 'forecast',
    plan: plan.cid,
    federation: toBlock(turn.state.setup.federation.body).cid,
    product: plan.product,
    units: unitsBlocks(settledOf(plan).map(({ outcome }) => outcome.verdict)).cid,
    gaps: gaps.map((place) => ({ plan: plan.cid, ...place })),
    version: plan.version
  }
}

/** Names the results that a product is made of. */
const madeOf = (settled: readonly SettledSlot[]): string =>
  settled.map(({ result }) => result).join()

function askAssembly(turn: Turn, plan: PlanState): void {
  if (!mayAsk(turn, `assemble:${plan.cid}`, turn.state.timers.leaseMaxMs)) return
  if (!checkForeignUnits(turn, plan)) return
  const settled = listed(settledOf(plan))
  turn.state.live.assembling.set(plan.cid.toString(), madeOf(settled))
  act(turn, { kind: 'assemble', plan: plan.cid, body: plan.body, settled })
}

function propose(turn: Turn, plan: PlanState, forecast: ForecastBody) {
  if (othersOf(turn).length === 0) return
  const body = toBlock(forecast).bytes
  const proposal = turn.keyring.sign('forecast-proposal', { kind: 'forecast-proposal', body })
  tellOthers(turn, plan, proposal, { wantsCosignature: true })
}

/** Slots of which we re-ran a segment for an attestation, as many as a cosignature lists. */
function checkedOf(plan: PlanState): Cosignature['recomputed'] {
  const checked = settledOf(plan).filter(({ place, outcome }) =>
    plan.attested.has(questionOf(place, outcome))
  )
  return checked.slice(0, CHECKED_MAX).map(({ place }) => ({ plan: plan.cid, ...place }))
}

/** Signs the forecast as we found it; the lead then asks the others to. */
function cosign(turn: Turn, plan: PlanState) {
  const forecast = forecastOf(turn, plan)
  const cosignature = turn.keyring.sign('cosignature', {
    kind: 'cosignature',
    forecast: toBlock(forecast).cid,
    coordinator: turn.state.setup.key,
    recomputed: checkedOf(plan)
  })
  const coordinator = turn.state.setup.key
  record(turn, { kind: 'cosignature-logged', plan: plan.cid, coordinator, cosignature })
  note(turn, 'forecast.cosigned', { plan: plan.cid.toString() })
  if (isLead(turn, plan)) propose(turn, plan, forecast)
}

/** In the order of their signers' keys. */
const attestationsOf = (turn: Turn, { attestations }: SettledOutcome): Uint8Array[] =>
  [...attestations.entries()]
    .filter(([name]) => !turn.state.durable.expelled.has(name))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, envelope]) => envelope)

function askPublish(turn: Turn, plan: PlanState) {
  if (!mayAsk(turn, `publish:${plan.cid}`, turn.state.timers.leaseMaxMs)) return
  const own = toHex(turn.state.setup.key)
  const others = [...plan.cosignatures.keys()].filter((key) => key !== own).sort()
  const settled = settledOf(plan)
  act(turn, {
    kind: 'publish',
    plan: plan.cid,
    body: plan.body,
    forecast: forecastOf(turn, plan),
    cosignatures: [own, ...others].flatMap((key) => plan.cosignatures.get(key) ?? []),
    verdicts: settled.map(({ outcome }) => outcome.verdict),
    attestations: settled.flatMap(({ outcome }) => attestationsOf(turn, outcome)),
    settled: listed(settled)
  })
}

/** Takes a plan as far towards publication as it can go now. */
export function advance(turn: Turn, plan: PlanState) {
  if (plan.forecast !== undefined || plan.disputed !== undefined) return
  fetchForeign(turn, plan)
  if (!isComplete(plan)) return
  if (plan.awaited.size > 0 || plan.unattested.size > 0 || plan.recheckCount > 0) return
  if (isRefuted(plan)) return
  if (plan.product === undefined) return askAssembly(turn, plan)
  if (!plan.cosignatures.has(toHex(turn.state.setup.key))) cosign(turn, plan)
  const needed = turn.state.setup.federation.body.signaturesNeeded
  if (isLead(turn, plan) && plan.cosignatures.size >= needed) askPublish(turn, plan)
}

/** After a restart: the lead asks again for what it lacks. */
export function proposeAgain(turn: Turn, plan: PlanState) {
  const isSigned = plan.cosignatures.has(toHex(turn.state.setup.key))
  if (isSigned && isLead(turn, plan)) propose(turn, plan, forecastOf(turn, plan))
}

export function onAssembled(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'assembled' | 'assemble-failed' }>
) {
  const plan = turn.state.durable.plans.get(event.plan.toString())
  if (plan === undefined || plan.product !== undefined) return
  turn.state.live.asked.delete(`assemble:${plan.cid}`)
  // A verdict was taken back or replaced meanwhile: this product is of no use.
  const asked = turn.state.live.assembling.get(plan.cid.toString())
  if (asked !== madeOf(listed(settledOf(plan)))) return advance(turn, plan)
  if (event.kind === 'assembled') {
    record(turn, { kind: 'product-assembled', plan: plan.cid, product: event.product })
    note(turn, 'product.assembled', { product: event.product.toString() })
    return advance(turn, plan)
  }
  askAgain(turn, `assemble:${plan.cid}`)
  note(turn, 'product.failed', { plan: plan.cid.toString(), reason: event.reason })
}

/** Answers with our cosignature when we found the same forecast, else only that we heard it. */
export function onForecastProposal(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'forecast-proposal' }>
) {
  const { said, forecast, replyTo } = event
  const isMember = othersOf(turn).some(({ key }) => equals(key, said.signer))
  if (!isMember) return refuse(turn, replyTo, 'inadmissible')
  const plan = turn.state.durable.plans.get(forecast.plan.toString())
  if (plan === undefined) return refuse(turn, replyTo, 'unknown-plan')
  const own = plan.cosignatures.get(toHex(turn.state.setup.key))
  const proposed = toBlock(forecast).cid
  if (own !== undefined && bodyOf('cosignature', own).forecast.equals(proposed)) {
    return acknowledge(turn, replyTo, said.cid, own)
  }
  if (own !== undefined) note(turn, 'forecast.not-cosigned', { plan: plan.cid.toString() })
  acknowledge(turn, replyTo, said.cid)
}

/** A cosignature counts when it is about our forecast; what its signer checked, it attested. */
export function onCosignature(turn: Turn, plan: PlanState, given: Authentic<Cosignature>): void {
  const { body, signer } = given
  const isMember = isVoter(turn.state, signer) && !equals(signer, turn.state.setup.key)
  const own = plan.cosignatures.get(toHex(turn.state.setup.key))
  if (!isMember || own === undefined || !equals(body.coordinator, signer)) return
  const isOurs = bodyOf('cosignature', own).forecast.equals(body.forecast)
  if (!isOurs || plan.cosignatures.has(toHex(signer))) return
  const cosignature = given.envelope
  record(turn, { kind: 'cosignature-logged', plan: plan.cid, coordinator: signer, cosignature })
  advance(turn, plan)
}

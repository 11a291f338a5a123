/**
 * The coordinator: one event in, effects out. Reading this file tells the story of a forecast: a
 * plan is opened, its slots are leased, committed, revealed, checked and settled, the product is
 * assembled, checked and signed by the coordinators, and published.
 *
 */
import type { Keyring } from '../protocol/signed.ts'
import { apply } from './apply.ts'
import { expireReveal, faultReplica, onCommit, onReplicaFetched, onReveal } from './commit.ts'
import type { CoordinatorEffect } from './effect.ts'
import type { CoordinatorEvent } from './event.ts'
import type { Fact } from './fact.ts'
import {
  onAttestAudited,
  onAttestation,
  onRecomputed,
  tellAttestation
} from './federation/attestation.ts'
import { onProof, tellProof } from './federation/equivocation.ts'
import { onHead, tellHead } from './federation/heads.ts'
import { onForeignFetched, onGapNotice, onVerdictNotice } from './federation/notice.ts'
import { pumpOutbox, takeAnswer, tellEveryone, tellOthers } from './federation/outbox.ts'
import { explain, isLaterGap } from './federation/outcomes.ts'
import {
  onPublication,
  onPublished,
  repeatPublications,
  tellPublication
} from './federation/publication.ts'
import { onAccusationAnswered } from './federation/refutation.ts'
import {
  hear,
  onDeposition,
  onSilence,
  tellDepositions,
  watchSilence
} from './federation/takeover.ts'
import { onWitnessRequest } from './federation/witness.ts'
import {
  advance,
  isLead,
  onAssembled,
  onCosignature,
  onForecastProposal,
  proposeAgain
} from './forecast.ts'
import { onLeaseRequest } from './grant/grant.ts'
import { expireLease, onHeartbeat, onRelease, tellNews } from './lease.ts'
import { announce, expirePlan, onProposed, onSubmitted, planProposal } from './plan.ts'
import {
  type CoordinatorSetup,
  type CoordinatorState,
  emptyState,
  findLease,
  isOver,
  type PlanState,
  type SlotState
} from './state.ts'
import { auditsDue, onOwnAudited } from './trust/audit.ts'
import { onFraud, onProofAudited, onProofRecomputed } from './trust/foreign-proof.ts'
import { fetchReplica } from './trust/result-fetch.ts'
import { hurryTail } from './trust/tail.ts'
import { beginTurn, endTurn, type Turn } from './turn.ts'
import { evaluate, gapNotice } from './verdict.ts'

/**
 * What a coordinator does about an event. The state is changed in place and is the one given; the
 * facts of the step come as its first effect.
 */
export function step(
  state: CoordinatorState,
  event: CoordinatorEvent,
  keyring: Keyring
): { state: CoordinatorState; effects: readonly CoordinatorEffect[] } {
  const turn = beginTurn(state, event, keyring)
  decide(turn, event)
  for (const { plan, slot } of turn.touched) evaluate(turn, plan, slot)
  tellNews(turn)
  pumpOutbox(turn)
  if (event.kind === 'tick') tellHead(turn)
  return { state, effects: endTurn(turn) }
}

/** The state after these facts; the next event must be `started`. */
export function replay(setup: CoordinatorSetup, facts: Iterable<Fact>): CoordinatorState {
  const state = emptyState(setup)
  for (const fact of facts) apply(state, fact)
  return state
}

function decide(turn: Turn, event: CoordinatorEvent) {
  if ('replyTo' in event && 'said' in event) hear(turn, event.said.signer)
  switch (event.kind) {
    case 'started':
      return onStarted(turn, event.addresses)
    case 'drain':
    case 'resume':
      turn.state.live.isDraining = event.kind === 'drain'
      return
    case 'tick':
      return onTick(turn)
    case 'plan-submitted':
      return onSubmitted(turn, event)
    case 'plan-proposal':
      return onProposed(turn, event)
    case 'lease-request':
      return onLeaseRequest(turn, event)
    case 'heartbeat':
      return onHeartbeat(turn, event)
    case 'release':
      onRelease(turn, event)
      return advanceAll(turn)
    case 'commit':
      onCommit(turn, event)
      return advanceAll(turn)
    case 'reveal':
      onReveal(turn, event)
      return advanceAll(turn)
    case 'fetched':
    case 'fetch-failed':
      if (!onReplicaFetched(turn, event)) onForeignFetched(turn, event)
      return advanceAll(turn)
    case 'assembled':
    case 'assemble-failed':
      return onAssembled(turn, event)
    case 'forecast-proposal':
      return onForecastProposal(turn, event)
    case 'answered':
      return onAnswered(turn, event)
    case 'unanswered':
      return
    case 'published':
    case 'publish-failed':
      return onPublished(turn, event)
    case 'publication':
      return onPublication(turn, event)
    case 'witness-request':
      return onWitnessRequest(turn, event)
    case 'head':
      return onHead(turn, event)
    default:
      decideAmongCoordinators(turn, event)
      return advanceAll(turn)
  }
}

/** What coordinators tell each other about slots and about themselves, and the checks it takes. */
function decideAmongCoordinators(
  turn: Turn,
  event: Extract<
    CoordinatorEvent,
    {
      kind:
        | 'verdict-notice'
        | 'gap-notice'
        | 'attestation'
        | 'silence'
        | 'deposition'
        | 'equivocation-proof'
        | 'fraud-proof'
        | 'mismatch-proof'
        | 'garbage-proof'
        | 'audited'
        | 'audit-failed'
        | 'recomputed'
        | 'recompute-failed'
    }
  >
) {
  switch (event.kind) {
    case 'verdict-notice':
      return onVerdictNotice(turn, event)
    case 'gap-notice':
      return onGapNotice(turn, event)
    case 'attestation':
      return onAttestation(turn, event)
    case 'silence':
      return onSilence(turn, event)
    case 'deposition':
      return onDeposition(turn, event)
    case 'equivocation-proof':
      return onProof(turn, event)
    case 'fraud-proof':
    case 'mismatch-proof':
    case 'garbage-proof':
      return onFraud(turn, event)
    case 'audited':
    case 'audit-failed':
      return onAttestAudited(turn, event) || onAudited(turn, event)
    case 'recomputed':
    case 'recompute-failed':
      onProofRecomputed(turn, event)
      return onRecomputed(turn, event)
  }
}

/** A segment was run: its slot is looked at again. */
function onAudited(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'audited' | 'audit-failed' }>
): void {
  if (onProofAudited(turn, event)) return
  const place = onOwnAudited(turn, event, (replica, plan, slot) =>
    faultReplica(turn, { plan, slot, replica }, 'opening-missing')
  )
  if (place !== undefined) evaluate(turn, place.plan, place.slot)
}

function onAnswered(turn: Turn, event: Extract<CoordinatorEvent, { kind: 'answered' }>): void {
  hear(turn, event.to)
  explain(turn, event)
  onAccusationAnswered(turn, event)
  const outgoing = takeAnswer(turn, event)
  if (outgoing === undefined || event.answer.kind !== 'acknowledgement') return
  const plan = turn.state.durable.plans.get(outgoing.plan)
  const { cosignature } = event.answer
  if (plan !== undefined && cosignature !== undefined) onCosignature(turn, plan, cosignature)
}

/** Everything that was in flight when the process ended is issued again. */
function onStarted(turn: Turn, addresses: readonly string[]): void {
  const { live, durable } = turn.state
  live.startedAtMs = turn.atMs
  live.addresses = addresses
  for (const proof of durable.expelled.values()) tellProof(turn, proof)
  for (const { convicted } of durable.operators.values()) {
    if (convicted !== undefined) tellEveryone(turn, convicted)
  }
  for (const plan of durable.plans.values()) {
    if (plan.forecast !== undefined) {
      tellPublication(turn, plan)
      if (plan.open.size === 0) continue
    }
    if (isLead(turn, plan)) tellOthers(turn, plan, planProposal(turn, plan))
    tellDepositions(turn, plan)
    for (const slot of [...plan.slots.values()]) {
      if (slot.isOwned) takeUpSlot(turn, plan, slot)
      else if (slot.outcome?.kind === 'settled') tellAttestation(turn, plan, slot.outcome)
    }
    proposeAgain(turn, plan)
  }
  onTick(turn)
}

function takeUpSlot(turn: Turn, plan: PlanState, slot: SlotState): void {
  const { outcome } = slot
  if (!isOver(slot)) {
    for (const replica of slot.replicas.values()) fetchReplica(turn, { plan, slot, replica })
    evaluate(turn, plan, slot)
  }
  if (outcome?.kind === 'settled') {
    const { verdict } = outcome
    const notice = turn.keyring.sign('verdict-notice', { kind: 'verdict-notice', verdict })
    tellOthers(turn, plan, notice)
  } else if (outcome?.kind === 'failed') {
    if (!isLaterGap(plan, slot.place))
      tellOthers(turn, plan, gapNotice(turn, plan, slot, outcome.reason))
  }
}

/** Every timer there is. */
function onTick(turn: Turn): void {
  const { durable } = turn.state
  for (const lease of [...durable.active]) {
    const found = findLease(durable, lease)
    if (found === undefined || isOver(found.slot)) continue
    expireLease(turn, found)
    expireReveal(turn, found)
    if (!isOver(found.slot)) hurryTail(turn, found)
  }
  for (const { plan, slot } of auditsDue(turn)) evaluate(turn, plan, slot)
  forgetUnseen(turn)
  for (const plan of durable.plans.values()) {
    if (plan.forecast !== undefined && plan.open.size === 0) continue
    expirePlan(turn, plan)
    announce(turn, plan)
    advance(turn, plan)
  }
  watchSilence(turn)
  repeatPublications(turn)
}

/** Elders and peers that were not heard for long are not counted on. */
function forgetUnseen(turn: Turn): void {
  const { live, timers } = turn.state
  for (const [operator, atMs] of live.eldersSeen) {
    if (turn.atMs - atMs > timers.leaseMinMs) live.eldersSeen.delete(operator)
  }
  for (const [peer, atMs] of live.askers) {
    if (turn.atMs - atMs > timers.leaseMinMs) live.askers.delete(peer)
  }
}

function advanceAll(turn: Turn): void {
  for (const plan of turn.state.durable.plans.values()) advance(turn, plan)
}

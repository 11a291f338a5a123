/**
 * Lease requests: who may compute what. The requester cannot choose its unit, so owning many peers
 * does not help to reach a quorum; an operator never gets a second replica of a slot.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import type { CID } from 'multiformats/cid'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { toBlock } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import { SOURCES_MAX } from '../../protocol/limits.ts'
import type { LeaseRequest, RefusalReason } from '../../protocol/message/lease.ts'
import type { WorkUnit } from '../../protocol/work-unit.ts'
import type { CoordinatorEvent } from '../event.ts'
import { isAdmitted } from '../federation/admission.ts'
import { witnessesOf } from '../federation/ranks.ts'
import { refuseStale } from '../federation/takeover.ts'
import { resume } from '../lease.ts'
import { unitOf } from '../slots.ts'
import { findLease, isOver, slotKey } from '../state.ts'
import { hasElder, isElder } from '../trust/elders.ts'
import { isLottery, sealOf, secretOf } from '../trust/lottery.ts'
import { type OperatorState, standingOfOperator } from '../trust/reputation.ts'
import { isSkewed, note, record, refuse, reply, type Turn } from '../turn.ts'
import { type Candidate, candidatesOf } from './candidates.ts'

type LeaseRequested = Extract<CoordinatorEvent, { kind: 'lease-request' }>

/** Lease = this × the estimate + leaseExtra, within [leaseMin, leaseMax] (PROTOCOL §3). */
const ESTIMATE_FACTOR = 4
/**
 * Weights of the choice: a plan's priority, inputs at hand, an hour of waiting, chance. Who has the
 * state also has the tiles around its particles; who has only the forcing has some of its tiles.
 */
const PRIORITY_WEIGHT = 1
const CACHED_STATE_WEIGHT = 1
const CACHED_FORCING_WEIGHT = 0.5
const AGE_WEIGHT_PER_HOUR = 0.5
const RANDOM_WEIGHT = 1
/** A slot that somebody computes already is decided sooner. */
const WAITING_WEIGHT = 1
/** An elder goes first where newer operators wait for one. */
const PAIR_WEIGHT = 1
const HOUR_MS = 3_600_000

/** Who asks, if it is who it says and may compute for its operator now. */
function operatorOf(turn: Turn, event: LeaseRequested): Uint8Array | undefined {
  const { body, signer } = event.binding
  const isBound =
    equals(body.peer, event.said.signer) &&
    equals(body.operator, signer) &&
    body.expiresAtMs > turn.atMs
  return isBound ? signer : undefined
}

/** Answers a repeated request as the first time. @returns false when it is a new one */
function repeatGrant(turn: Turn, event: LeaseRequested): boolean {
  const { durable } = turn.state
  const lease = durable.requests.get(toHex(event.said.body.request))
  const found = lease === undefined ? undefined : findLease(durable, lease)
  if (found === undefined) return false
  const { slot, replica } = found
  if (!equals(replica.peer, event.said.signer)) {
    refuse(turn, event.replyTo, 'inadmissible')
    return true
  }
  resume(turn, found)
  if (slot.outcome === undefined && !slot.isOwned) {
    refuseStale(turn, event.replyTo, found.plan, turn.state.setup.key)
    return true
  }
  if (isOver(slot) || (slot.outcome !== undefined && replica.isCounted))
    refuse(turn, event.replyTo, 'settled', 1)
  else if (replica.phase === 'ended') refuse(turn, event.replyTo, 'expired', 1)
  else reply(turn, event.replyTo, replica.grant)
  return true
}

const startOf = ({
  multihash: {
    digest: [a = 0, b = 0, c = 0]
  }
}: CID): number => (a << 16) | (b << 8) | c

/** Has the requester these blocks? Asked for a window of slots, so looked up by how they start. */
function cachedBy({ cached }: LeaseRequest): (cid: CID) => boolean {
  const byStart = new Map<number, CID[]>()
  for (const cid of cached) {
    const start = startOf(cid)
    const known = byStart.get(start)
    if (known === undefined) byStart.set(start, [cid])
    else known.push(cid)
  }
  return (cid) => byStart.get(startOf(cid))?.some((one) => one.equals(cid)) ?? false
}

/** The best of the window that fits the requester's memory. */
function choose(
  turn: Turn,
  request: LeaseRequest,
  standing: OperatorState,
  candidates: readonly Candidate[]
): { candidate: Candidate; unit: WorkUnit } | undefined {
  const isPairing = isElder(turn.state, standing)
  const isCached = cachedBy(request)
  const ranked = candidates
    .map((candidate) => {
      const { plan, slot, input } = candidate
      const score =
        plan.body.mesh.priority * PRIORITY_WEIGHT +
        (isCached(input.state) ? CACHED_STATE_WEIGHT : 0) +
        (isCached(plan.body.forcing) ? CACHED_FORCING_WEIGHT : 0) +
        ((turn.atMs - slot.openedAtMs) / HOUR_MS) * AGE_WEIGHT_PER_HOUR +
        (plan.waiting.has(slotKey(slot.place)) ? WAITING_WEIGHT : 0) +
        (isPairing && !hasElder(turn, slot) && slot.replicas.size > 0 ? PAIR_WEIGHT : 0) +
        turn.random() * RANDOM_WEIGHT
      return { candidate, score }
    })
    .sort((one, two) => two.score - one.score)
  for (const { candidate } of ranked) {
    const unit = unitOf(candidate.plan.body, candidate.slot.place, candidate.input)
    if (unit.memoryPagesMax <= request.memoryPagesMax) return { candidate, unit }
  }
  return undefined
}

/** Time to compute a unit and to be late with it. */
function leaseMsFor(turn: Turn, fuel: number, particleStepsPerSecond: number): number {
  const { leaseMinMs, leaseMaxMs, leaseExtraMs } = turn.state.timers
  const estimateMs = (fuel / particleStepsPerSecond) * 1000
  const wantedMs = ESTIMATE_FACTOR * estimateMs + leaseExtraMs
  return Math.round(Math.min(Math.max(wantedMs, leaseMinMs), leaseMaxMs))
}

function grant(
  turn: Turn,
  event: LeaseRequested,
  chosen: { candidate: Candidate; unit: WorkUnit; operator: Uint8Array }
): void {
  const { candidate, unit, operator } = chosen
  const { plan, slot } = candidate
  const { request, particleStepsPerSecond, offlineMs = 0 } = event.said.body
  const peer = event.said.signer
  const { cid, bytes } = toBlock(unit)
  const lease = sha256(concat([fromString('driftmesh/lease/v1\0'), turn.entropy, request]))
  const attempt = slot.replicas.size
  const secret = isLottery(plan) ? secretOf(turn, lease) : undefined
  const sealed = secret === undefined ? {} : { lotterySeal: sealOf(turn, secret) }
  const ownMs = leaseMsFor(turn, unit.fuelMax, particleStepsPerSecond)
  const leaseMs = Math.max(ownMs, offlineMs)
  const deadlineAtMs = plan.submittedAtMs + plan.body.mesh.deadlineSeconds * 1000
  const expiresAtMs = Math.min(turn.atMs + leaseMs, deadlineAtMs)
  const own = { peer: turn.state.setup.key, addresses: turn.state.live.addresses }
  const others = plan.sources.filter((source) => !equals(source.peer, own.peer))
  const envelope = turn.keyring.sign('lease-grant', {
    kind: 'lease-grant',
    request,
    lease,
    slot: { plan: plan.cid, ...slot.place },
    attempt,
    term: slot.term,
    unit: bytes,
    operator,
    peer,
    grantedAtMs: turn.atMs,
    expiresAtMs,
    heartbeatMs: turn.state.timers.heartbeatMs,
    sources: [...others, own].slice(0, SOURCES_MAX),
    ...sealed,
    witnesses: witnessesOf(turn.state, plan, slot.place)
  })
  record(turn, {
    kind: 'lease-granted',
    plan: plan.cid,
    slot: slot.place,
    unit: cid,
    lease,
    request,
    attempt,
    operator,
    peer,
    binding: event.binding.envelope,
    atMs: turn.atMs,
    expiresAtMs,
    grant: envelope,
    ...(offlineMs > 0 ? { isOffline: true } : {}),
    ...(secret === undefined ? {} : { lotterySecret: secret })
  })
  reply(turn, event.replyTo, envelope)
  note(turn, 'lease.granted', { lease: toHex(lease), operator: toHex(operator), attempt })
}

/** Grants the best open unit, repeats an earlier grant, or refuses with the reason. */
export function onLeaseRequest(turn: Turn, event: LeaseRequested) {
  const { body } = event.said
  const no = (reason: RefusalReason, retryAfterMs?: number) => {
    refuse(turn, event.replyTo, reason, retryAfterMs)
    note(turn, 'lease.refused', { reason, peer: toHex(event.said.signer) })
  }
  if (isSkewed(turn, body.atMs)) return no('inadmissible')
  turn.state.live.askers.set(toHex(event.said.signer), turn.atMs)
  const operator = operatorOf(turn, event)
  if (operator === undefined) return no('unknown-operator')
  if (repeatGrant(turn, event)) return
  if (turn.state.live.isDraining) return no('draining', turn.state.timers.leaseMinMs)
  if (!isAdmitted(turn, operator, event.admission)) return no('not-admitted')
  const name = toHex(operator)
  const standing = standingOfOperator(turn.state, name)
  if (isElder(turn.state, standing)) turn.state.live.eldersSeen.set(name, turn.atMs)
  else turn.state.live.eldersSeen.delete(name)
  if (standing.convicted !== undefined) return no('convicted', turn.state.timers.leaseMaxMs)
  if (standing.sitOutUntilMs > turn.atMs)
    return no('sitting-out', standing.sitOutUntilMs - turn.atMs)
  const { rules } = turn.state
  if (rules.quota && standing.computing.size >= standing.quota) {
    return no('quota', turn.state.timers.heartbeatMs)
  }
  const candidates = candidatesOf(turn, body, name)
  if (typeof candidates === 'string') return no(candidates)
  const choice = choose(turn, body, standing, candidates)
  if (choice === undefined) return no('too-little-memory')
  grant(turn, event, { ...choice, operator })
}

/**
 * A lease between grant and commit: heartbeats renew it, silence and time free it, a volunteer may
 * give it back. What a volunteer is told at any point is directiveFor().
 */

import { equals } from 'uint8arrays/equals'
import { cborCid } from '../protocol/canonical.ts'
import { toHex } from '../protocol/hex.ts'
import type { Directive } from '../protocol/message/lease.ts'
import type { CoordinatorEvent } from './event.ts'
import { refuseStale } from './federation/takeover.ts'
import { isOnSlot, wantedReplicas } from './replicas.ts'
import { findLease, isOver, type PlanState, type Replica, type SlotState } from './state.ts'
import { openingsOf } from './trust/audit.ts'
import { act, isSkewed, note, record, refuse, reply, type Turn } from './turn.ts'
import { evaluate } from './verdict.ts'

export interface LeaseCase {
  readonly plan: PlanState
  readonly slot: SlotState
  readonly replica: Replica
}

/** Heartbeats that may be missed; the next half is for the road. */
const HEARTBEATS_MISSED_MAX = 3.5
/** A lease is renewed when the rest of it is less than this share of it. */
const RENEW_BELOW_SHARE = 0.5
/** … and the progress is at least this share of what the time so far should have given. */
const PROGRESS_SHARE_MIN = 0.5

const ACTIONS: Readonly<Record<Exclude<Replica['phase'], 'ended'>, Directive['action']>> = {
  leased: 'compute',
  committed: 'wait',
  asked: 'reveal',
  revealed: 'wait',
  checked: 'wait',
  faulty: 'drop'
}

/** What is to the credit of who agreed on a settled slot. */
function receiptFor(
  turn: Turn,
  { plan, slot, replica }: LeaseCase,
  outcome: SlotState['outcome']
): { readonly receipt?: Uint8Array } {
  const isAgreeing =
    outcome?.kind === 'settled' &&
    replica.phase === 'checked' &&
    replica.revealed?.result.equals(outcome.result) === true
  if (!isAgreeing || slot.unit === undefined) return {}
  const receipt = turn.keyring.sign('receipt', {
    kind: 'receipt',
    operator: replica.operatorKey,
    peer: replica.peer,
    slot: { plan: plan.cid, ...slot.place },
    unit: slot.unit,
    fuel: outcome.fuel,
    verdict: cborCid(outcome.verdict),
    atMs: turn.atMs
  })
  return { receipt }
}

/** What the volunteer is to do with its lease now; undefined when it is over. */
function directiveFor(turn: Turn, found: LeaseCase): Uint8Array | undefined {
  const { slot, replica } = found
  // In a slot that is computed once more only the new replicas are at work.
  const isDone = isOver(slot) || replica.isCounted === true
  const outcome = isDone ? slot.outcome : undefined
  if (outcome === undefined && replica.phase === 'ended') return undefined
  const action =
    outcome?.kind === 'settled'
      ? 'settled'
      : outcome?.kind === 'failed' || replica.phase === 'ended'
        ? 'drop'
        : ACTIONS[replica.phase]
  const open = outcome === undefined ? openingsOf(turn, replica) : []
  return turn.keyring.sign('directive', {
    kind: 'directive',
    lease: replica.id,
    action,
    expiresAtMs: replica.expiresAtMs,
    retryAfterMs: turn.state.timers.heartbeatMs,
    ...(open.length === 0 ? {} : { open }),
    ...(outcome?.kind === 'settled' ? { verdict: outcome.verdict } : {}),
    ...receiptFor(turn, found, outcome)
  })
}

/** Answers with it. */
export function direct(turn: Turn, replyTo: string, found: LeaseCase) {
  turn.news.delete(found.replica.lease)
  const envelope = directiveFor(turn, found)
  if (envelope === undefined) return refuse(turn, replyTo, 'expired', 1)
  reply(turn, replyTo, envelope)
}

/** Says it to those who would else learn it from their next heartbeat. */
export function tellNews(turn: Turn): void {
  for (const lease of turn.news) {
    const found = findLease(turn.state.durable, lease)
    const envelope = found === undefined ? undefined : directiveFor(turn, found)
    if (found === undefined || envelope === undefined) continue
    act(turn, { kind: 'tell', to: found.replica.peer, envelope })
  }
}

/** The lease a volunteer speaks about, if it is its own; otherwise it is refused here. */
export function leaseOf(
  turn: Turn,
  event: {
    readonly replyTo: string
    readonly said: { readonly signer: Uint8Array; readonly body: { readonly lease: Uint8Array } }
  }
): LeaseCase | undefined {
  const found = findLease(turn.state.durable, toHex(event.said.body.lease))
  if (found === undefined) {
    refuse(turn, event.replyTo, 'unknown-lease', 1)
    return undefined
  }
  if (!equals(found.replica.peer, event.said.signer)) {
    refuse(turn, event.replyTo, 'inadmissible')
    return undefined
  }
  // The chain has another owner by now: leases of our term are void.
  const { fencing } = turn.state.rules
  if (fencing && found.slot.outcome === undefined && !found.slot.isOwned) {
    refuseStale(turn, event.replyTo, found.plan, turn.state.setup.key)
    return undefined
  }
  return found
}

/** A lease that fell silent goes on if it still has time and its place is still free. */
export function resume(turn: Turn, { plan, slot, replica }: LeaseCase): void {
  if (replica.phase !== 'ended' || replica.end !== 'silent') return
  if (replica.expiresAtMs <= turn.atMs || wantedReplicas(plan, slot) === 0) return
  if (isOnSlot(plan, slot, replica.operator)) return
  turn.state.live.heard.set(replica.lease, { atMs: turn.atMs, particleStepsDone: 0 })
  record(turn, { kind: 'lease-resumed', lease: replica.id, atMs: turn.atMs })
}

/** Renews a lease whose run got on since it was granted, or renewed before: a hang does not. */
function renew(turn: Turn, { plan, slot, replica }: LeaseCase): void {
  const { heard } = turn.state.live
  const word = heard.get(replica.lease)
  const lengthMs = replica.expiresAtMs - replica.grantedAtMs
  const leftMs = replica.expiresAtMs - turn.atMs
  if (word === undefined || leftMs <= 0 || leftMs > lengthMs * RENEW_BELOW_SHARE) return
  const { renewed = { atMs: replica.grantedAtMs, particleStepsDone: 0 } } = word
  const fuel = (plan.body.blocks[slot.place.block]?.particleCount ?? 0) * plan.body.windowSteps
  const share = (turn.atMs - renewed.atMs) / lengthMs
  const done = word.particleStepsDone - renewed.particleStepsDone
  const { renewProgress } = turn.state.rules
  if (renewProgress && done < fuel * share * PROGRESS_SHARE_MIN) return
  const deadlineAtMs = plan.submittedAtMs + plan.body.mesh.deadlineSeconds * 1000
  const { leaseMinMs } = turn.state.timers
  const expiresAtMs = Math.min(turn.atMs + Math.max(leaseMinMs, leftMs * 2), deadlineAtMs)
  if (expiresAtMs <= replica.expiresAtMs) return
  const { atMs, particleStepsDone } = word
  heard.set(replica.lease, { ...word, renewed: { atMs, particleStepsDone } })
  record(turn, { kind: 'lease-renewed', lease: replica.id, expiresAtMs })
}

export function onHeartbeat(turn: Turn, event: Extract<CoordinatorEvent, { kind: 'heartbeat' }>) {
  const { atMs, particleStepsDone } = event.said.body
  if (isSkewed(turn, atMs)) return refuse(turn, event.replyTo, 'inadmissible')
  const found = leaseOf(turn, event)
  if (found === undefined) return
  resume(turn, found)
  if (found.replica.phase === 'leased') {
    const { heard } = turn.state.live
    const before = heard.get(found.replica.lease)
    heard.set(found.replica.lease, { ...before, atMs: turn.atMs, particleStepsDone })
    const { operator } = found.replica
    const { eldersSeen } = turn.state.live
    if (eldersSeen.has(operator)) eldersSeen.set(operator, turn.atMs)
    renew(turn, found)
  }
  direct(turn, event.replyTo, found)
}

/** Ends a lease before its commit; its slot is open again, or failed if that was one too many. */
function endLease(turn: Turn, found: LeaseCase, end: NonNullable<Replica['end']>): void {
  const { plan, slot, replica } = found
  record(turn, { kind: 'lease-ended', lease: replica.id, end, atMs: turn.atMs })
  turn.state.live.heard.delete(replica.lease)
  note(turn, 'lease.ended', { lease: replica.lease, end, operator: replica.operator })
  evaluate(turn, plan, slot)
}

/** A volunteer gives its lease back, computed or not; once asked to reveal it is too late. */
export function onRelease(turn: Turn, event: Extract<CoordinatorEvent, { kind: 'release' }>): void {
  const found = leaseOf(turn, event)
  if (found === undefined) return
  const { phase } = found.replica
  if (!isOver(found.slot) && (phase === 'leased' || phase === 'committed')) {
    endLease(turn, found, event.said.body.reason === 'failed' ? 'failed' : 'released')
  }
  direct(turn, event.replyTo, found)
}

/** Frees what fell silent or ran out of time. */
export function expireLease(turn: Turn, found: LeaseCase): void {
  const { replica } = found
  const { live, timers, rules } = turn.state
  if (replica.phase !== 'leased' || !rules.leaseTimers) return
  const lastAtMs = live.heard.get(replica.lease)?.atMs ?? replica.grantedAtMs
  const silentMs = turn.atMs - Math.max(lastAtMs, live.startedAtMs)
  if (turn.atMs >= replica.expiresAtMs) endLease(turn, found, 'expired')
  else if (!replica.isOffline && silentMs > timers.heartbeatMs * HEARTBEATS_MISSED_MAX)
    endLease(turn, found, 'silent')
}

/**
 * Commit and reveal. A commit is taken only while its lease runs; a reveal only after the commit
 * set of the slot was logged; the blocks of a reveal are fetched and looked at before it counts.
 *
 */
import { equals } from 'uint8arrays/equals'
import { toBlock } from '../protocol/canonical.ts'
import { commitDigest } from '../protocol/commit-digest.ts'
import type { Commit, Fault, Reveal } from '../protocol/message/result.ts'
import type { UnitResult } from '../protocol/result.ts'
import { finalState, traceRootOf } from '../protocol/trace.ts'
import type { CoordinatorEvent } from './event.ts'
import { isForeign, isSealed } from './federation/witness.ts'
import { direct, type LeaseCase, leaseOf, resume } from './lease.ts'
import { unitOf } from './slots.ts'
import { findLease, isOver } from './state.ts'
import { convictGarbage, convictMismatch, convictUnsealed } from './trust/conviction.ts'
import { fetchReplica, LEASE_FETCH } from './trust/result-fetch.ts'
import { note, record, refuse, type Turn } from './turn.ts'
import { evaluate } from './verdict.ts'

/** Does this statement name the unit, attempt, operator and peer of its lease? */
function isOfLease({ slot, replica }: LeaseCase, body: Commit | Reveal): boolean {
  return (
    slot.unit?.equals(body.unit) === true &&
    body.attempt === replica.attempt &&
    equals(body.operator, replica.operatorKey) &&
    equals(body.peer, replica.peer)
  )
}

export function onCommit(turn: Turn, event: Extract<CoordinatorEvent, { kind: 'commit' }>) {
  const found = leaseOf(turn, event)
  if (found === undefined) return
  const { replica, slot, plan } = found
  const { body, envelope: commit } = event.said
  if (!isOfLease(found, body)) return refuse(turn, event.replyTo, 'inadmissible')
  resume(turn, found)
  if (!isOver(slot) && replica.phase === 'leased') {
    if (turn.atMs >= replica.expiresAtMs) return refuse(turn, event.replyTo, 'expired', 1)
    const { digest } = body
    if (!isSealed(turn, replica, digest, event.witness)) {
      if (event.witness === undefined || isForeign(turn, event.witness)) {
        return refuse(turn, event.replyTo, 'no-witness')
      }
      faultUnsealed(turn, found, event)
      return direct(turn, event.replyTo, found)
    }
    const sealed = event.witness === undefined ? {} : { witness: event.witness.envelope }
    const logged = { lease: replica.id, digest, commit, ...sealed, atMs: turn.atMs }
    record(turn, { kind: 'commit-logged', ...logged })
    turn.state.live.heard.delete(replica.lease)
    note(turn, 'commit.logged', { lease: replica.lease, operator: replica.operator })
    evaluate(turn, plan, slot)
  } else if (replica.digest !== undefined && !equals(replica.digest, body.digest)) {
    return refuse(turn, event.replyTo, 'inadmissible')
  }
  direct(turn, event.replyTo, found)
}

/** A seal of something else: a proof where the commit itself shows it. */
function faultUnsealed(
  turn: Turn,
  found: LeaseCase,
  { said, witness }: Extract<CoordinatorEvent, { kind: 'commit' }>
) {
  const { lease, digest, witness: sealed } = said.body
  const seal = witness?.body
  const isProven = seal && sealed && equals(seal.lease, lease) && !equals(seal.digest, digest)
  if (!isProven) return faultReplica(turn, found, 'unsealed')
  convictUnsealed(turn, found, said.envelope)
  evaluate(turn, found.plan, found.slot)
}

export function faultReplica(turn: Turn, { plan, slot, replica }: LeaseCase, fault: Fault): void {
  record(turn, { kind: 'replica-faulted', lease: replica.id, fault, atMs: turn.atMs })
  turn.state.live.asked.delete(`${LEASE_FETCH}${replica.lease}`)
  note(turn, 'replica.faulted', { lease: replica.lease, operator: replica.operator, fault })
  evaluate(turn, plan, slot)
}

/** Does the reveal open the digest? Bound to who committed, a copied digest opens for nobody. */
function isOpened({ plan, slot }: LeaseCase, digest: Uint8Array, reveal: Reveal): boolean {
  if (equals(commitDigest(reveal), digest)) return true
  if (plan.rules.boundCommit) return false
  return [...slot.replicas.values()].some(({ attempt, operatorKey: operator, peer }) =>
    equals(commitDigest({ ...reveal, attempt, operator, peer }), digest)
  )
}

export function onReveal(turn: Turn, event: Extract<CoordinatorEvent, { kind: 'reveal' }>) {
  const found = leaseOf(turn, event)
  if (found === undefined) return
  const { replica, slot } = found
  const { body, envelope } = event.said
  if (!isOver(slot) && replica.phase === 'asked') {
    const opens =
      isOfLease(found, body) &&
      replica.digest !== undefined &&
      isOpened(found, replica.digest, body)
    if (opens) {
      const { result, traceRoot, fuel } = body
      record(turn, {
        kind: 'reveal-logged',
        lease: replica.id,
        result,
        traceRoot,
        fuel,
        reveal: envelope,
        atMs: turn.atMs
      })
      fetchReplica(turn, found)
    } else if (isOfLease(found, body)) {
      convictMismatch(turn, found, envelope)
      evaluate(turn, found.plan, slot)
    } else {
      faultReplica(turn, found, 'reveal-mismatch')
    }
  }
  direct(turn, event.replyTo, found)
}

/** Is a fetched result what its reveal said and what its unit allows? */
function isWhatWasRevealed({ plan, slot, replica }: LeaseCase, result: UnitResult): boolean {
  const { revealed } = replica
  if (revealed === undefined || slot.input === undefined) return false
  const { fuelMax, segmentCount } = unitOf(plan.body, slot.place, slot.input)
  return (
    slot.unit?.equals(result.unit) === true &&
    result.fuel === revealed.fuel &&
    result.fuel <= fuelMax &&
    result.segments.length === segmentCount &&
    result.states.length === segmentCount &&
    equals(result.traceRoot, revealed.traceRoot) &&
    equals(traceRootOf(result), revealed.traceRoot)
  )
}

/** Blocks that are no result: a proof where they show it by themselves, else a fault. */
function faultInvalid(turn: Turn, found: LeaseCase, fault: Fault, root: Uint8Array | undefined) {
  if (root === undefined || !convictGarbage(turn, found, root)) {
    return faultReplica(turn, found, fault)
  }
  evaluate(turn, found.plan, found.slot)
}

/** The fetch of a replica's result ended; other fetches are not ours. @returns was it ours? */
export function onReplicaFetched(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'fetched' | 'fetch-failed' }>
): boolean {
  if (!event.fetch.startsWith(LEASE_FETCH)) return false
  const found = findLease(turn.state.durable, event.fetch.slice(LEASE_FETCH.length))
  const phase = found?.replica.phase
  if (found === undefined || isOver(found.slot)) return true
  if (phase !== 'revealed' && phase !== 'checked') return true
  turn.state.live.asked.delete(event.fetch)
  if (event.kind === 'fetch-failed') {
    faultInvalid(turn, found, event.fault, event.root)
  } else if (isWhatWasRevealed(found, event.result)) {
    const { bounds } = event.result
    const state = finalState(event.result)
    turn.state.live.results.set(found.replica.lease, event.result)
    if (phase === 'revealed') {
      record(turn, { kind: 'replica-checked', lease: found.replica.id, state, bounds })
    }
    evaluate(turn, found.plan, found.slot)
  } else {
    faultInvalid(turn, found, 'blocks-invalid', toBlock(event.result).bytes)
  }
  return true
}

/** A reveal that does not come, and a fetch that does not end, are faults. */
export function expireReveal(turn: Turn, found: LeaseCase) {
  const { phase, lease, askedAtMs = 0 } = found.replica
  const { live, timers, rules } = turn.state
  if (!rules.leaseTimers) return
  const askedMs = turn.atMs - Math.max(askedAtMs, live.startedAtMs)
  if (phase === 'asked' && askedMs > timers.revealMs) faultReplica(turn, found, 'no-reveal')
  const fetching = live.asked.get(`${LEASE_FETCH}${lease}`)
  if (phase === 'revealed' && fetching !== undefined && turn.atMs >= fetching.retryAtMs) {
    faultReplica(turn, found, 'blocks-missing')
  }
}

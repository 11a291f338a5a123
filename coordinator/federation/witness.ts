/**
 * A witness seals the digest of a commit before its owner hears of it: it signs one digest per
 * lease, and draws a nonce only after it saw that digest. A grant of a term that is over is refused
 * with the evidence: nothing of a deposed owner gets sealed any more.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { cborCid } from '../../protocol/canonical.ts'
import { commitDigest } from '../../protocol/commit-digest.ts'
import { toHex } from '../../protocol/hex.ts'
import type { OpenedVoter } from '../../protocol/inbound.ts'
import { CLOCK_SKEW_MS } from '../../protocol/limits.ts'
import type { LeaseGrant } from '../../protocol/message/lease.ts'
import type { Witnessing } from '../../protocol/message/result.ts'
import type { Authentic } from '../../protocol/signed.ts'
import type { CoordinatorEvent } from '../event.ts'
import { type CoordinatorState, type PlanState, type Replica, slotKey } from '../state.ts'
import { note, record, refuse, reply, type Turn } from '../turn.ts'
import { coordinatorsOf, isVoter, ownershipOf, wantsWitnesses } from './ranks.ts'
import { refuseStale } from './takeover.ts'

type WitnessRequested = Extract<CoordinatorEvent, { kind: 'witness-request' }>

const NONCE_DOMAIN = fromString('driftmesh/witness-nonce/v1\0')

export function onWitnessRequest(turn: Turn, event: WitnessRequested) {
  const { state, keyring } = turn
  const { said, grant, replyTo } = event
  const { lease, unit, operator, peer, slot, lotterySeal } = grant.body
  const plan = state.durable.plans.get(slot.plan.toString())
  if (plan !== undefined && state.durable.expelled.has(toHex(grant.signer))) {
    return refuseStale(turn, replyTo, plan, grant.signer)
  }
  const isAdmissible =
    isVoter(state, grant.signer) &&
    !equals(grant.signer, keyring.key) &&
    equals(peer, said.signer) &&
    Math.abs(said.body.atMs - turn.atMs) <= CLOCK_SKEW_MS
  if (!isAdmissible) return refuse(turn, replyTo, 'inadmissible')
  // A plan we do not know cannot have had a change of owners here.
  if (plan !== undefined && state.rules.fencing && !mayDecide(turn, plan, grant)) {
    return refuseStale(turn, replyTo, plan, grant.signer)
  }
  const known = state.durable.witnessed.get(slot.plan.toString())?.get(toHex(lease))
  if (known !== undefined) {
    return equals(known.digest, said.body.digest)
      ? reply(turn, replyTo, known.witnessing)
      : refuse(turn, replyTo, 'inadmissible')
  }
  const { digest } = said.body
  const nonce = sha256(concat([NONCE_DOMAIN, turn.entropy, lease, digest]))
  const about = { lease, unit: cborCid(unit), operator, peer, digest }
  const witnessing = keyring.sign('witnessing', {
    kind: 'witnessing',
    ...about,
    owner: grant.signer,
    atMs: turn.atMs,
    nonce,
    ...(lotterySeal === undefined ? {} : { lotterySeal })
  })
  record(turn, { kind: 'commit-witnessed', plan: slot.plan, lease, digest, witnessing })
  note(turn, 'commit.witnessed', { lease: toHex(lease), operator: toHex(operator) })
  reply(turn, replyTo, witnessing)
}

/** The owner of now, or who decided the slot before it was deposed and has it computed again. */
function mayDecide(turn: Turn, plan: PlanState, { signer, body }: Authentic<LeaseGrant>): boolean {
  const { owner } = ownershipOf(turn.state, plan, body.slot)
  if (owner !== undefined && equals(owner, signer)) return true
  const outcome = plan.slots.get(slotKey(body.slot))?.outcome
  return outcome?.kind === 'settled' && outcome.decidedBy === toHex(signer)
}

/** Does it seal this digest for this replica, by a coordinator that is not its owner? */
export function isSealed(
  turn: Turn,
  replica: Replica,
  digest: Uint8Array,
  witness: Authentic<Witnessing> | undefined
): boolean {
  const { state } = turn
  if (!wantsWitnesses(state)) return true
  if (witness === undefined) return false
  const { body, signer } = witness
  return (
    isVoter(state, signer) &&
    !equals(signer, state.setup.key) &&
    equals(body.owner, state.setup.key) &&
    equals(body.lease, replica.id) &&
    equals(body.operator, replica.operatorKey) &&
    equals(body.peer, replica.peer) &&
    equals(body.digest, digest)
  )
}

/** Is it by somebody who may not witness (any more)? Then the volunteer has to ask another one. */
export const isForeign = ({ state }: Turn, { signer }: Authentic<Witnessing>): boolean =>
  !isVoter(state, signer) || equals(signer, state.setup.key)

/** Was the digest of this voter fixed by a witness before anything was revealed? */
export function isWitnessed(known: CoordinatorState, { reveal, witness }: OpenedVoter): boolean {
  if (!wantsWitnesses(known)) return true
  if (witness === undefined) return false
  const { body, signer } = witness
  return (
    // Also one that was expelled since: the seal was there before.
    coordinatorsOf(known).some(({ key }) => equals(key, signer)) &&
    !equals(signer, body.owner) &&
    equals(body.lease, reveal.body.lease) &&
    equals(body.operator, reveal.body.operator) &&
    equals(body.peer, reveal.body.peer) &&
    body.unit.equals(reveal.body.unit) &&
    equals(body.digest, commitDigest(reveal.body))
  )
}

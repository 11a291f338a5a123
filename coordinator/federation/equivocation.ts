/**
 * Two statements of one coordinator of which it may sign only one prove that it equivocates, to
 * anybody. It is expelled: its votes do not count, and its chains go to the next in rank.
 */
import { equals } from 'uint8arrays/equals'
import { cborCid } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import { GOSSIP_BYTES_MAX } from '../../protocol/limits.ts'
import type { Equivocation } from '../../protocol/message/watch.ts'
import type { StatementOf } from '../../protocol/message.ts'
import { conflicts } from '../../protocol/proof/equivocation.ts'
import { type Authentic, bodyOf } from '../../protocol/signed.ts'
import type { CoordinatorEvent } from '../event.ts'
import { act, note, record, refuse, type Turn } from '../turn.ts'
import { adopt, adoptableOf } from './adoption.ts'
import { acknowledge } from './members.ts'
import { tellEveryone } from './outbox.ts'
import { isVoter } from './ranks.ts'

/** Statements kept to compare later ones with; the oldest go first. */
const DOUBTFUL_MAX = 2_000

/**
 * Remembers a statement under what only one may be signed for, and expels its signer when there was
 * another one that conflicts with it. @returns is the signer out?
 */
export function checkEquivocation<K extends Equivocation>(
  turn: Turn,
  about: K,
  name: string,
  said: Authentic<StatementOf<K>>
): boolean {
  const { doubtful } = turn.state.live
  const known = doubtful.get(name)
  if (known === undefined) {
    doubtful.set(name, said.envelope)
    const oldest = doubtful.keys().next()
    if (doubtful.size > DOUBTFUL_MAX && !oldest.done) doubtful.delete(oldest.value)
    return false
  }
  return accuse(turn, about, said, known)
}

/** Expels when `known`, by the same signer, conflicts with what it says now. */
export function accuse<K extends Equivocation>(
  turn: Turn,
  about: K,
  said: Authentic<StatementOf<K>>,
  known: Uint8Array
): boolean {
  if (!turn.state.rules.expulsion || equals(known, said.envelope)) return false
  if (!conflicts(about, bodyOf(about, known), said.body)) return false
  const [first, second] = [known, said.envelope]
  const proof = { kind: 'equivocation-proof' as const, about, first, second }
  expel(turn, said.signer, turn.keyring.sign('equivocation-proof', proof))
  return true
}

function expel(turn: Turn, coordinator: Uint8Array, proof: Uint8Array): void {
  const { state } = turn
  const name = toHex(coordinator)
  if (state.durable.expelled.has(name) || equals(coordinator, state.setup.key)) return
  const adoptable = adoptableOf(turn, coordinator)
  record(turn, { kind: 'coordinator-expelled', coordinator, proof, atMs: turn.atMs })
  note(turn, 'coordinator.expelled', { coordinator: name, proof: cborCid(proof).toString() })
  act(turn, { kind: 'keep', block: proof })
  tellProof(turn, proof)
  adopt(turn, adoptable)
}

/** By gossip to everybody, if it fits there, and to every coordinator until it knows. */
export function tellProof(turn: Turn, proof: Uint8Array): void {
  tellEveryone(turn, proof)
  if (proof.length <= GOSSIP_BYTES_MAX) {
    act(turn, { kind: 'gossip', topic: 'proofs', envelope: proof })
  }
}

/** Somebody shows two statements; what they prove does not depend on who shows them. */
export function onProof(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'equivocation-proof' }>
) {
  const { said, first, second } = event
  const { about } = said.body
  const isProof =
    equals(first.signer, second.signer) &&
    isCoordinator(turn, first.signer) &&
    conflicts(about, first.body, second.body)
  if (isProof) expel(turn, first.signer, said.envelope)
  if (!('replyTo' in event)) return
  if (!isProof) return refuse(turn, event.replyTo, 'inadmissible')
  acknowledge(turn, event.replyTo, said.cid)
}

const isCoordinator = ({ state }: Turn, key: Uint8Array): boolean =>
  state.durable.expelled.has(toHex(key)) || isVoter(state, key)

/**
 * Heads: how long a coordinator's log is and the hash that ends it, told every headMs. They are the
 * word that shows that it lives, and what it cannot take back: two heads of one length that differ
 * prove that it wrote its log anew.
 */
import { equals } from 'uint8arrays/equals'
import { cborCid } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import type { CoordinatorEvent } from '../event.ts'
import { act, refuse, type Turn } from '../turn.ts'
import { checkEquivocation } from './equivocation.ts'
import { acknowledge, othersOf } from './members.ts'
import { isVoter } from './ranks.ts'
import { hear } from './takeover.ts'

/** Heads kept of each coordinator, to ask for the log between them. */
const HEADS_MAX = 64

/** Once every headMs, after everything else of the turn: the facts it names are appended first. */
export function tellHead(turn: Turn): void {
  const { live, timers, durable, setup } = turn.state
  if (turn.atMs - live.headToldAtMs < timers.headMs || othersOf(turn).length === 0) return
  live.headToldAtMs = turn.atMs
  const { length, head } = durable.log
  const said = { kind: 'head' as const, coordinator: setup.key, length, head, atMs: turn.atMs }
  const envelope = turn.keyring.sign('head', said)
  act(turn, { kind: 'gossip', topic: 'heads', envelope })
  const of = cborCid(envelope)
  for (const { key, addresses } of othersOf(turn)) {
    act(turn, { kind: 'send', to: key, addresses, of, envelope })
  }
}

/** Another coordinator's head, from itself or by gossip. */
export function onHead(turn: Turn, event: Extract<CoordinatorEvent, { kind: 'head' }>) {
  const { said } = event
  const { coordinator, length, head, atMs } = said.body
  const no = () => ('replyTo' in event ? refuse(turn, event.replyTo, 'inadmissible') : undefined)
  if (!isVoter(turn.state, said.signer) || !equals(coordinator, said.signer)) return no()
  const name = toHex(said.signer)
  if (checkEquivocation(turn, 'head', `head ${name} ${length}`, said)) return no()
  const { heads } = turn.state.live
  const known = heads.get(name) ?? new Map<number, Uint8Array>()
  heads.set(name, known)
  known.set(length, head)
  const oldest = known.keys().next()
  if (known.size > HEADS_MAX && !oldest.done) known.delete(oldest.value)
  if ('replyTo' in event) return acknowledge(turn, event.replyTo, said.cid)
  // Gossip may be late or held back: only a newer word than any before shows that it lives.
  const lastAtMs = turn.state.live.words.get(name) ?? 0
  const isFresh = Math.abs(turn.atMs - atMs) < turn.state.timers.silentMs
  if (isFresh && atMs > lastAtMs) hear(turn, said.signer)
}

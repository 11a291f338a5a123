/**
 * Statements to the other coordinators: each is repeated every resendMs until it is answered. What
 * is in the outbox follows from the facts, so a restart fills it again and repeats everything that
 * is not over; receivers answer repeats as the first time.
 */

import { equals } from 'uint8arrays/equals'
import { cborCid } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import type { CoordinatorEvent } from '../event.ts'
import type { Outgoing } from '../live.ts'
import type { PlanState } from '../state.ts'
import { act, note, type Turn } from '../turn.ts'
import { othersOf } from './members.ts'

/** Statements on the way to one coordinator at a time; the rest waits its turn. */
const SENDS_MAX = 16

function queueFor(turn: Turn, key: Uint8Array): Map<string, Outgoing> {
  const to = toHex(key)
  const queue = turn.state.live.outbox.get(to) ?? new Map<string, Outgoing>()
  turn.state.live.outbox.set(to, queue)
  return queue
}

function enqueue(
  turn: Turn,
  to: Uint8Array,
  about: Pick<Outgoing, 'plan' | 'envelope' | 'wantsCosignature' | 'before'>
): void {
  const of = cborCid(about.envelope)
  const queue = queueFor(turn, to)
  if (!queue.has(of.toString())) queue.set(of.toString(), { ...about, of, dueAtMs: 0 })
}

/** Queues a signed statement about a plan for every other coordinator. */
export function tellOthers(
  turn: Turn,
  plan: PlanState,
  envelope: Uint8Array,
  how: { readonly wantsCosignature?: boolean; readonly before?: Uint8Array } = {}
): void {
  const about = { plan: plan.cid.toString(), envelope, wantsCosignature: false, ...how }
  for (const { key } of othersOf(turn)) enqueue(turn, key, about)
}

/** Queues a signed statement about a plan for one other coordinator. */
export function tell(turn: Turn, to: Uint8Array, plan: PlanState, envelope: Uint8Array): void {
  enqueue(turn, to, { plan: plan.cid.toString(), envelope, wantsCosignature: false })
}

/** Queues a signed statement that is about no plan. */
export function tellEveryone(turn: Turn, envelope: Uint8Array): void {
  for (const { key } of othersOf(turn)) {
    enqueue(turn, key, { plan: '', envelope, wantsCosignature: false })
  }
}

/** Sends what is due, oldest first, within SENDS_MAX per coordinator. */
export function pumpOutbox(turn: Turn): void {
  const { live, timers } = turn.state
  for (const { key, addresses } of othersOf(turn)) {
    const queue = live.outbox.get(toHex(key))
    if (queue === undefined) continue
    let room = SENDS_MAX
    for (const outgoing of queue.values()) {
      if (room === 0) break
      room -= 1
      if (outgoing.dueAtMs > turn.atMs) continue
      outgoing.dueAtMs = turn.atMs + timers.resendMs
      const { of, envelope } = outgoing
      act(turn, { kind: 'send', to: key, addresses, of, envelope })
    }
  }
}

/** It is not known there yet what this is about: later again, behind what waits already. */
function putOff(turn: Turn, to: Uint8Array, outgoing: Outgoing): void {
  const queue = queueFor(turn, to)
  queue.delete(outgoing.of.toString())
  if (outgoing.before !== undefined) {
    const { plan, before: envelope } = outgoing
    enqueue(turn, to, { plan, envelope, wantsCosignature: false })
  }
  queue.set(outgoing.of.toString(), outgoing)
}

type Answered = Extract<CoordinatorEvent, { kind: 'answered' }>

/** The statement that is answered, by whom it was for. */
export function outgoingOf(turn: Turn, { answer, to, of }: Answered): Outgoing | undefined {
  if (!equals(answer.said.signer, to)) return undefined
  return turn.state.live.outbox.get(toHex(to))?.get(of.toString())
}

/**
 * Takes an answer to a statement of the outbox.
 * @returns the statement, when the answer is one and not to be repeated for
 */
export function takeAnswer(turn: Turn, event: Answered): Outgoing | undefined {
  const { answer, to } = event
  const queue = turn.state.live.outbox.get(toHex(to))
  const outgoing = outgoingOf(turn, event)
  if (outgoing === undefined) return undefined
  if (answer.kind === 'refusal') {
    const { reason, retryAfterMs } = answer.said.body
    outgoing.dueAtMs = turn.atMs + Math.max(retryAfterMs, turn.state.timers.resendMs)
    if (reason === 'unknown-plan') {
      putOff(turn, to, outgoing)
      return undefined
    }
    queue?.delete(event.of.toString())
    note(turn, 'notice.refused', { by: toHex(to), reason })
    return undefined
  }
  if (!answer.said.body.of.equals(event.of)) return undefined
  if (!outgoing.wantsCosignature || answer.cosignature !== undefined) {
    queue?.delete(event.of.toString())
  }
  return outgoing
}

/** Asks nobody any more to cosign a plan that is over. */
export function forgetProposals(turn: Turn, plan: PlanState): void {
  for (const queue of turn.state.live.outbox.values()) {
    for (const [of, outgoing] of queue) {
      if (outgoing.wantsCosignature && outgoing.plan === plan.cid.toString()) queue.delete(of)
    }
  }
}

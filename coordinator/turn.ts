/**
 * One step under way: the state, what the event brought, and what goes out. A rule says what it
 * knows with `record` (applied at once, stored before anything is sent) and what to do with `act`.
 */
import { CLOCK_SKEW_MS } from '../protocol/limits.ts'
import type { RefusalReason } from '../protocol/message/lease.ts'
import type { Keyring } from '../protocol/signed.ts'
import { apply } from './apply.ts'
import type { CoordinatorEffect, NoteFields, NoteName } from './effect.ts'
import type { Occasion } from './event.ts'
import type { Fact } from './fact.ts'
import type { CoordinatorState, PlanState, SlotState } from './state.ts'

export interface Turn extends Occasion {
  readonly state: CoordinatorState
  readonly keyring: Keyring
  readonly facts: Fact[]
  readonly effects: CoordinatorEffect[]
  /** Slots that a decision elsewhere changed: looked at again before the step ends. */
  readonly touched: Set<{ readonly plan: PlanState; readonly slot: SlotState }>
  /** Leases whose directive is another one now: told at the end, unless it is an answer anyway. */
  readonly news: Set<string>
  /** The next random number in [0, 1), drawn from the event's entropy. */
  readonly random: () => number
}

/** sfc32 over the first 16 bytes of entropy: good enough to choose units, never for secrets. */
function randomFrom(entropy: Uint8Array): () => number {
  const view = new DataView(entropy.buffer, entropy.byteOffset)
  let [a, b, c, counter] = [0, 4, 8, 12].map((at) => view.getUint32(at)) as [
    number,
    number,
    number,
    number
  ]
  return () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
}

export const beginTurn = (state: CoordinatorState, occasion: Occasion, keyring: Keyring): Turn => ({
  state,
  keyring,
  atMs: occasion.atMs,
  entropy: occasion.entropy,
  facts: [],
  effects: [],
  touched: new Set(),
  news: new Set(),
  random: randomFrom(occasion.entropy)
})

/** The effects of a turn, its facts first. */
export const endTurn = ({ facts, effects }: Turn): readonly CoordinatorEffect[] =>
  facts.length === 0 ? effects : [{ kind: 'append', facts }, ...effects]

export function record(turn: Turn, fact: Fact): void {
  apply(turn.state, fact)
  turn.facts.push(fact)
}

export function act(turn: Turn, effect: Exclude<CoordinatorEffect, { kind: 'append' }>): void {
  turn.effects.push(effect)
}

export const note = (turn: Turn, name: NoteName, fields: NoteFields): void =>
  act(turn, { kind: 'note', name, fields })

export const reply = (turn: Turn, replyTo: string, envelope: Uint8Array): void =>
  act(turn, { kind: 'reply', replyTo, envelope })

export function refuse(
  turn: Turn,
  replyTo: string,
  reason: RefusalReason,
  retryAfterMs: number = turn.state.timers.retryMs
): void {
  const retry = Math.max(1, Math.round(retryAfterMs))
  reply(
    turn,
    replyTo,
    turn.keyring.sign('refusal', { kind: 'refusal', reason, retryAfterMs: retry })
  )
}

/** Is a statement's clock too far from ours? */
export const isSkewed = ({ state, atMs }: Turn, saidAtMs: number): boolean =>
  state.rules.skew && Math.abs(saidAtMs - atMs) > CLOCK_SKEW_MS

/**
 * May this piece of the shell's work be asked for now? Says yes once per `retryAfterMs`, or after
 * `askAgain`.
 */
export function mayAsk(turn: Turn, work: string, retryAfterMs: number): boolean {
  const asked = turn.state.live.asked.get(work)
  if (asked !== undefined && turn.atMs < asked.retryAtMs) return false
  turn.state.live.asked.set(work, { retryAtMs: turn.atMs + retryAfterMs })
  return true
}

/** The work failed: ask again, but not before resendMs. */
export const askAgain = (turn: Turn, work: string): void => {
  turn.state.live.asked.set(work, { retryAtMs: turn.atMs + turn.state.timers.resendMs })
}

/**
 * Why a volunteer does what it does: exactly one reason, the first that holds. What the user asked
 * for comes before the rules, the rules before the mesh.
 */
import type { RuleReason } from './rules.ts'

export type Activity = 'computing' | 'idle' | 'paused' | 'finishing'

export type ReasonCode =
  | 'paused-by-user'
  | 'finishing'
  | 'failures'
  | RuleReason
  | 'no-peers'
  | 'no-announcement'
  | 'refused'
  | 'unreachable'
  | 'waiting-for-verdict'
  | 'waiting-for-work'
  | 'computing'

export interface Why {
  readonly activity: Activity
  readonly reason: ReasonCode
  /** For people: a sentence. */
  readonly text: string
  /** When it ends by itself, Unix milliseconds. */
  readonly untilMs?: number
}

/** Everything the reason may depend on. */
export interface Situation {
  readonly atMs: number
  /** The user's pause; `untilMs` undefined: until resumed. */
  readonly pause?: { readonly untilMs?: number | undefined }
  readonly isFinishing: boolean
  readonly failures: { readonly untilMs: number | undefined; readonly reason: string }
  /** What the rules leave of the threads. */
  readonly allowed: { readonly threads: number; readonly because?: RuleReason }
  readonly threads: number
  readonly computing: number
  /** Computed, not decided. */
  readonly awaiting: number
  readonly peers: number
  /** Coordinators that announced work lately. */
  readonly owners: number
  /** The last answer to a request for work, where it was no. */
  readonly refusal?: { readonly reason: string; readonly untilMs: number }
  /** Coordinators do not answer. */
  readonly isUnanswered: boolean
}

const RULE_TEXTS: Record<RuleReason, string> = {
  schedule: 'the schedule says off',
  battery: 'this machine runs on battery',
  'others-cpu': 'other programs need the processor',
  'user-active': 'you are using this machine'
}

const REFUSAL_TEXTS: Record<string, string> = {
  'nothing-open': 'coordinators have no open units for this machine right now',
  'already-on-unit': 'the open units are ones that this operator has already computed',
  'not-for-us': 'a coordinator sent a lease that was not for this machine'
}

const paused = (reason: ReasonCode, text: string, untilMs?: number): Why => ({
  activity: 'paused',
  reason,
  text,
  ...(untilMs === undefined ? {} : { untilMs })
})

const units = (count: number): string => `${count} unit${count === 1 ? '' : 's'}`

/** Paused by the user, by failures or by a rule. */
function whyPaused(at: Situation): Why | undefined {
  const { pause, failures, allowed, atMs } = at
  if (pause !== undefined)
    return paused('paused-by-user', 'you paused it: `driftmesh resume`', pause.untilMs)
  if (failures.untilMs !== undefined && failures.untilMs > atMs) {
    const text = `units failed in a row (${failures.reason}): \`driftmesh doctor\`, then resume`
    return paused('failures', text, failures.untilMs)
  }
  const { because } = allowed
  if (because !== undefined && allowed.threads === 0) return paused(because, RULE_TEXTS[because])
  return undefined
}

function whyIdle(at: Situation): Why {
  const idle = (reason: ReasonCode, text: string, untilMs?: number): Why => ({
    activity: 'idle',
    reason,
    text,
    ...(untilMs === undefined ? {} : { untilMs })
  })
  if (at.peers === 0)
    return idle('no-peers', 'no peer is reached: check the network and --bootstrap')
  if (at.isUnanswered)
    return idle('unreachable', 'the coordinators that announced work do not answer')
  if (at.refusal !== undefined && at.refusal.untilMs > at.atMs) {
    const { reason, untilMs } = at.refusal
    return idle('refused', REFUSAL_TEXTS[reason] ?? `refused by a coordinator: ${reason}`, untilMs)
  }
  if (at.awaiting > 0)
    return idle('waiting-for-verdict', `${units(at.awaiting)} computed, waiting for the verdict`)
  if (at.owners === 0)
    return idle('no-announcement', 'no coordinator has announced work since the start')
  return idle('waiting-for-work', 'asking coordinators for work')
}

/** The one reason. */
export function whyOf(at: Situation): Why {
  const pausedWhy = whyPaused(at)
  if (pausedWhy !== undefined) return pausedWhy
  if (at.isFinishing) {
    const left = at.computing + at.awaiting
    const text = left > 0 ? `finishing ${units(left)}, then it stops` : 'finished: it stops now'
    return { activity: 'finishing', reason: 'finishing', text }
  }
  if (at.computing === 0) return whyIdle(at)
  const { because, threads } = at.allowed
  if (because !== undefined && threads < at.threads) {
    const text = `on ${threads} of ${at.threads} threads, because ${RULE_TEXTS[because]}`
    return { activity: 'computing', reason: because, text }
  }
  return { activity: 'computing', reason: 'computing', text: `computing ${units(at.computing)}` }
}

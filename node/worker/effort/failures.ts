/**
 * A machine whose results are refused, or whose units fail again and again, helps nobody: after a
 * few in a row it pauses, longer each time, and says why. One verified unit clears it.
 */

/** One may be bad luck or a bad unit. */
const FAILURES_MAX = 3
const FIRST_PAUSE_MS = 10 * 60_000
/** Doubled each time up to 6 tries: beyond ten hours a person has looked. */
const DOUBLINGS_MAX = 6

export interface Failures {
  readonly inARow: number
  readonly pauses: number
  readonly untilMs: number | undefined
  readonly reason: string
}

export const NO_FAILURES: Failures = { inARow: 0, pauses: 0, untilMs: undefined, reason: '' }

export const onSuccess = (): Failures => NO_FAILURES

export function onFailure(failures: Failures, reason: string, atMs: number): Failures {
  const inARow = failures.inARow + 1
  if (inARow < FAILURES_MAX) return { ...failures, inARow, reason }
  const pauseMs = FIRST_PAUSE_MS * 2 ** Math.min(failures.pauses, DOUBLINGS_MAX)
  return { inARow: 0, pauses: failures.pauses + 1, untilMs: atMs + pauseMs, reason }
}

/**
 * The brake of a kernel thread: shared memory that the pool writes and the thread reads between two
 * steps of a unit. A held thread sleeps where it is; a duty share makes it sleep after every slice
 * of work. Whatever it does, the unit's result is the same.
 */

/** Work between two rests; short, so that a fan does not hear them and a person does not wait. */
const SLICE_MS = 100
/** A held thread looks again this often, in case it was not woken. */
const LOOK_MS = 1000
/** Longest rest at once: a thread at a small duty share must see that it is held, or let go. */
const REST_MS_MAX = 10_000

const HELD = 0
const DUTY = 1
const FULL_DUTY = 1000

/** The pool's side. */
export interface Brake {
  readonly shared: SharedArrayBuffer
  set(pace: { readonly isHeld: boolean; readonly dutyPerMille: number }): void
}

export function makeBrake(): Brake {
  const shared = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)
  const flags = new Int32Array(shared)
  flags[DUTY] = FULL_DUTY
  return {
    shared,
    set: ({ isHeld, dutyPerMille }) => {
      Atomics.store(flags, DUTY, Math.min(Math.max(Math.round(dutyPerMille), 1), FULL_DUTY))
      Atomics.store(flags, HELD, isHeld ? 1 : 0)
      Atomics.notify(flags, HELD)
    }
  }
}

/** How long to rest after so much work, that work is this share of the whole. */
export function restMs(workedMs: number, dutyPerMille: number): number {
  if (dutyPerMille >= FULL_DUTY) return 0
  return Math.min((workedMs * (FULL_DUTY - dutyPerMille)) / dutyPerMille, REST_MS_MAX)
}

export interface RestDeps {
  readonly nowMs: () => number
  /** It is going to sleep, or goes on: the unit's wall clock stands meanwhile. */
  readonly tell: (isResting: boolean) => void
}

/** The thread's side: to be called between steps; returns when work may go on. */
export function restOn(shared: SharedArrayBuffer, { nowMs, tell }: RestDeps): () => void {
  const flags = new Int32Array(shared)
  let sinceMs = nowMs()
  const sleepWhileHeld = (): void => {
    while (Atomics.load(flags, HELD) === 1) Atomics.wait(flags, HELD, 1, LOOK_MS)
  }
  return () => {
    const isHeld = Atomics.load(flags, HELD) === 1
    const workedMs = nowMs() - sinceMs
    if (!isHeld && workedMs < SLICE_MS) return
    const pauseMs = isHeld ? 0 : restMs(workedMs, Atomics.load(flags, DUTY))
    if (isHeld || pauseMs > 0) {
      tell(true)
      if (pauseMs > 0) Atomics.wait(flags, HELD, 0, pauseMs)
      sleepWhileHeld()
      tell(false)
    }
    sinceMs = nowMs()
  }
}

/**
 * Which slices a run needs, and when: time is linear between slices, sampled at t, t+½ and t+1 of
 * each step. The shell that sends slices and the thread that loads them read the same schedule, so
 * the one never waits for what the other does not send.
 */
import type { Role } from '../../kernel/run.ts'
import { MeshError } from '../mesh-error.ts'

export interface RunClock {
  /** Unix seconds of step 0 of the plan. */
  readonly startSeconds: number
  readonly stepSeconds: number
  readonly firstStep: number
  readonly stepCount: number
}

/** The time axis of one role. */
export interface RoleTimes {
  readonly role: Role
  readonly times: readonly number[]
}

/** Slices around one time: `index` at or before it; the next one too unless it lies on the time. */
export interface Bracket {
  readonly index: number
  readonly needsNext: boolean
}

export interface SliceUse {
  readonly role: Role
  readonly index: number
}

/** Unix seconds of half step 0, 1 or 2 of the run's step `step`. */
export const secondsOf = (clock: RunClock, step: number, half: number): number =>
  clock.startSeconds + ((2 * (clock.firstStep + step) + half) * clock.stepSeconds) / 2

/** The last slice at or before `seconds`; −1 before the first. */
function indexBefore(times: readonly number[], seconds: number): number {
  let low = -1
  let high = times.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) <= seconds) low = middle
    else high = middle
  }
  return low
}

/** @throws MeshError `forcing/no-overlap` outside the slices */
export function bracketOf({ role, times }: RoleTimes, seconds: number): Bracket {
  const index = indexBefore(times, seconds)
  const needsNext = times[index] !== seconds
  if (index < 0 || (needsNext && index + 1 >= times.length)) {
    throw new MeshError(
      'forcing/no-overlap',
      `the ${role} forcing covers ${times[0]} to ${times.at(-1)} s, the unit needs ${seconds} s`
    )
  }
  return { index, needsNext }
}

/** What each role's two slots hold: slice `index` lives in slot `index` mod 2. */
export class Slots {
  readonly #held = new Map<Role, [number, number]>()

  /** Takes the slices of a bracket in; returns those that were not held. */
  take(role: Role, { index, needsNext }: Bracket): SliceUse[] {
    const held = this.#held.get(role) ?? [-1, -1]
    this.#held.set(role, held)
    const wanted = needsNext ? [index, index + 1] : [index]
    const missing = wanted.filter((slice) => held[slice & 1] !== slice)
    for (const slice of missing) held[slice & 1] = slice
    return missing.map((slice) => ({ role, index: slice }))
  }
}

/** Every half step to pack, in order: half 0 only of the first step. */
export function* halvesOf(clock: RunClock): Iterable<{ step: number; half: 0 | 1 | 2 }> {
  for (let step = 0; step < clock.stepCount; step++) {
    if (step === 0) yield { step, half: 0 }
    yield { step, half: 1 }
    yield { step, half: 2 }
  }
}

/** Slices in the order in which a run loads them. */
export function* slicesOf(clock: RunClock, roles: readonly RoleTimes[]): Iterable<SliceUse> {
  const slots = new Slots()
  for (const { step, half } of halvesOf(clock)) {
    const seconds = secondsOf(clock, step, half)
    for (const axis of roles) yield* slots.take(axis.role, bracketOf(axis, seconds))
  }
}

/**
 * When a volunteer rests by itself: readings of sensors in, what it may do out. Each rule has two
 * limits, and what a reading says must hold for a while before the rule turns, so that a volunteer
 * does not stutter at the edge. A sensor that knows nothing never pauses anything.
 */
import type { Effort } from './caps.ts'

/** What holds for so long is believed. With a reading every half second a rule turns within 2 s. */
export const HOLD_MS = 900
/** A rule that pauses above a limit clears below this share of it. */
const CLEAR_SHARE = 0.6

export interface Reading {
  readonly atMs: number
  readonly isOnBattery: boolean | undefined
  /** Share of all cores that other programs use, 0 to 1. */
  readonly othersCpuShare: number | undefined
  readonly isUserActive: boolean | undefined
  /** Local: 0 is Monday 00:00. */
  readonly minuteOfWeek: number
}

/** From one minute of the week to another (which may be the earlier one), in local time. */
export interface Period {
  readonly fromMinute: number
  readonly toMinute: number
  readonly profile: Effort | 'off'
}

export interface Rules {
  readonly pausesOnBattery: boolean
  /** Pauses when others need more of the machine than this share; undefined: never. */
  readonly othersCpuMax: number | undefined
  /** Threads while the user is active; undefined: as many as else. */
  readonly activeThreads: number | undefined
  /** The first period that holds decides; outside all of them the effort of the settings does. */
  readonly schedule: readonly Period[]
}

/** Full effort is for machines that have nothing else to do. */
export const rulesOf = (effort: Effort): Omit<Rules, 'schedule'> =>
  effort === 'full'
    ? { pausesOnBattery: false, othersCpuMax: undefined, activeThreads: undefined }
    : { pausesOnBattery: true, othersCpuMax: 0.25, activeThreads: effort === 'quiet' ? 0 : 1 }

/** A belief about the world, and since when readings contradict it. */
interface Belief {
  readonly holds: boolean
  readonly doubtedSinceMs: number | undefined
}

export interface RuleState {
  readonly battery: Belief
  readonly others: Belief
  readonly active: Belief
}

const UNDOUBTED: Belief = { holds: false, doubtedSinceMs: undefined }
export const INITIAL_RULES: RuleState = {
  battery: UNDOUBTED,
  others: UNDOUBTED,
  active: UNDOUBTED
}

function believe(belief: Belief, seen: boolean, atMs: number): Belief {
  if (seen === belief.holds) return { ...belief, doubtedSinceMs: undefined }
  const sinceMs = belief.doubtedSinceMs ?? atMs
  return atMs - sinceMs >= HOLD_MS
    ? { holds: seen, doubtedSinceMs: undefined }
    : { holds: belief.holds, doubtedSinceMs: sinceMs }
}

/** Above the limit, or, once believed, not yet far enough below it. */
const isAbove = (share: number, limit: number, { holds }: Belief): boolean =>
  share > (holds ? limit * CLEAR_SHARE : limit)

/** What the sensors say, believed or not. */
export function observe(state: RuleState, reading: Reading, rules: Rules): RuleState {
  const { atMs, isOnBattery = false, othersCpuShare = 0, isUserActive = false } = reading
  const limit = rules.othersCpuMax
  const isBusy = limit !== undefined && isAbove(othersCpuShare, limit, state.others)
  return {
    battery: believe(state.battery, isOnBattery, atMs),
    others: believe(state.others, isBusy, atMs),
    active: believe(state.active, isUserActive, atMs)
  }
}

const isWithin = ({ fromMinute, toMinute }: Period, minute: number): boolean =>
  fromMinute <= toMinute
    ? minute >= fromMinute && minute < toMinute
    : minute >= fromMinute || minute < toMinute

/** What the schedule wants now; undefined: nothing. */
export const scheduled = ({ schedule }: Rules, minuteOfWeek: number): Effort | 'off' | undefined =>
  schedule.find((period) => isWithin(period, minuteOfWeek))?.profile

export type RuleReason = 'schedule' | 'battery' | 'others-cpu' | 'user-active'

/** Threads that the rules leave, and the rule that took the others. */
export function allowance(
  state: RuleState,
  minuteOfWeek: number,
  rules: Rules,
  threads: number
): { readonly threads: number; readonly because?: RuleReason } {
  if (scheduled(rules, minuteOfWeek) === 'off') return { threads: 0, because: 'schedule' }
  if (rules.pausesOnBattery && state.battery.holds) return { threads: 0, because: 'battery' }
  if (rules.othersCpuMax !== undefined && state.others.holds)
    return { threads: 0, because: 'others-cpu' }
  const { activeThreads } = rules
  if (activeThreads !== undefined && state.active.holds && activeThreads < threads)
    return { threads: activeThreads, because: 'user-active' }
  return { threads }
}

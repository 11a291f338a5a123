/** The federation's timers in real milliseconds: manifest value ÷ timeScale, at least one. */
import type { Federation, Timers } from './federation.ts'

/** Every timer is looked at this many times per heartbeat, so that none is late by much. */
const TICKS_PER_HEARTBEAT = 4
/** A tick costs little, but not nothing: never more often than this. */
const TICK_MS_MIN = 20

export function scaledTimers(federation: Federation): Timers {
  const scaled = Object.entries(federation.timers).map(([name, ms]) => [
    name,
    Math.max(1, Math.round((ms as number) / federation.timeScale))
  ])
  return Object.fromEntries(scaled) as Timers
}

/** How often the shells of coordinators and volunteers send `tick`. */
export const tickMs = (federation: Federation): number =>
  Math.max(TICK_MS_MIN, Math.floor(scaledTimers(federation).heartbeatMs / TICKS_PER_HEARTBEAT))

/**
 * What a data set is taken to be between and beyond its slices: gaps up to a stated length are
 * interpolated, longer ones fail or, if asked, hold the last slice; so do the ends. The result is a
 * series whose times bracket the window, so that who reads it knows of no gaps.
 */
import { MeshError } from '../../mesh-error.ts'
import { isoTime } from '../meaning/time-axis.ts'
import type { Series } from '../series.ts'
import { defaultGap, uncovered, usualStep } from '../window.ts'

export interface TimeRule {
  /** Gaps between slices up to this are interpolated; default: twice the usual step. */
  readonly maxGapSeconds?: number
  /** Slices are held for at most this in longer gaps and at both ends; default: not at all. */
  readonly persistSeconds?: number
}

/** A time at which a slice of the data stands. */
interface Stand {
  readonly seconds: number
  readonly index: number
}

export interface Timed {
  readonly stands: readonly Stand[]
  /** Spans between stands in which nothing is known, by the index of their first stand. */
  readonly gaps: readonly number[]
  readonly notes: readonly string[]
}

const hoursOf = (seconds: number): string => `${Math.round((seconds / 3600) * 10) / 10} hours`

/** Slices held from the ends of the data to those of the window. */
function heldEnds(
  role: string,
  times: readonly number[],
  [startSeconds, endSeconds]: readonly [number, number],
  persistSeconds: number,
  notes: string[]
): { before: Stand[]; after: Stand[] } {
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0]
  const [early, late] = [first - startSeconds, endSeconds - last]
  const isEarly = early > 0 && early <= persistSeconds
  const isLate = late > 0 && late <= persistSeconds
  const tell = (which: string, seconds: number, at: number): void => {
    notes.push(`${role}: its ${which} slice, of ${isoTime(at)}, is held for ${hoursOf(seconds)}`)
  }
  if (isEarly) tell('first', early, first)
  if (isLate) tell('last', late, last)
  return {
    before: isEarly ? [{ seconds: startSeconds, index: 0 }] : [],
    after: isLate ? [{ seconds: endSeconds, index: times.length - 1 }] : []
  }
}

/** The times of a role as a rule and a window make of them. */
export function timesBy(
  role: string,
  times: readonly number[],
  rule: TimeRule,
  window: readonly [startSeconds: number, endSeconds: number]
): Timed {
  const { persistSeconds = 0, maxGapSeconds = defaultGap(times) } = rule
  const usual = usualStep(times) ?? 0
  const notes: string[] = []
  const { before, after } = heldEnds(role, times, window, persistSeconds, notes)
  const stands: Stand[] = [...before]
  const gaps: number[] = []
  times.forEach((seconds, index) => {
    stands.push({ seconds, index })
    const next = times[index + 1] ?? seconds
    const gap = next - seconds
    if (gap <= usual || next <= window[0] || seconds >= window[1]) return
    const where = `no slice for ${hoursOf(gap)} after ${isoTime(seconds)}`
    // The last usual step before the next slice is interpolated, so that nothing jumps.
    const heldSeconds = gap - Math.min(usual, maxGapSeconds)
    if (gap <= maxGapSeconds) {
      if (gap >= 1.5 * usual) notes.push(`${role}: ${where}; interpolated across`)
    } else if (heldSeconds <= persistSeconds) {
      stands.push({ seconds: seconds + heldSeconds, index })
      notes.push(`${role}: ${where}; the slice before is held for ${hoursOf(heldSeconds)}`)
    } else gaps.push(stands.length - 1)
  })
  stands.push(...after)
  return { stands, gaps, notes }
}

/**
 * A series that is known at every instant of the window.
 * @throws MeshError `forcing/no-overlap` where the rule leaves an end or a gap open
 */
export function coverWindow(
  series: Series,
  rule: TimeRule,
  window: readonly [startSeconds: number, endSeconds: number],
  role: string = series.role
): Series {
  const { times } = series
  const { stands, gaps, notes } = timesBy(role, times, rule, window)
  const [first, last] = [stands[0]?.seconds ?? 0, stands.at(-1)?.seconds ?? 0]
  if (first > window[0] || last < window[1]) throw uncovered(role, times, ...window)
  const [gap] = gaps
  if (gap !== undefined) {
    throw openGap(role, stands[gap]?.seconds ?? 0, stands[gap + 1]?.seconds ?? 0)
  }
  return {
    ...series,
    times: stands.map(({ seconds }) => seconds),
    notes: [...series.notes, ...notes],
    read: (timeIndex) => series.read(stands[timeIndex]?.index ?? -1)
  }
}

function openGap(role: string, from: number, to: number): MeshError {
  const hours = Math.ceil((to - from) / 3600)
  return new MeshError(
    'forcing/no-overlap',
    `the ${role} has no slice from ${isoTime(from)} to ${isoTime(to)} (${hours} hours), more ` +
      'than twice its usual step or the stated maxGap; add the files, or say on its forcing ' +
      `entry what to do: maxGap: PT${hours}H (interpolate) or persist: PT${hours}H (hold it)`,
    { detail: { role } }
  )
}

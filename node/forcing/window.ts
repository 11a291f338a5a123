/**
 * Which slices a forecast needs: those inside its window and the one on each side that brackets
 * it, so that the field is known at every instant without extrapolation.
 */
import { MeshError } from '../mesh-error.ts'
import { isoTime } from './meaning/time-axis.ts'
import type { Series } from './series.ts'

/** A gap between slices is interpolated up to this many times the usual step, unless stated. */
const GAP_STEPS = 2

export interface SliceWindow {
  readonly firstIndex: number
  readonly times: readonly number[]
}

/** @throws MeshError `forcing/no-overlap` naming both ranges */
export function sliceWindow(
  { role, times }: Pick<Series, 'times'> & { readonly role: string },
  startSeconds: number,
  endSeconds: number
): SliceWindow {
  const firstIndex = times.findLastIndex((seconds) => seconds <= startSeconds)
  const lastIndex = times.findIndex((seconds) => seconds >= endSeconds)
  if (firstIndex < 0 || lastIndex < 0) throw uncovered(role, times, startSeconds, endSeconds)
  return { firstIndex, times: times.slice(firstIndex, lastIndex + 1) }
}

export function uncovered(
  role: string,
  times: readonly number[],
  startSeconds: number,
  endSeconds: number
): MeshError {
  const [first = 0, last = 0] = [times[0], times.at(-1)]
  const hours = Math.max(first - startSeconds, endSeconds - last) / 3600
  const isFar = endSeconds < first || startSeconds > last
  const hold = isFar
    ? ''
    : `, or hold its ${last < endSeconds ? 'last' : 'first'} slice: ` +
      `persist: PT${Math.ceil(hours)}H on its forcing entry`
  return new MeshError(
    'forcing/no-overlap',
    `the ${role} covers ${isoTime(first)} to ${isoTime(last)}, the forecast needs ` +
      `${isoTime(startSeconds)} to ${isoTime(endSeconds)}; ` +
      `change its start or duration or add files${hold}`,
    { detail: { role } }
  )
}

/** The usual step between slices: the middle one; undefined where there is but one slice. */
export function usualStep(times: readonly number[]): number | undefined {
  const steps = times.slice(1).map((seconds, index) => seconds - (times[index] ?? 0))
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)]
}

/** The longest gap that is interpolated where the forecast file states none. */
export const defaultGap = (times: readonly number[]): number =>
  GAP_STEPS * (usualStep(times) ?? Infinity)

/** A sentence about the widest gap between slices, if one is wider than is interpolated. */
export function gapNote(role: string, times: readonly number[]): string | undefined {
  const steps = times.slice(1).map((seconds, index) => seconds - (times[index] ?? 0))
  const widest = Math.max(0, ...steps)
  if (widest <= defaultGap(times)) return undefined
  const at = isoTime(times[steps.indexOf(widest)] ?? 0)
  const hours = widest / 3600
  return `${role}: no slice for ${hours} hours after ${at}; a forecast needs maxGap or persist`
}

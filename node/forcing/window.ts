/**
 * Which slices a forecast needs: those inside its window and the one on each side that brackets
 * it, so that the field is known at every instant without extrapolation.
 */
import { MeshError } from '../mesh-error.ts'
import { isoTime } from './meaning/time-axis.ts'
import type { Series } from './series.ts'

/** A gap between slices is told when it is this many times the usual step. */
const GAP_STEPS = 3

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
  if (firstIndex < 0 || lastIndex < 0) {
    const has = `${isoTime(times[0] ?? 0)} to ${isoTime(times.at(-1) ?? 0)}`
    const needs = `${isoTime(startSeconds)} to ${isoTime(endSeconds)}`
    throw new MeshError(
      'forcing/no-overlap',
      `the ${role} covers ${has}, the forecast needs ${needs}; ` +
        'change its start or duration or add files',
      { detail: { role } }
    )
  }
  return { firstIndex, times: times.slice(firstIndex, lastIndex + 1) }
}

/** A sentence about the widest gap between slices, if there is one. */
export function gapNote(role: string, times: readonly number[]): string | undefined {
  const steps = times.slice(1).map((seconds, index) => seconds - (times[index] ?? 0))
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0
  const widest = Math.max(0, ...steps)
  if (widest <= GAP_STEPS * usual) return undefined
  const at = isoTime(times[steps.indexOf(widest)] ?? 0)
  return `${role}: no slice for ${widest / 3600} hours after ${at}; interpolated across`
}

/**
 * Where and when virtual particles set out: at each drifter's place at the first whole step of the
 * forecast it is at sea for, and again every restart interval.
 */
import type { Drifter } from './drifters.ts'
import { type Fix, placeAt } from './measures.ts'

/** A place between fixes further apart than this is a guess, not an observation. */
export const GAP_SECONDS_MAX = 6 * 3600

export interface Start {
  readonly drifter: string
  /** Place and time of release: between fixes, linear in time. */
  readonly at: Fix
  /** Fixes after it to compare with, until the next restart or the end. */
  readonly fixes: readonly Fix[]
}

export interface Span {
  readonly startSeconds: number
  readonly endSeconds: number
}

/** Place of a drifter, unless the fixes around it are too far apart. */
export function observedAt(fixes: readonly Fix[], seconds: number): Fix | undefined {
  const place = placeAt(fixes, seconds)
  const before = fixes.findLast((fix) => fix.seconds <= seconds)
  const after = fixes.find((fix) => fix.seconds >= seconds)
  if (before === undefined || after === undefined) return undefined
  return after.seconds - before.seconds <= GAP_SECONDS_MAX ? place : undefined
}

/** Times of release of one drifter: whole steps of the forecast, `restart` apart. */
function* releasesOf(
  { fixes }: Drifter,
  span: Span,
  stepSeconds: number,
  restartSeconds: number | undefined
): Iterable<number> {
  const first = fixes.find(({ seconds }) => seconds >= span.startSeconds)?.seconds
  const last = Math.min(span.endSeconds, fixes.at(-1)?.seconds ?? -Infinity)
  if (first === undefined) return
  // At sea before the forecast began: it sets out with it.
  const known = observedAt(fixes, span.startSeconds) === undefined ? first : span.startSeconds
  const steps = Math.ceil((known - span.startSeconds) / stepSeconds)
  const every = Math.ceil((restartSeconds ?? Infinity) / stepSeconds) * stepSeconds
  let release = span.startSeconds + steps * stepSeconds
  while (release < last) {
    yield release
    release += every
  }
}

/** Every start of every drifter in the time of a forecast. */
export function startsOf(
  drifters: readonly Drifter[],
  span: Span,
  stepSeconds: number,
  restartSeconds?: number
): Start[] {
  return drifters.flatMap((drifter) => {
    const starts: Start[] = []
    for (const release of releasesOf(drifter, span, stepSeconds, restartSeconds)) {
      const end = Math.min(span.endSeconds, release + (restartSeconds ?? Infinity))
      const at = observedAt(drifter.fixes, release)
      const fixes = drifter.fixes.filter(({ seconds }) => seconds > release && seconds <= end)
      if (at !== undefined && fixes.length > 0) starts.push({ drifter: drifter.id, at, fixes })
    }
    return starts
  })
}

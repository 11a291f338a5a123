/**
 * An observation that comes and goes: a node without a value at one time, but with values before
 * and after no farther apart than the longest gap that is interpolated, is linear between them.
 * Slices around the present one are kept, so that each is read once.
 */
import type { Series } from '../series.ts'
import type { Slice } from '../slice.ts'

/** Slices looked at on each side: a day of hours. */
const BESIDE_MAX = 24

/** The slices on one side of a time, nearest first, that a bridge may end at. */
function beside(times: readonly number[], index: number, step: 1 | -1, maxGap: number): number[] {
  const found: number[] = []
  for (let at = index + step; found.length < BESIDE_MAX; at += step) {
    const seconds = times[at]
    if (seconds === undefined || Math.abs(seconds - (times[index] ?? 0)) >= maxGap) break
    found.push(at)
  }
  return found
}

const isKnown = (slice: Slice | undefined, node: number): boolean =>
  slice !== undefined && !Number.isNaN(slice.u[node])

export function bridged(series: Series, maxGapSeconds: number): Series {
  const { times } = series
  const kept = new Map<number, Slice>()
  const sliceOf = async (index: number): Promise<Slice> => {
    const slice = kept.get(index) ?? (await series.read(index))
    kept.set(index, slice)
    return slice
  }
  const read = async (index: number): Promise<Slice> => {
    const before = beside(times, index, -1, maxGapSeconds)
    const after = beside(times, index, 1, maxGapSeconds)
    const wanted = [index, ...before, ...after]
    for (const old of kept.keys()) if (!wanted.includes(old)) kept.delete(old)
    const slices = new Map<number, Slice>()
    for (const each of wanted) slices.set(each, await sliceOf(each))
    const own = slices.get(index)
    if (own === undefined) throw new Error(`no slice ${index}`)
    const out: Slice = { u: own.u.slice(), v: own.v.slice() }
    const at = (each: number): number => times[each] ?? Number.NaN
    for (let node = 0; node < out.u.length; node++) {
      if (!Number.isNaN(out.u[node])) continue
      const from = before.find((each) => isKnown(slices.get(each), node))
      const to = after.find((each) => isKnown(slices.get(each), node))
      if (from === undefined || to === undefined || at(to) - at(from) > maxGapSeconds) continue
      const share = (at(index) - at(from)) / (at(to) - at(from))
      const [a, b] = [slices.get(from), slices.get(to)]
      const mix = (part: 'u' | 'v'): number =>
        (1 - share) * (a?.[part][node] ?? Number.NaN) + share * (b?.[part][node] ?? Number.NaN)
      out.u[node] = mix('u')
      out.v[node] = mix('v')
    }
    return out
  }
  return { ...series, read }
}

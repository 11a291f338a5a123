/**
 * How near a model's track stays to a drifter's: the normalised cumulative separation and skill of
 * Liu and Weisberg (2011, doi:10.1029/2010JC006837), and separations after given times.
 */
import { distanceMetres, type Place } from './geodesic.ts'

/** Separation over path length at which skill is 0: 1 as Liu and Weisberg use it. */
const TOLERANCE = 1

export interface Fix extends Place {
  readonly seconds: number
}

export interface Separation {
  /** s = Σ dᵢ / Σ lᵢ: separations over observed path lengths from the start, each until fix i. */
  readonly normalised: number
  /** 1 − s/n, and 0 where s > n; n = 1. */
  readonly skill: number
}

/**
 * Observed and modelled places at the same times, the common start first; undefined where there is
 * no later fix or the drifter did not move at all.
 */
export function separationOf(
  observed: readonly Place[],
  modelled: readonly Place[]
): Separation | undefined {
  let path = 0
  let lengths = 0
  let apart = 0
  for (let i = 1; i < observed.length; i += 1) {
    const [before, here, model] = [observed[i - 1], observed[i], modelled[i]]
    if (before === undefined || here === undefined || model === undefined) break
    path += distanceMetres(before, here)
    lengths += path
    apart += distanceMetres(here, model)
  }
  if (lengths === 0) return undefined
  const normalised = apart / lengths
  return { normalised, skill: Math.max(0, 1 - normalised / TOLERANCE) }
}

/** A place between the fixes of a track, linear in time; undefined outside it. */
export function placeAt(track: readonly Fix[], seconds: number): Fix | undefined {
  let low = 0
  let high = track.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((track[middle]?.seconds ?? Infinity) <= seconds) low = middle
    else high = middle
  }
  const a = track[low]
  if (a === undefined || a.seconds > seconds) return undefined
  if (a.seconds === seconds) return a
  const b = track[low + 1]
  if (b === undefined) return undefined
  const part = (seconds - a.seconds) / (b.seconds - a.seconds)
  const lonApart = b.lon - a.lon - 360 * Math.round((b.lon - a.lon) / 360)
  return { lon: a.lon + part * lonApart, lat: a.lat + part * (b.lat - a.lat), seconds }
}

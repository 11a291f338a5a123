/** What the comparison says: each start by itself, and means over starts. */
import type { Status } from '../../../protocol/result.ts'
import { distanceMetres } from './geodesic.ts'
import { placeAt, separationOf } from './measures.ts'
import { observedAt, type Start } from './starts.ts'
import type { VirtualTrack } from './virtual-drifters.ts'

/** Lead times of the mean separation, hours. */
export const LEADS_HOURS = [6, 12, 24, 48, 72] as const
export interface StartSkill {
  readonly drifter: string
  readonly start: string
  readonly lon: number
  readonly lat: number
  /** From the start to the last fix compared. */
  readonly hours: number
  readonly fixes: number
  /** Liu–Weisberg, tolerance 1; null where the drifter did not move. */
  readonly skill: number | null
  readonly normalisedSeparation: number | null
  /** Separation by hours of lead time, where both tracks reach it. */
  readonly separationKm: Readonly<Record<string, number>>
  /** Of the particle when the comparison ends. */
  readonly status: Status
}

export interface MeanSkill {
  readonly starts: number
  readonly skill: number | null
  readonly normalisedSeparation: number | null
  readonly separationKm: Readonly<
    Record<string, { readonly mean: number; readonly starts: number }>
  >
}

export const iso = (seconds: number): string =>
  `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length

/** One start's tracks. */
export function compare(start: Start, track: VirtualTrack): StartSkill {
  const pairs = start.fixes.flatMap((fix) => {
    const model = placeAt(track.fixes, fix.seconds)
    return model === undefined ? [] : [{ fix, model }]
  })
  const separation = separationOf(
    [start.at, ...pairs.map(({ fix }) => fix)],
    [start.at, ...pairs.map(({ model }) => model)]
  )
  const apart: Record<string, number> = {}
  for (const hours of LEADS_HOURS) {
    const seconds = start.at.seconds + hours * 3600
    const there = observedAt([start.at, ...start.fixes], seconds)
    const model = placeAt(track.fixes, seconds)
    if (there !== undefined && model !== undefined) {
      apart[hours] = distanceMetres(there, model) / 1000
    }
  }
  const last = pairs.at(-1)?.fix.seconds ?? start.at.seconds
  return {
    drifter: start.drifter,
    start: iso(start.at.seconds),
    lon: start.at.lon,
    lat: start.at.lat,
    hours: (last - start.at.seconds) / 3600,
    fixes: pairs.length,
    skill: separation?.skill ?? null,
    normalisedSeparation: separation?.normalised ?? null,
    separationKm: apart,
    status: track.status
  }
}

/** Means over starts. */
export function summary(starts: readonly StartSkill[]): MeanSkill {
  const known = (of: (start: StartSkill) => number | null | undefined): number[] =>
    starts.map(of).filter((value) => value !== null && value !== undefined)
  const leads = LEADS_HOURS.flatMap((hours) => {
    const values = known(({ separationKm }) => separationKm[hours])
    const mean = meanOf(values)
    return mean === null ? [] : [[String(hours), { mean, starts: values.length }] as const]
  })
  return {
    starts: starts.length,
    skill: meanOf(known(({ skill }) => skill)),
    normalisedSeparation: meanOf(known(({ normalisedSeparation }) => normalisedSeparation)),
    separationKm: Object.fromEntries(leads)
  }
}

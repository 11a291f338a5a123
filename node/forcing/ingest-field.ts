/**
 * One field of a forecast as content. Where the sea is follows from all slices of the current, so
 * files would have to be read twice; most keep the land of their first slice in all others, so that
 * is guessed, and only where a later slice knows better is the field read again.
 */
import { pipe } from 'it-pipe'
import type { CID } from 'multiformats/cid'
import { MeshError } from '../mesh-error.ts'
import type { Coast } from './coast.ts'
import { mapTo } from './grids/grid-content.ts'
import { letGo } from './let-go.ts'
import type { Grid } from './meaning/grid.ts'
import type { Series } from './series.ts'
import type { ForcingRole } from './source.ts'
import {
  asGuessed,
  components,
  countSeen,
  coverageNote,
  fitted,
  guessFrom,
  onGrid,
  type Seen,
  slicesOf,
  unchanged,
  type Watch
} from './stages.ts'
import { type Put, type Tiling, tileSeries } from './tiles.ts'
import type { SliceWindow } from './window.ts'

export interface FieldRequest extends Watch {
  readonly metric: 'wgs84' | 'sphere1852' | 'flat'
}

export interface FieldTarget {
  readonly grid: Grid
  readonly coast: Coast
  readonly tiling: Tiling
  readonly put: Put
  readonly notes: string[]
  /** Greatest speed of every row of the grid, m/s. */
  readonly fastest: Readonly<Record<ForcingRole, Float64Array>>
}

/** A series and the slices of it that are used. */
export interface Used {
  readonly series: Series
  readonly window: SliceWindow
}

/** A speed above this is more likely a wrong unit than weather; it is told, not refused. */
const PLAUSIBLE_METRES_PER_SECOND = { current: 5, wind: 80, stokes: 3 } as const
/** No sea or air moves like this: a value for "missing" that the file does not declare. */
const IMPOSSIBLE_METRES_PER_SECOND = { current: 100, wind: 500, stokes: 100 } as const

function checkSpeed({ role }: Series, fastest: number, notes: string[]): void {
  if (fastest > IMPOSSIBLE_METRES_PER_SECOND[role]) {
    throw new MeshError(
      'forcing/not-understood',
      `the ${role} reaches ${fastest.toFixed(0)} m/s: its unit is wrong, or it marks what is ` +
        "missing with a number that no _FillValue declares; look with 'driftmesh data inspect' " +
        'and correct it, for example: ncatted -a _FillValue,NAME,o,f,-999 FILE',
      { detail: { role } }
    )
  }
  if (fastest > PLAUSIBLE_METRES_PER_SECOND[role]) {
    notes.push(`${role}: up to ${fastest.toFixed(1)} m/s; check the unit of the data`)
  }
}

export const greatest = (speeds: Float64Array): number =>
  speeds.reduce((most, speed) => Math.max(most, speed), 0)

/** At how many slices (all, or the first) a current has values on a grid, or waves on theirs. */
export function lookThrough(
  { series, window }: Used,
  grid: Grid,
  request: FieldRequest,
  sliceCount = window.times.length
): Promise<Seen> {
  const part = { ...window, times: window.times.slice(0, sliceCount) }
  const slices = slicesOf(series, part, request, `looking for land in ${series.role}`)
  const isElsewhere = series.role === 'current' && series.grid !== grid
  return countSeen(isElsewhere ? onGrid(mapTo(grid, series, request.metric))(slices) : slices)
}

/** A guess of all slices by the first. */
export async function firstSight(used: Used, grid: Grid, request: FieldRequest): Promise<Seen> {
  const seen = await lookThrough(used, grid, request, 1)
  const guess = guessFrom(seen)
  letGo(seen.counts)
  return guess
}

/**
 * Link of a current whose land is that of `guess`; undefined, and the slices not read to their end,
 * where one has a value that the guess has not. The guess learns what is not always there.
 */
export async function ingestCurrent(
  { series, window }: Used,
  target: FieldTarget,
  request: FieldRequest,
  guess?: Seen
): Promise<CID | undefined> {
  const { coast, fastest, notes } = target
  fastest.current.fill(0)
  const field = await pipe(
    slicesOf(series, window, request, 'reading current'),
    onGrid(mapTo(target.grid, series, request.metric)),
    guess === undefined ? unchanged : asGuessed(guess),
    fitted(coast, fastest.current),
    components,
    (slices) => tileSeries(slices, window.times, target.tiling, target.put)
  )
  if (field !== undefined) checkSpeed(series, greatest(fastest.current), notes)
  return field
}

/** Link of wind or waves. */
export async function ingestOther(
  used: Used,
  target: FieldTarget,
  request: FieldRequest
): Promise<CID> {
  const { series, window } = used
  const { role } = series
  const { grid, coast, notes, fastest } = target
  const map = mapTo(grid, series, request.metric)
  const note = coverageNote(series, map, grid, coast.land)
  if (note !== undefined) notes.push(note)
  const tile = async (seen?: Seen, guess?: Seen): Promise<CID | undefined> => {
    fastest[role].fill(0)
    const slices = slicesOf(series, window, request, `reading ${role}`)
    return await pipe(
      slices,
      guess === undefined ? unchanged : asGuessed(guess),
      onGrid(map, seen),
      fitted(coast, fastest[role]),
      components,
      (fit) => tileSeries(fit, window.times, target.tiling, target.put)
    )
  }
  const guess = role === 'stokes' ? await firstSight(used, grid, request) : undefined
  const field = (await tile(guess, guess)) ?? (await tile(await lookThrough(used, grid, request)))
  if (field === undefined) throw new Error('defect: a series changed while it was read')
  checkSpeed(series, greatest(fastest[role]), notes)
  return field
}

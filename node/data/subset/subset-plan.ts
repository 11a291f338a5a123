/**
 * From a request to the pieces that are asked of the server: indices of every axis, cut in time so
 * that no answer is too large, and two runs of longitudes where the box crosses the axis' seam.
 */
import { isoTime } from '../../forcing/meaning/time-axis.ts'
import { MeshError } from '../../mesh-error.ts'
import type { TransferContext } from '../transfer/download.ts'
import { shownUrl } from '../transfer/shown-url.ts'
import {
  type AxisRun,
  type LongitudeRun,
  longitudeRuns,
  nearestIndex,
  runBetween
} from './axis-run.ts'
import { type Coverage, chooseVariables, clipNotes, outside, type SubsetRequest } from './box.ts'
import { type Axis, type GridSet, readAxes, timesOf } from './grid-set.ts'

/** One time may be larger than an answer should be, up to what memory and NetCDF-3 hold. */
const TIME_BYTES_MAX = 1024 * 1024 * 1024

export interface SubsetPlan {
  readonly set: GridSet
  readonly variables: readonly string[]
  readonly axes: ReadonlyMap<string, Axis>
  /** Runs of every dimension but time and longitude. */
  readonly runs: ReadonlyMap<string, AxisRun>
  readonly longitude: { readonly axis: string; readonly runs: readonly LongitudeRun[] }
  readonly time: { readonly axis: string; readonly seconds: readonly number[] } | undefined
  /** Times of each piece; one without times where the set has none. */
  readonly pieces: readonly (AxisRun | undefined)[]
  readonly estimatedBytes: number
  readonly notes: readonly string[]
}

type Named = ReadonlyMap<string, Axis>

const ofRole = (axes: Named, role: Axis['role']): Axis | undefined =>
  [...axes.values()].find((axis) => axis.role === role)

/** Variables on longitudes and latitudes that are no axes. */
function gridded(set: GridSet, axes: Named): string[] {
  return [...set.variables].flatMap(([name, { dimensions }]) => {
    const roles = dimensions.map((dimension) => axes.get(dimension.name)?.role)
    return roles.includes('longitude') && roles.includes('latitude') ? [name] : []
  })
}

/** The nearest level, or whatever single index a dimension has. */
function runOfOther(
  set: GridSet,
  name: string,
  count: number,
  axis: Axis | undefined,
  request: SubsetRequest,
  notes: string[]
): AxisRun {
  if (count === 1) return { first: 0, last: 0 }
  const isVertical = axis !== undefined && /depth|altitude|lev|height|^z/i.test(name)
  if (!isVertical) {
    const message = `has the dimension ${name} of ${count}, which a box does not choose from`
    throw new MeshError('data/not-understood', `${shownUrl(set.url)} ${message}`)
  }
  const index = nearestIndex(axis.values.map(Math.abs), request.depthMetres)
  notes.push(`${name} ${axis.values[index]} of ${count} levels (--depth chooses)`)
  return { first: index, last: index }
}

/** Cuts a run of times into pieces of at most so many. */
function cut({ first, last }: AxisRun, most: number): AxisRun[] {
  const pieces: AxisRun[] = []
  for (let at = first; at <= last; at += most) {
    pieces.push({ first: at, last: Math.min(last, at + most - 1) })
  }
  return pieces
}

const countOf = ({ first, last }: AxisRun): number => last - first + 1

function bytesPerTime(
  set: GridSet,
  variables: readonly string[],
  runs: ReadonlyMap<string, AxisRun>,
  columns: readonly AxisRun[],
  longitude: string
): number {
  const columnCount = columns.reduce((sum, run) => sum + countOf(run), 0)
  return variables.reduce((sum, name) => {
    const { dimensions, width } = set.variables.get(name) ?? { dimensions: [], width: 0 }
    const count = dimensions.reduce((product, dimension) => {
      const run = runs.get(dimension.name)
      const length = dimension.name === longitude ? columnCount : run ? countOf(run) : 1
      return product * length
    }, 1)
    return sum + count * width
  }, 0)
}

/** The three axes of the Earth. */
function earthAxes(set: GridSet, axes: Named) {
  const latitude = ofRole(axes, 'latitude')
  const longitude = ofRole(axes, 'longitude')
  if (latitude === undefined || longitude === undefined) throw new Error('a grid without axes')
  const time = ofRole(axes, 'time')
  const seconds = time === undefined ? undefined : timesOf(time, set)
  return { latitude, longitude, time, seconds }
}
type EarthAxes = ReturnType<typeof earthAxes>

const spanOf = (values: ArrayLike<number>): readonly [number, number] => {
  const [first = 0, last = 0] = [values[0], values[values.length - 1]]
  return [Math.min(first, last), Math.max(first, last)]
}

/** Indices of box and time; longitudes in the order of their axis. */
function chosenOf(
  { url }: GridSet,
  { latitude, longitude, seconds }: EarthAxes,
  { box, fromSeconds, toSeconds }: SubsetRequest
) {
  const coverage: Coverage = {
    longitudes: spanOf(longitude.values),
    latitudes: spanOf(latitude.values),
    timesSeconds: spanOf(seconds ?? [])
  }
  const rows = runBetween(latitude.values, box.south, box.north)
  const eastward = longitudeRuns(longitude.values, box.west, box.east)
  const times = seconds === undefined ? undefined : runBetween(seconds, fromSeconds, toSeconds)
  if (rows === undefined) throw outside(url, 'latitudes', coverage)
  if (eastward.length === 0) throw outside(url, 'longitudes', coverage)
  if (seconds !== undefined && times === undefined) throw outside(url, 'times', coverage)
  const isFalling = (longitude.values[0] ?? 0) > (longitude.values.at(-1) ?? 0)
  return { rows, columns: isFalling ? eastward.toReversed() : eastward, times }
}
type Chosen = ReturnType<typeof chosenOf>

/** What the chosen indices cover. */
function gotten(
  { latitude, longitude, seconds }: EarthAxes,
  { rows, columns, times }: Chosen,
  request: SubsetRequest
): Coverage {
  const longitudes = columns
    .flatMap(({ first, last, shiftDegrees }) => [
      (longitude.values[first] ?? 0) + shiftDegrees,
      (longitude.values[last] ?? 0) + shiftDegrees
    ])
    .sort((a, b) => a - b)
  const whole = [request.fromSeconds, request.toSeconds] as const
  return {
    latitudes: spanOf(latitude.values.subarray(rows.first, rows.last + 1)),
    longitudes: spanOf(longitudes),
    timesSeconds:
      times === undefined ? whole : spanOf((seconds ?? []).slice(times.first, times.last + 1))
  }
}

/** @throws MeshError data/*, forcing/no-overlap naming the coverage, cli/usage */
export async function planSubset(
  set: GridSet,
  request: SubsetRequest,
  context: TransferContext
): Promise<SubsetPlan> {
  const axes = await readAxes(set, [...set.axisCounts.keys()], context)
  const variables = chooseVariables(set.url, gridded(set, axes), request.variables)
  const earth = earthAxes(set, axes)
  const { latitude, longitude, time, seconds } = earth
  const chosen = chosenOf(set, earth, request)
  const { rows, columns, times } = chosen
  const notes: string[] = []
  const runs = new Map<string, AxisRun>([[latitude.name, rows]])
  for (const name of variables) {
    for (const { name: dimension, count } of set.variables.get(name)?.dimensions ?? []) {
      if (dimension === longitude.name || dimension === time?.name || runs.has(dimension)) continue
      const axis = axes.get(dimension)
      runs.set(dimension, runOfOther(set, dimension, count, axis, request, notes))
    }
  }
  const bytes = bytesPerTime(set, variables, runs, columns, longitude.name)
  if (bytes > TIME_BYTES_MAX) {
    const message = `one time of the box has ${bytes} bytes, more than ${TIME_BYTES_MAX}`
    throw new MeshError('data/limit', `${shownUrl(set.url)}: ${message}: ask for a smaller --bbox`)
  }
  const { fileBytesMax, decodedBytesMax } = context.limits
  const isFile = set.kind === 'erddap' && columns.length === 1
  const most = Math.max(1, Math.floor((isFile ? fileBytesMax : decodedBytesMax) / bytes))
  notes.push(...clipNotes(request, gotten(earth, chosen, request)))
  return {
    set,
    variables,
    axes,
    runs,
    longitude: { axis: longitude.name, runs: columns },
    time: time === undefined ? undefined : { axis: time.name, seconds: seconds ?? [] },
    pieces: times === undefined ? [undefined] : cut(times, most),
    estimatedBytes: bytes * (times === undefined ? 1 : countOf(times)),
    notes
  }
}

/** A piece as a constraint, one per run of longitudes; times by value where indices move. */
export function constraintsOf(plan: SubsetPlan, piece: AxisRun | undefined): string[] {
  const { set, longitude, time, runs } = plan
  const range = ({ first, last }: AxisRun): string => `[${first}:1:${last}]`
  const timeRange = (run: AxisRun): string => {
    // Sets of the last days move: index 0 is another time tomorrow.
    const iso = (index: number): string => isoTime(time?.seconds[index] ?? 0)
    if (set.kind !== 'erddap') return range(run)
    return `[(${iso(run.first)}):1:(${iso(run.last)})]`
  }
  return longitude.runs.map((columns) =>
    plan.variables
      .map((name) => {
        const dimensions = set.variables.get(name)?.dimensions ?? []
        const parts = dimensions.map((dimension) => {
          if (dimension.name === longitude.axis) return range(columns)
          if (dimension.name === time?.axis && piece !== undefined) return timeRange(piece)
          return range(runs.get(dimension.name) ?? { first: 0, last: 0 })
        })
        return name + parts.join('')
      })
      .join(',')
  )
}

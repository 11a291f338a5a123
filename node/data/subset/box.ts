/** What is asked of a data server: a box, a time, variables; and the words for what it has not. */
import { isoTime } from '../../forcing/meaning/time-axis.ts'
import { MeshError } from '../../mesh-error.ts'
import { shownUrl } from '../transfer/shown-url.ts'

export interface Box {
  /** Degrees; east is greater than west, at most 360 apart. */
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

export interface SubsetRequest {
  readonly box: Box
  readonly fromSeconds: number
  readonly toSeconds: number
  /** All of the data set's where absent. */
  readonly variables?: readonly string[] | undefined
  readonly depthMetres: number
}

/** Taken without being named: a data set of more variables is chosen from. */
const VARIABLES_UNASKED_MAX = 4

const usage = (message: string): MeshError => new MeshError('cli/usage', message)

/** @throws MeshError cli/usage unless it is W,S,E,N in degrees */
export function parseBox(text: string): Box {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const [west = 0, south = 0, east = 0, north = 0] = numbers
  if (numbers.length !== 4 || numbers.some((value) => !Number.isFinite(value))) {
    throw usage(`--bbox ${text}: give west,south,east,north in degrees, e.g. 9,42,11,44`)
  }
  if (!(south < north) || south < -90 || north > 90) {
    throw usage(`--bbox ${text}: south must be below north, both in -90 to 90`)
  }
  if (Math.abs(west) > 360 || Math.abs(east) > 360 || west === east) {
    throw usage(`--bbox ${text}: west and east must differ, both in -360 to 360`)
  }
  // From 170 to -170 goes across the date line.
  const turned = east < west ? east + 360 : east
  if (turned - west > 360) throw usage(`--bbox ${text}: is more than once around the globe`)
  return { west, south, east: turned, north }
}

/** @throws MeshError cli/usage unless it is a day or a time in ISO 8601 */
export function parseTime(text: string, flag: string): number {
  const isIso = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?$/.test(text)
  // A time without a zone is UTC, as everywhere in a forecast.
  const zoned = /Z$|[+-]\d{2}:\d{2}$/.test(text) || text.length === 10 ? text : `${text}Z`
  const ms = isIso ? Date.parse(zoned.replace(' ', 'T')) : Number.NaN
  if (!Number.isNaN(ms)) return Math.round(ms / 1000)
  throw usage(`${flag} ${text}: give a time like 2026-11-25 or 2026-11-25T06:00:00Z`)
}

/** @throws MeshError cli/usage naming the variables there are */
export function chooseVariables(
  url: URL,
  there: readonly string[],
  asked: readonly string[] | undefined
): string[] {
  const list = there.slice(0, 30).join(', ')
  if (there.length === 0) {
    const message = 'no variable has longitudes, latitudes and times: it cannot be cut by a box'
    throw new MeshError('data/not-understood', `${shownUrl(url)}: ${message}`)
  }
  if (asked === undefined) {
    if (there.length <= VARIABLES_UNASKED_MAX) return [...there]
    throw usage(`${shownUrl(url)} has many variables, choose with --variables: ${list}`)
  }
  const absent = asked.filter((name) => !there.includes(name))
  if (absent.length === 0) return [...asked]
  throw usage(`${shownUrl(url)} has no variable ${absent.join(', ')}; it has ${list}`)
}

/** What a data set covers, where known. */
export interface Coverage {
  readonly longitudes: readonly [number, number]
  readonly latitudes: readonly [number, number]
  readonly timesSeconds: readonly [number, number]
}

/** @param what "times", "latitudes" or "longitudes" */
export function outside(url: URL, what: string, coverage: Coverage): MeshError {
  const degrees = ([low, high]: readonly [number, number]): string => `${low} to ${high}`
  const [first, last] = coverage.timesSeconds
  const message =
    `${shownUrl(url)} has none of the ${what} asked for: it covers longitudes ` +
    `${degrees(coverage.longitudes)}, latitudes ${degrees(coverage.latitudes)}, ` +
    `${isoTime(first)} to ${isoTime(last)}`
  return new MeshError('forcing/no-overlap', `${message}; change --bbox, --from or --to`)
}

/** Notes on a part of the request that the data do not cover. */
export function clipNotes({ box, fromSeconds, toSeconds }: SubsetRequest, got: Coverage): string[] {
  const notes: string[] = []
  const [south, north] = got.latitudes
  if (south > box.south || north < box.north) {
    notes.push(`latitudes ${box.south} to ${box.north} are cut to ${south} to ${north}`)
  }
  const [west, east] = got.longitudes
  const turns = Math.round((box.west - west) / 360) * 360
  if (west + turns > box.west + 1e-6 || east + turns < box.east - 1e-6) {
    const isWhole = east - west > 350
    if (!isWhole) notes.push(`longitudes ${box.west} to ${box.east} are cut to ${west} to ${east}`)
  }
  const [first, last] = got.timesSeconds
  if (first > fromSeconds || last < toSeconds) {
    const asked = `${isoTime(fromSeconds)} to ${isoTime(toSeconds)}`
    notes.push(`times ${asked} are cut to ${isoTime(first)} to ${isoTime(last)}`)
  }
  return notes
}

/**
 * Tracks of real drifters from text files: CSV (comma, semicolon or tab) with columns for
 * longitude, latitude, time and usually an id under the names in use, and PANGAEA tables, which are
 * tab-separated under a comment. Rows without a place or time are left out and counted.
 */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { MeshError } from '../../mesh-error.ts'
import type { Fix } from './measures.ts'

export interface Drifter {
  readonly id: string
  /** In order of time, times distinct. */
  readonly fixes: readonly Fix[]
}

export interface DrifterFile {
  readonly drifters: readonly Drifter[]
  /** Rows without a usable position or time. */
  readonly skippedRows: number
}

/** Names of columns in lower case without units, best first. */
const COLUMNS = {
  lon: ['longitude', 'lon', 'long', 'lng', 'x'],
  lat: ['latitude', 'lat', 'y'],
  time: ['time', 'time_utc', 'date/time', 'datetime', 'date_time', 'timestamp', 'date', 'utc'],
  id: [
    ...['id', 'drifter', 'drifter_id', 'drifter id', 'buoy', 'buoy_id', 'trajectory', 'traj'],
    ...[
      'particle',
      'track',
      'track_id',
      'platform',
      'platform_code',
      'platform_id',
      'wmo',
      'imei',
      'name'
    ]
  ]
} as const
type Column = keyof typeof COLUMNS

/** A cell without its quotes. */
const bare = (cell: string): string =>
  cell
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim()

/** `Latitude [deg]`, `lat (°N)` → `latitude`, `lat` */
const columnName = (cell: string): string =>
  bare(cell)
    .replace(/\s*[[(].*$/, '')
    .toLowerCase()

/** Unix seconds of ISO 8601 text (UTC where it names no offset) or of a number of Unix seconds. */
function secondsOf(text: string): number {
  if (/^\d{9,10}(\.\d+)?$/.test(text)) return Number(text)
  const match =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/.exec(
      text
    )
  if (match === null) return Number.NaN
  const [, date, clock = '00:00', zone = 'Z'] = match
  return Date.parse(`${date}T${clock}${zone === 'UTC' ? 'Z' : zone}`) / 1000
}

/** Cells that hold no number must not become 0. */
const numberOf = (text: string): number => (text === '' ? Number.NaN : Number(text))

const isPlace = (lon: number, lat: number): boolean =>
  Math.abs(lat) <= 90 && lon >= -360 && lon <= 720

/** Event a PANGAEA comment names, else the file. */
const nameOf = (comment: string, path: string): string =>
  /Event\(s\):\s*([^\s*]+)/.exec(comment)?.[1] ?? basename(path).replace(/\.[^.]*$/, '')

interface Layout {
  readonly separator: string
  readonly places: Readonly<Record<Exclude<Column, 'id'>, number>> & { readonly id?: number }
}

function layoutOf(header: string, path: string): Layout {
  const separator = ['\t', ';', ','].find((each) => header.includes(each)) ?? ','
  const names = header.split(separator).map(columnName)
  const find = (column: Column): number | undefined => {
    const name = COLUMNS[column].find((each) => names.includes(each))
    return name === undefined ? undefined : names.indexOf(name)
  }
  const place = (column: Exclude<Column, 'id'>): number => {
    const found = find(column)
    if (found !== undefined) return found
    throw new MeshError(
      'skill/unreadable',
      `${path} has no column for ${column}: its first line names ${names.join(', ')}, ` +
        `and one of ${COLUMNS[column].join(', ')} is needed`
    )
  }
  const id = find('id')
  const places = { lon: place('lon'), lat: place('lat'), time: place('time') }
  return { separator, places: id === undefined ? places : { ...places, id } }
}

/** Sorted by time, the first of equal times. */
function ordered(fixes: readonly Fix[]): Fix[] {
  const sorted = [...fixes].sort((a, b) => a.seconds - b.seconds)
  return sorted.filter(({ seconds }, i) => seconds !== sorted[i - 1]?.seconds)
}

/** Drifters in the text of a file named `path`. @throws MeshError skill/unreadable */
export function parseDrifters(text: string, path: string): DrifterFile {
  const end = text.startsWith('/*') ? text.indexOf('*/') + 2 : 0
  const [header = '', ...rows] = text
    .slice(end)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
  const { separator, places } = layoutOf(header.replace(/^\uFEFF/, ''), path)
  const single = nameOf(text.slice(0, end), path)
  const byId = new Map<string, Fix[]>()
  let skippedRows = 0
  for (const row of rows) {
    const cells = row.split(separator).map(bare)
    const lon = numberOf(cells[places.lon] ?? '')
    const lat = numberOf(cells[places.lat] ?? '')
    const seconds = secondsOf(cells[places.time] ?? '')
    const id = places.id === undefined ? single : (cells[places.id] ?? '')
    if (!isPlace(lon, lat) || !Number.isFinite(seconds) || id === '') {
      skippedRows += 1
      continue
    }
    const fixes = byId.get(id) ?? []
    byId.set(id, fixes)
    fixes.push({ lon, lat, seconds })
  }
  if (byId.size === 0) {
    throw new MeshError('skill/unreadable', `${path} holds no row with a place and a time`)
  }
  const drifters = [...byId].map(([id, fixes]) => ({ id, fixes: ordered(fixes) }))
  return { drifters, skippedRows }
}

/** @throws MeshError skill/unreadable */
export async function readDrifters(path: string): Promise<DrifterFile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MeshError('skill/unreadable', `cannot read the drifters of ${path}: ${why}`, {
      cause
    })
  }
  return parseDrifters(text, path)
}

/** All of what is seen as the part of the URL after #, and back; what is unreadable is left out. */
import { PROJECTIONS, type ProjectionName, type View } from '../map/projection.ts'

export interface Seen {
  readonly view: View
  readonly layer: string
  readonly choices: readonly number[]
  /** Unix seconds. */
  readonly time: number
  readonly hasTracks: boolean
  readonly isDark: boolean
  /** Place of the marked cell. */
  readonly probe: readonly [number, number] | undefined
}

const list = (values: readonly number[]): string =>
  values.map((value) => +value.toFixed(5)).join(',')

export function toHash({ view, layer, choices, time, hasTracks, isDark, probe }: Seen): string {
  const parts: Record<string, string> = {
    p: view.projection,
    c: list([view.lon, view.lat]),
    z: list([view.scale]),
    l: layer,
    t: new Date(time * 1000).toISOString().replace('.000', ''),
    k: hasTracks ? '1' : '0',
    d: isDark ? '1' : '0',
    ...(choices.length === 0 ? {} : { a: list(choices) }),
    ...(probe === undefined ? {} : { q: list(probe) })
  }
  return `#${Object.entries(parts)
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&')}`
}

type Partial_ = { -readonly [K in keyof Seen]?: Seen[K] }

export function fromHash(hash: string): Partial_ {
  const parts = new URLSearchParams(hash.replace(/^#/, ''))
  const numbers = (key: string): number[] =>
    (parts.get(key) ?? '')
      .split(',')
      .filter((text) => text !== '')
      .map(Number)
  const seen: Partial_ = {}
  const projection = PROJECTIONS.find((name) => name === parts.get('p')) as
    | ProjectionName
    | undefined
  const [lon, lat, scale] = [...numbers('c'), ...numbers('z')]
  const isPlace = [lon, lat, scale].every((value) => Number.isFinite(value))
  if (projection !== undefined && isPlace && (scale ?? 0) > 0) {
    seen.view = { projection, lon: lon ?? 0, lat: lat ?? 0, scale: scale ?? 1 }
  }
  const layer = parts.get('l')
  if (layer !== null) seen.layer = layer
  if (parts.has('a')) seen.choices = numbers('a')
  const time = Date.parse(parts.get('t') ?? '') / 1000
  if (Number.isFinite(time)) seen.time = time
  if (parts.has('k')) seen.hasTracks = parts.get('k') === '1'
  if (parts.has('d')) seen.isDark = parts.get('d') === '1'
  const [probeLon, probeLat] = numbers('q')
  if (Number.isFinite(probeLon) && Number.isFinite(probeLat))
    seen.probe = [probeLon ?? 0, probeLat ?? 0]
  return seen
}

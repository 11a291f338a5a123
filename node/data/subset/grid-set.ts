/**
 * A gridded data set on a server, whichever protocol described it: variables with their dimensions,
 * attributes, and the axes with their values, told apart by CF units and names.
 */
import { isTimeUnit, parseTimes } from '../../forcing/meaning/time-axis.ts'
import { MeshError } from '../../mesh-error.ts'
import { type DapAttributes, textOf } from '../opendap/das.ts'
import type { DapNumber } from '../opendap/dds.ts'
import { decodeDods } from '../opendap/xdr.ts'
import { downloadBytes, type TransferContext } from '../transfer/download.ts'
import { shownUrl } from '../transfer/shown-url.ts'

export interface GridVariable {
  readonly dimensions: readonly { readonly name: string; readonly count: number }[]
  /** Bytes of one value on the wire. */
  readonly width: number
}

export interface GridSet {
  readonly kind: 'erddap' | 'opendap'
  /** Without an ending: `.dods` is put to it. */
  readonly url: URL
  readonly variables: ReadonlyMap<string, GridVariable>
  /** One-dimensional variables that give their own dimension its values, by name. */
  readonly axisCounts: ReadonlyMap<string, number>
  /** What the server calls an axis in a request, where that is not its name. */
  readonly axisPaths: ReadonlyMap<string, string>
  readonly attributes: DapAttributes
}

export type AxisRole = 'time' | 'latitude' | 'longitude' | 'other'

export interface Axis {
  readonly name: string
  readonly role: AxisRole
  readonly type: DapNumber
  /** As stored; of time, see {@link timesOf}. */
  readonly values: Float64Array
}

export function roleOf(name: string, attributes: DapAttributes): AxisRole {
  const own = attributes.get(name)
  const units = textOf(own, 'units') ?? ''
  const standard = textOf(own, 'standard_name') ?? ''
  if (/^degrees?_?n(orth)?$/i.test(units) || standard === 'latitude') return 'latitude'
  if (/^degrees?_?e(ast)?$/i.test(units) || standard === 'longitude') return 'longitude'
  if (isTimeUnit(units)) return 'time'
  // Files of small models name their axes and say no more.
  if (units === '' && /^(lat|latitude|nav_lat)$/i.test(name)) return 'latitude'
  if (units === '' && /^(lon|long|longitude|nav_lon)$/i.test(name)) return 'longitude'
  return 'other'
}

/** Letters that a server's front end takes only when encoded. */
export const encodeQuery = (query: string): string =>
  encodeURIComponent(query).replace(/%2C/g, ',').replace(/%3A/g, ':')

/** The URL of a request, e.g. `.dods` of a constraint. */
export const requestUrl = (base: URL, ending: string, query: string): URL =>
  new URL(`${base.href}${ending}${query === '' ? '' : `?${encodeQuery(query)}`}`)

/**
 * Values of the axes, in one request.
 * @throws MeshError data/*
 */
export async function readAxes(
  set: GridSet,
  names: readonly string[],
  context: TransferContext
): Promise<Map<string, Axis>> {
  const query = names
    .map((name) => `${set.axisPaths.get(name) ?? name}[0:1:${(set.axisCounts.get(name) ?? 1) - 1}]`)
    .join(',')
  const decoded = decodeDods(await downloadBytes(requestUrl(set.url, '.dods', query), context))
  return new Map(
    names.map((name) => {
      const found = decoded.get(name)
      if (found === undefined || found.array.type === 'String' || found.array.type === 'Url') {
        const message = `${shownUrl(set.url)}: did not send the values of ${name}`
        throw new MeshError('data/not-understood', message)
      }
      const axis = { name, role: roleOf(name, set.attributes), type: found.array.type }
      const isPlace = axis.role === 'latitude' || axis.role === 'longitude'
      if (isPlace && !isMonotonic(found.values)) {
        const message = `${shownUrl(set.url)}: ${name} neither rises nor falls along its axis`
        throw new MeshError('data/not-understood', message)
      }
      return [name, { ...axis, values: found.values }]
    })
  )
}

/** Rising or falling throughout, of numbers. */
function isMonotonic(values: Float64Array): boolean {
  const isFalling = (values[0] ?? 0) > (values.at(-1) ?? 0)
  return values.every((value, index) => {
    const before = values[index - 1]
    if (before === undefined) return Number.isFinite(value)
    return isFalling ? value < before : value > before
  })
}

/** Unix seconds of a time axis, rising. @throws MeshError data/not-understood */
export function timesOf({ name, type, values }: Axis, set: GridSet): readonly number[] {
  const own = set.attributes.get(name)
  const stored = type === 'Float64' ? 'float64' : type === 'Float32' ? 'float32' : 'int'
  const units = textOf(own, 'units') ?? ''
  const times = parseTimes(values, stored, units, textOf(own, 'calendar') ?? '')
  const refuse = (what: string): MeshError =>
    new MeshError('data/not-understood', `${shownUrl(set.url)} ${what}`)
  if (typeof times === 'string') throw refuse(times)
  const { seconds } = times
  const isRising = seconds.every(
    (second, index) => index === 0 || second > (seconds[index - 1] ?? 0)
  )
  if (!isRising) throw refuse('has times that do not rise')
  return seconds
}

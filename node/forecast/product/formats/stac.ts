/**
 * `stac/item.json`: a STAC 1.1 item with the datacube, forecast, processing and file extensions.
 * Checksums are multihashes; of a file of one block it is the hash in its CID.
 */
import { toString as bytesToString } from 'uint8arrays/to-string'
import type { Plan } from '../../../../protocol/plan.ts'
import { canonicalJson } from '../folder/canonical-json.ts'
import type { DescribedItem } from '../folder/digests.ts'
import type { ProductLayout } from '../layout.ts'
import { axesOf, endSeconds, isoTime, outputSeconds } from '../zarr/attributes.ts'
import { densityArrays, QUANTILES, thresholdsOf } from '../zarr/density-arrays.ts'
import type { FolderFile, ZarrArray } from '../zarr/zarr.ts'

const EXTENSIONS = [
  'https://stac-extensions.github.io/datacube/v2.2.0/schema.json',
  'https://stac-extensions.github.io/file/v2.1.0/schema.json',
  'https://stac-extensions.github.io/forecast/v0.2.0/schema.json',
  'https://stac-extensions.github.io/processing/v1.2.0/schema.json'
]
/** Code and length of a SHA-256 multihash. */
const SHA256_PREFIX = '1220'

type Box = readonly [west: number, south: number, east: number, north: number]

/** The grid on the globe; west above east across the date line. Undefined where it has no place. */
function boxOf(plan: Plan): Box | undefined {
  if (plan.metric === 'flat') return
  const { columns, resolutionDegrees, rows, southDegrees, westDegrees } = plan.products.density
  const wrapped = (lon: number): number => lon - 360 * Math.floor((lon + 180) / 360)
  const south = Math.max(-90, southDegrees)
  const north = Math.min(90, southDegrees + rows * resolutionDegrees)
  const width = columns * resolutionDegrees
  if (width >= 360) return [-180, south, 180, north]
  const west = wrapped(westDegrees)
  const east = west + width
  return [west, south, east > 180 ? east - 360 : east, north]
}

const ringOf = ([west, south, east, north]: Box) => [
  [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south]
  ]
]

/** A polygon, in two parts where it crosses the date line (RFC 7946 §3.1.9). */
function geometryOf(box: Box) {
  const [west, south, east, north] = box
  if (west < east) return { type: 'Polygon', coordinates: ringOf(box) }
  const parts = [ringOf([west, south, 180, north]), ringOf([-180, south, east, north])]
  return { type: 'MultiPolygon', coordinates: parts }
}

/** ISO 8601 in the largest unit that divides. */
export function isoDuration(seconds: number): string {
  if (seconds % 86_400 === 0) return `P${seconds / 86_400}D`
  if (seconds % 3600 === 0) return `PT${seconds / 3600}H`
  return seconds % 60 === 0 ? `PT${seconds / 60}M` : `PT${seconds}S`
}

function dimensionsOf(plan: Plan, layout: ProductLayout, times: readonly [string, string]) {
  const grid = plan.products.density
  const { x, y } = axesOf(plan)
  const side = grid.resolutionDegrees
  const reference = plan.metric === 'flat' ? {} : { reference_system: 4326 }
  const spatial = (axis: 'x' | 'y', first: number, count: number) => ({
    type: 'spatial',
    axis,
    extent: [first, first + count * side],
    step: side,
    ...reference
  })
  const listed = (type: string, values: readonly (string | number)[]) => ({ type, values })
  return {
    [x.name]: spatial('x', grid.westDegrees, grid.columns),
    [y.name]: spatial('y', grid.southDegrees, grid.rows),
    time: {
      type: 'temporal',
      extent: times,
      ...(layout.timeCount > 1 ? { step: isoDuration(outputSeconds(plan)) } : {})
    },
    member: { type: 'member', extent: [0, plan.memberCount - 1], step: 1 },
    class: listed(
      'class',
      plan.classes.map(({ name }) => name)
    ),
    quantile: listed('quantile', QUANTILES),
    threshold: { ...listed('threshold', thresholdsOf(plan)), unit: 'km-2' }
  }
}

const variableOf = ({ attributes, dimensions }: ZarrArray) => ({
  dimensions,
  type: 'data',
  description: String(attributes.long_name),
  unit: String(attributes.units)
})

function assetsOf(items: readonly DescribedItem[]) {
  return Object.fromEntries(
    items.map(({ cid, digest, mediaType, path, roles, title }) => [
      path,
      {
        href: `../${path}`,
        type: mediaType,
        title,
        roles,
        'driftmesh:cid': cid.toString(),
        ...(digest === undefined
          ? {}
          : {
              'file:size': digest.byteCount,
              'file:checksum': `${SHA256_PREFIX}${bytesToString(digest.sha256, 'base16')}`
            })
      }
    ])
  )
}

export function stacFile(
  plan: Plan,
  layout: ProductLayout,
  items: readonly DescribedItem[]
): FolderFile {
  const box = boxOf(plan)
  const ends = [plan.startSeconds, endSeconds(plan)].sort((left, right) => left - right)
  const times = [isoTime(ends[0] ?? 0), isoTime(ends[1] ?? 0)] as const
  const { count, status: _, ...fields } = densityArrays(plan, layout)
  const variables = [count, ...Object.values(fields)]
  const item = {
    type: 'Feature',
    stac_version: '1.1.0',
    stac_extensions: EXTENSIONS,
    id: plan.name,
    geometry: box === undefined ? null : geometryOf(box),
    ...(box === undefined ? {} : { bbox: box }),
    properties: {
      title: plan.title,
      license: plan.license === '' ? 'other' : plan.license,
      ...(plan.institution === ''
        ? {}
        : { providers: [{ name: plan.institution, roles: ['producer', 'licensor'] }] }),
      datetime: null,
      start_datetime: times[0],
      end_datetime: times[1],
      'forecast:reference_datetime': isoTime(plan.startSeconds),
      'forecast:horizon': isoDuration(Math.abs(plan.stepCount * plan.stepSeconds)),
      'forecast:perturbed': plan.memberCount > 1,
      'processing:lineage':
        'Drift of particles in the forcing, computed and cross-checked by peers',
      'processing:software': { 'driftmesh-kernel': plan.kernel.toString() },
      'driftmesh:forcing': plan.forcing.toString(),
      'cube:dimensions': dimensionsOf(plan, layout, times),
      'cube:variables': Object.fromEntries(variables.map((each) => [each.name, variableOf(each)]))
    },
    links: [{ rel: 'self', href: './item.json', type: 'application/geo+json' }],
    assets: assetsOf(items)
  }
  return { path: 'stac/item.json', bytes: canonicalJson(item) }
}

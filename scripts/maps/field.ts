/** The current of a forcing at one time as units read it from its tiles, to be drawn. */
import type { CID } from 'multiformats/cid'
import { indicesIn } from '../../node/forcing/grids/remap.ts'
import type { IngestedForcing } from '../../node/forcing/ingest.ts'
import { boxOf, type Grid } from '../../node/forcing/meaning/grid.ts'
import { cutPlanes, decodeForcing } from '../../node/worker/crop-tiles.ts'
import { fieldSeries } from '../../protocol/forcing.ts'

export interface Field {
  readonly box: ReturnType<typeof boxOf>
  /** Node nearest to each place (lon, lat pairs), −1 outside. */
  nodesAt(pairs: Float64Array): Int32Array
  readonly land: Uint8Array
  readonly u: Float32Array
  readonly v: Float32Array
  /** Where water at a node is after some seconds, in degrees. */
  drift(node: number, seconds: number): readonly [lon: number, lat: number]
  lonLat(node: number): readonly [lon: number, lat: number]
}

type Fetch = { get(cid: CID): Promise<Uint8Array> }

function gridOf({ places, forcing }: IngestedForcing): Grid {
  const order = {
    rowOrder: Array.from({ length: forcing.rows }, (_, row) => row),
    columnOrder: Array.from({ length: forcing.columns }, (_, column) => column),
    isPeriodic: forcing.isPeriodic
  }
  if (!('lonLats' in places)) return { ...places, ...order }
  return { name: 'nodes', lonLats: places.lonLats, ...order }
}

export async function readField(
  ingested: IngestedForcing,
  blocks: Fetch,
  seconds: number
): Promise<Field> {
  const { forcing, land, metric, places } = ingested
  const { columns, rows } = forcing
  const fetch = (cid: CID): Promise<Uint8Array> => blocks.get(cid)
  const series = decodeForcing(fieldSeries, await fetch(forcing.current), 'current')
  const after = series.times.findIndex((time) => time >= seconds)
  const index = after < 0 ? series.times.length - 1 : after
  const number = Math.floor(index / series.tileTimes)
  const count = Math.min(series.tileTimes, series.times.length - number * series.tileTimes)
  const plane = series.planes[number]
  if (plane === undefined) throw new Error('a series has planes')
  const box = { column: 0, row: 0, columns, rows }
  const parts = await cutPlanes(forcing, box, { plane, parts: 2 * count, bytesPerNode: 4 }, fetch)
  const part = (at: number): Float32Array =>
    new Float32Array(parts[at]?.slice().buffer ?? new ArrayBuffer(0))
  const offset = index - number * series.tileTimes
  const [u, v] = [part(offset), part(count + offset)]
  const grid = gridOf(ingested)
  const lonLat = (node: number): readonly [number, number] =>
    'lonLats' in places
      ? [places.lonLats[2 * node] ?? 0, places.lonLats[2 * node + 1] ?? 0]
      : [places.longitudes[node % columns] ?? 0, places.latitudes[Math.floor(node / columns)] ?? 0]
  return {
    box: boxOf(grid),
    land,
    u,
    v,
    lonLat,
    nodesAt: (pairs) => {
      const found = indicesIn(grid, pairs)
      return Int32Array.from({ length: pairs.length / 2 }, (_, at) => {
        const [x, y] = [found[2 * at] ?? Number.NaN, found[2 * at + 1] ?? Number.NaN]
        if (Number.isNaN(x) || Number.isNaN(y)) return -1
        const row = Math.min(Math.max(Math.round(y), 0), rows - 1)
        return row * columns + (Math.round(x) % columns)
      })
    },
    drift: (node, forSeconds) => {
      const cells = [0, 1].map(
        (axis) =>
          forSeconds *
          (metric.at(node, 2 * axis) * (u[node] ?? 0) +
            metric.at(node, 2 * axis + 1) * (v[node] ?? 0))
      )
      const column = node % columns
      const across = column + 1 < columns ? 1 : -1
      const up = node + columns < columns * rows ? columns : -columns
      const [lon, lat] = lonLat(node)
      const [right, above] = [lonLat(node + across), lonLat(node + up)]
      const [x = 0, y = 0] = [(cells[0] ?? 0) * across, (cells[1] ?? 0) * Math.sign(up)]
      return [
        lon + x * (right[0] - lon) + y * (above[0] - lon),
        lat + x * (right[1] - lat) + y * (above[1] - lat)
      ]
    }
  }
}

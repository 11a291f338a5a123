/** What a product folder and its tracks hold, read back to be drawn. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'fflate'

export interface Track {
  readonly points: readonly (readonly [lon: number, lat: number])[]
}

export function readTracks(csv: string): Track[] {
  const tracks = new Map<string, [number, number][]>()
  for (const row of csv.trim().split('\n').slice(1)) {
    const [particle = '', , , lon, lat] = row.split(',')
    const points = tracks.get(particle) ?? []
    points.push([Number(lon), Number(lat)])
    tracks.set(particle, points)
  }
  return [...tracks.values()].map((points) => ({ points }))
}

export interface Density {
  readonly xs: Float64Array
  readonly ys: Float64Array
  /** Of the last time, rows from the south, per km². */
  readonly values: Float32Array
}

interface Meta {
  readonly shape: readonly number[]
  readonly chunks: readonly number[]
}

async function metaOf(store: string, name: string): Promise<Meta> {
  return JSON.parse(await readFile(join(store, name, '.zarray'), 'utf8')) as Meta
}

async function chunk(store: string, name: string, key: readonly number[]): Promise<ArrayBuffer> {
  return gunzipSync(await readFile(join(store, name, ...key.map(String)))).slice().buffer
}

async function axis(store: string, names: readonly string[]): Promise<Float64Array> {
  for (const name of names) {
    const meta = await metaOf(store, name).catch(() => undefined)
    if (meta !== undefined) return new Float64Array(await chunk(store, name, [0]))
  }
  throw new Error(`${store} has none of ${names.join(', ')}`)
}

export async function readDensity(store: string): Promise<Density> {
  const name = 'particle_density'
  const { shape, chunks } = await metaOf(store, name)
  const [times = 1, rows = 1, columns = 1] = shape
  const [timesPerChunk = 1, tileRows = 1, tileColumns = 1] = chunks
  const values = new Float32Array(rows * columns)
  const last = times - 1
  for (let tileRow = 0; tileRow * tileRows < rows; tileRow++) {
    for (let tileColumn = 0; tileColumn * tileColumns < columns; tileColumn++) {
      const key = [Math.floor(last / timesPerChunk), tileRow, tileColumn]
      const tile = new Float32Array(await chunk(store, name, key))
      const from = (last % timesPerChunk) * tileRows * tileColumns
      for (let at = 0; at < tileRows * tileColumns; at++) {
        const row = tileRow * tileRows + Math.floor(at / tileColumns)
        const column = tileColumn * tileColumns + (at % tileColumns)
        if (row < rows && column < columns) values[row * columns + column] = tile[from + at] ?? 0
      }
    }
  }
  const xs = await axis(store, ['longitude', 'lon', 'x'])
  const ys = await axis(store, ['latitude', 'lat', 'y'])
  return { xs, ys, values }
}

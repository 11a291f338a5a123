/** A forecast's folder as the viewer needs it, read relative to the page. */
import { type Grid, gridOf } from './grid.ts'
import { type Layer, layersOf } from './layers.ts'
import { openStore, type ReadFile, vectorOf, type ZarrStore } from './zarr.ts'

/** The sampled tracks: [trajectory][time], NaN where there is none. */
export interface Tracks {
  readonly count: number
  readonly timeCount: number
  readonly lon: Float64Array
  readonly lat: Float64Array
}

export interface Forecast {
  readonly title: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly density: ZarrStore
  readonly layers: readonly Layer[]
  readonly grid: Grid
  /** Unix seconds of each output. */
  readonly times: readonly number[]
  /** Readable copy of the signed manifest; absent in a bare product. */
  readonly manifest: Readonly<Record<string, unknown>> | undefined
  /** Names of known files that are in the folder. */
  readonly files: readonly string[]
  tracks(): Promise<Tracks | undefined>
}

/** Tracks drawn at once: more are a carpet, and hold up the map. */
const TRACKS_MAX = 1000

async function readTracks(read: ReadFile): Promise<Tracks | undefined> {
  const store = await openStore('trajectories.zarr', read)
  const array = store?.arrays.get('lon')
  if (store === undefined || array === undefined) return
  const [all = 0, timeCount = 0] = array.shape
  const count = Math.min(all, TRACKS_MAX)
  const [rows = 1, times = 1] = array.chunks
  const whole = async (name: string): Promise<Float64Array> => {
    const values = new Float64Array(count * timeCount).fill(Number.NaN)
    const from = store.arrays.get(name)
    if (from === undefined) return values
    for (let up = 0; up * rows < count; up += 1) {
      for (let across = 0; across * times < timeCount; across += 1) {
        const tile = await store.chunk(from, [up, across])
        for (let row = 0; row < Math.min(rows, count - up * rows); row += 1) {
          for (let time = 0; time < Math.min(times, timeCount - across * times); time += 1) {
            const to = (up * rows + row) * timeCount + across * times + time
            values[to] = Number(tile[row * times + time])
          }
        }
      }
    }
    return values
  }
  const [lon, lat] = await Promise.all([whole('lon'), whole('lat')])
  return { count, timeCount, lon, lat }
}

const numbers = (values: readonly (number | string)[] | undefined): number[] =>
  (values ?? []).map(Number)

/** @throws Error when there is no density to show */
export async function openForecast(
  read: ReadFile,
  exists: (path: string) => Promise<boolean>,
  known: readonly string[],
  reasons: { readonly noDensity: string; readonly flat: string }
): Promise<Forecast> {
  const [density, manifest] = await Promise.all([
    openStore('density.zarr', read),
    read('forecast.json')
  ])
  if (density === undefined) throw new Error(reasons.noDensity)
  if (density.arrays.has('x')) throw new Error(reasons.flat)
  const [ys, xs, times, layers] = await Promise.all([
    vectorOf(density, 'lat'),
    vectorOf(density, 'lon'),
    vectorOf(density, 'time'),
    layersOf(density)
  ])
  const present = await Promise.all(known.map(async (name) => [name, await exists(name)] as const))
  return {
    title: String(density.attributes.title ?? ''),
    attributes: density.attributes,
    density,
    layers,
    grid: gridOf(numbers(xs), numbers(ys)),
    times: numbers(times),
    manifest: manifest && JSON.parse(new TextDecoder().decode(manifest)),
    files: present.flatMap(([name, isPresent]) => (isPresent ? [name] : [])),
    tracks: () => readTracks(read)
  }
}

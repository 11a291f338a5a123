/** Which places are land by a coastline: a line to the east crosses it an odd number of times. */
import type { Shoreline } from './shoreline.ts'

/** Height of the bands by which segments are found, in degrees. */
const BAND_DEGREES = 0.25
/** Whole turns by which rings may lie beside a place. */
const TURNS = [-360, 0, 360]

const bandOf = (lat: number): number => Math.floor(lat / BAND_DEGREES)

/** How many numbers of an ascending list are above a value. */
function above(list: Float64Array, value: number): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((list[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return list.length - low
}

/** The inside of a coastline between two latitudes. */
export class Insides {
  readonly #segments: Float64Array
  /** Segments by the bands of latitude that they lie in. */
  readonly #bands = new Map<number, number[]>()
  /** Longitudes at which the coastline crosses the latitude of the last place, ascending. */
  #crossings = new Float64Array(0)
  #lat = Number.NaN

  constructor(
    { segments }: Shoreline,
    { south, north }: { readonly south: number; readonly north: number }
  ) {
    this.#segments = segments
    for (let at = 0; at < segments.length; at += 4) {
      const [a, b] = [segments[at + 1] ?? 0, segments[at + 3] ?? 0]
      const [low, high] = [Math.max(Math.min(a, b), south), Math.min(Math.max(a, b), north)]
      for (let band = bandOf(low); low <= high && band <= bandOf(high); band++) {
        const list = this.#bands.get(band)
        if (list === undefined) this.#bands.set(band, [at])
        else list.push(at)
      }
    }
  }

  /** 1 where a place (lon, lat in degrees, pairs) is inside the coastline. */
  of(pairs: Float64Array): Uint8Array {
    const inside = new Uint8Array(pairs.length / 2)
    for (let node = 0; node < inside.length; node++) {
      const lon = pairs[2 * node] ?? Number.NaN
      const lat = pairs[2 * node + 1] ?? Number.NaN
      if (!(Math.abs(lat) <= 90)) continue
      if (lat !== this.#lat) this.#cross(lat)
      const normal = lon - 360 * Math.floor((lon + 180) / 360)
      if (TURNS.some((turn) => above(this.#crossings, normal + turn) % 2 === 1)) inside[node] = 1
    }
    return inside
  }

  #cross(lat: number): void {
    this.#lat = lat
    const segments = this.#segments
    const found: number[] = []
    for (const at of this.#bands.get(bandOf(lat)) ?? []) {
      const [x1, y1] = [segments[at] ?? 0, segments[at + 1] ?? 0]
      const [x2, y2] = [segments[at + 2] ?? 0, segments[at + 3] ?? 0]
      if (y1 > lat !== y2 > lat) found.push(x1 + ((lat - y1) * (x2 - x1)) / (y2 - y1))
    }
    this.#crossings = Float64Array.from(found).sort()
  }
}

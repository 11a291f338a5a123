/**
 * Coastlines as segments: the built-in one (Natural Earth 1:10m as packed by world-atlas, public
 * domain) with the country behind every segment, or one from a file. Longitudes and latitudes come
 * out of their bytes by + and * alone, so the same coastline is the same numbers everywhere.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { parseTopology } from './packed-arcs.ts'
import { unfold } from './topology.ts'

export interface Country {
  /** ISO 3166-1 numeric code; empty where there is none. */
  readonly id: string
  readonly name: string
}

export interface Shoreline {
  /** For people. */
  readonly name: string
  /** Degrees: lon and lat of the start and the end of every segment. */
  readonly segments: Float64Array
  /** Per segment: 1 where a map is cut there and no coast runs. */
  readonly isEdge: Uint8Array
  /** Per segment, 1 + index in `countries`; 0 for none. */
  readonly countryOf: Uint16Array
  readonly countries: readonly Country[]
}

export type Pair = readonly [number, number]

/** Gathers rings and lines, unrolled so that none jumps around the globe. */
export class Segments {
  #ends = new Float64Array(4096)
  #countryOf = new Uint16Array(1024)
  #isEdge = new Uint8Array(1024)
  #count = 0

  /** From (x1, y1) to (x2, y2), in degrees. */
  #add(x1: number, y1: number, x2: number, y2: number, country: number, isEdge: boolean): void {
    if (this.#count === this.#isEdge.length) this.#resize(2 * this.#count)
    const at = 4 * this.#count
    this.#ends[at] = x1
    this.#ends[at + 1] = y1
    this.#ends[at + 2] = x2
    this.#ends[at + 3] = y2
    this.#countryOf[this.#count] = country
    const isMapEdge = (Math.abs(x1) === 180 && x1 === x2) || (Math.abs(y1) >= 90 && y1 === y2)
    this.#isEdge[this.#count] = isEdge || isMapEdge ? 1 : 0
    this.#count++
  }

  /** The memory of before goes back at once. */
  #resize(count: number): void {
    this.#ends = new Float64Array(this.#ends.buffer.transfer(32 * count))
    this.#countryOf = new Uint16Array(this.#countryOf.buffer.transfer(2 * count))
    this.#isEdge = new Uint8Array(this.#isEdge.buffer.transfer(count))
  }

  /** `points`: (lon, lat) pairs, changed; `isCoast`: of the segment that ends at each point. */
  addRing(points: Float64Array, country: number, isCoast?: Uint8Array): void {
    let [low, high] = [Infinity, -Infinity]
    for (let at = 0; at < points.length; at += 2) {
      const before = points[Math.max(at - 2, 0)] ?? 0
      const lon = points[at] ?? 0
      const here = lon + 360 * Math.round((before - lon) / 360)
      points[at] = here
      low = Math.min(low, here)
      high = Math.max(high, here)
    }
    // The middle lies within half a turn of Greenwich, so that neighbours are beside each other.
    const shift = -360 * Math.floor(((low + high) / 2 + 180) / 360)
    const count = points.length / 2
    const lon = (index: number): number => (points[2 * index] ?? 0) + shift
    const lat = (index: number): number => points[2 * index + 1] ?? 0
    for (let end = 1; end < count; end++) {
      const start = end - 1
      if (isCoast?.[end] === 0) continue
      this.#add(lon(start), lat(start), lon(end), lat(end), country, false)
    }
    if (count > 1) this.#closeOverPole(lon(0), lat(0), lon(count - 1), lat(count - 1))
  }

  /** A ring that goes around a pole ends a turn from where it began: it is closed over the pole. */
  #closeOverPole(firstX: number, firstY: number, lastX: number, lastY: number): void {
    if (Math.abs(lastX - firstX) < 180) return
    const pole = firstY < 0 ? -90 : 90
    this.#add(lastX, lastY, lastX, pole, 0, true)
    this.#add(lastX, pole, firstX, pole, 0, true)
    this.#add(firstX, pole, firstX, firstY, 0, true)
  }

  /** What was gathered; nothing can be added after it. */
  done(name: string, countries: readonly Country[]): Shoreline {
    this.#resize(this.#count)
    const [segments, isEdge, countryOf] = [this.#ends, this.#isEdge, this.#countryOf]
    return { name, segments, isEdge, countryOf, countries }
  }
}

let builtIn: Promise<Shoreline> | undefined

/** The built-in coastline, unpacked once: 14 MB. */
export function builtInShoreline(): Promise<Shoreline> {
  builtIn ??= (async () => {
    // Beside the chunk in the bundle.
    const file = import.meta.url.endsWith('.mjs')
      ? new URL('./countries-10m.json', import.meta.url)
      : createRequire(import.meta.url).resolve('world-atlas/countries-10m.json')
    return unfold(parseTopology(await readFile(file)))
  })()
  return builtIn
}

export function shorelineOf(name: string, rings: Iterable<readonly Pair[]>): Shoreline {
  const segments = new Segments()
  for (const ring of rings) segments.addRing(Float64Array.from(ring.flat()), 0)
  return segments.done(name, [])
}

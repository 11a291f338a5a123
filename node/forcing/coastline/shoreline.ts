/**
 * Coastlines as segments: the built-in one (Natural Earth 1:10m as packed by world-atlas, public
 * domain) with the country behind every segment, or one from a file. Longitudes and latitudes come
 * out of their bytes by + and * alone, so the same coastline is the same numbers everywhere.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

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

/** Is this an edge of the map and not of the land? */
const isMapEdge = (a: Pair, b: Pair): boolean =>
  (Math.abs(a[0]) === 180 && a[0] === b[0]) || (Math.abs(a[1]) >= 90 && a[1] === b[1])

/** Gathers rings and lines, unrolled so that none jumps around the globe. */
export class Segments {
  #ends = new Float64Array(4096)
  #countryOf = new Uint16Array(1024)
  #isEdge = new Uint8Array(1024)
  #count = 0

  #add(a: Pair, b: Pair, country: number, isEdge: boolean): void {
    if (this.#count === this.#isEdge.length) this.#grow()
    this.#ends.set([a[0], a[1], b[0], b[1]], 4 * this.#count)
    this.#countryOf[this.#count] = country
    this.#isEdge[this.#count] = isEdge || isMapEdge(a, b) ? 1 : 0
    this.#count++
  }

  #grow(): void {
    const twice = <T extends Float64Array | Uint16Array | Uint8Array>(from: T, to: T): T => {
      to.set(from)
      return to
    }
    const size = 2 * this.#isEdge.length
    this.#ends = twice(this.#ends, new Float64Array(4 * size))
    this.#countryOf = twice(this.#countryOf, new Uint16Array(size))
    this.#isEdge = twice(this.#isEdge, new Uint8Array(size))
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
    const at = (index: number): Pair => [
      (points[2 * index] ?? 0) + shift,
      points[2 * index + 1] ?? 0
    ]
    const count = points.length / 2
    for (let index = 1; index < count; index++) {
      if (isCoast?.[index] !== 0) this.#add(at(index - 1), at(index), country, false)
    }
    if (count > 1) this.#closeOverPole(at(0), at(count - 1))
  }

  /** A ring that goes around a pole ends a turn from where it began: it is closed over the pole. */
  #closeOverPole(first: Pair, last: Pair): void {
    if (Math.abs(last[0] - first[0]) < 180) return
    const pole = first[1] < 0 ? -90 : 90
    const corners: Pair[] = [last, [last[0], pole], [first[0], pole], first]
    corners.slice(1).forEach((corner, index) => {
      this.#add(corners[index] ?? corner, corner, 0, true)
    })
  }

  done(name: string, countries: readonly Country[]): Shoreline {
    return {
      name,
      segments: this.#ends.slice(0, 4 * this.#count),
      isEdge: this.#isEdge.slice(0, this.#count),
      countryOf: this.#countryOf.slice(0, this.#count),
      countries
    }
  }
}

/** The program that unpacks: beside this file in a checkout, beside the chunk in the bundle. */
const UNPACKING = new URL(
  import.meta.url.endsWith('.mjs') ? './shoreline.thread.mjs' : './shoreline.thread.ts',
  import.meta.url
)

/** Megabytes: what it needs with some room, and a small nursery, which would else grow to 100. */
const UNPACKING_LIMITS = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 8 }

let builtIn: Promise<Shoreline> | undefined

/**
 * The built-in coastline; unpacked once, in a thread that ends with the hundred megabytes which the
 * packed form takes while it is read.
 */
export function builtInShoreline(): Promise<Shoreline> {
  builtIn ??= (async () => {
    const thread = new Worker(UNPACKING, { resourceLimits: UNPACKING_LIMITS })
    try {
      const [shoreline] = (await once(thread, 'message')) as [Shoreline]
      return shoreline
    } finally {
      await thread.terminate()
    }
  })()
  return builtIn
}

export function shorelineOf(name: string, rings: Iterable<readonly Pair[]>): Shoreline {
  const segments = new Segments()
  for (const ring of rings) segments.addRing(Float64Array.from(ring.flat()), 0)
  return segments.done(name, [])
}

/**
 * Coastlines as segments: the built-in one (Natural Earth 1:10m as packed by world-atlas, public
 * domain) with the country behind every segment, or one from a file. Longitudes and latitudes come
 * out of their bytes by + and * alone, so the same coastline is the same numbers everywhere.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

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

interface Geometry {
  readonly id?: string
  readonly arcs: unknown
  readonly properties: { readonly name: string }
}

interface Topology {
  readonly transform: { readonly scale: Pair; readonly translate: Pair }
  readonly arcs: readonly (readonly Pair[])[]
  readonly objects: { readonly countries: { readonly geometries: readonly Geometry[] } }
}

type Pair = readonly [number, number]

/** Is this an edge of the map and not of the land? */
const isMapEdge = (a: Pair, b: Pair): boolean =>
  (Math.abs(a[0]) === 180 && a[0] === b[0]) || (Math.abs(a[1]) >= 90 && a[1] === b[1])

/** Gathers rings and lines, unrolled so that none jumps around the globe. */
class Segments {
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

/** Rings as lists of arcs; one that runs backwards is the complement of its number. */
function ringsOf(arcs: unknown): number[][] {
  if (!Array.isArray(arcs)) return []
  const isRing = arcs.every((arc): arc is number => typeof arc === 'number')
  return isRing ? [arcs] : arcs.flatMap(ringsOf)
}

const arcOf = (arc: number): number => (arc < 0 ? ~arc : arc)

/** Places of the points of an arc: pairs of degrees. */
function unpack(arc: readonly Pair[], { scale, translate }: Topology['transform']): Float64Array {
  const places = new Float64Array(2 * arc.length)
  let [x, y] = [0, 0]
  arc.forEach(([dx, dy], index) => {
    x += dx
    y += dy
    places[2 * index] = x * scale[0] + translate[0]
    places[2 * index + 1] = y * scale[1] + translate[1]
  })
  return places
}

/** Arcs one after the other; the first point of an arc is the last of the one before. */
function joined(
  ring: readonly number[],
  arcs: readonly Float64Array[],
  uses: Uint8Array
): { points: Float64Array; isCoast: Uint8Array } {
  const lengths = ring.map((arc) => (arcs[arcOf(arc)]?.length ?? 0) / 2)
  const total = lengths.reduce((sum, length) => sum + length, 0) - (ring.length - 1)
  const points = new Float64Array(2 * total)
  const isCoast = new Uint8Array(total)
  let to = 0
  ring.forEach((arc, place) => {
    const own = arcs[arcOf(arc)] ?? new Float64Array()
    const count = own.length / 2
    for (let index = place === 0 ? 0 : 1; index < count; index++) {
      const from = arc < 0 ? count - 1 - index : index
      points[2 * to] = own[2 * from] ?? 0
      points[2 * to + 1] = own[2 * from + 1] ?? 0
      isCoast[to] = uses[arcOf(arc)] === 1 ? 1 : 0
      to++
    }
  })
  return { points, isCoast }
}

function unfold({ transform, arcs: packed, objects }: Topology): Shoreline {
  const arcs = packed.map((arc) => unpack(arc, transform))
  const { geometries } = objects.countries
  // An arc that only one ring has is coast; what two share is a border.
  const uses = new Uint8Array(arcs.length)
  const rings = geometries.map((country) => ringsOf(country.arcs))
  for (const arc of rings.flat(2)) uses[arcOf(arc)] = (uses[arcOf(arc)] ?? 0) + 1
  const segments = new Segments()
  rings.forEach((ofCountry, index) => {
    for (const ring of ofCountry) {
      const { points, isCoast } = joined(ring, arcs, uses)
      segments.addRing(points, index + 1, isCoast)
    }
  })
  const countries = geometries.map(({ id = '', properties }) => ({ id, name: properties.name }))
  return segments.done('Natural Earth 1:10m (world-atlas)', countries)
}

let builtIn: Promise<Shoreline> | undefined

/** The built-in coastline; unpacked once. */
export function builtInShoreline(): Promise<Shoreline> {
  builtIn ??= (async () => {
    const file = createRequire(import.meta.url).resolve('world-atlas/countries-10m.json')
    return unfold(JSON.parse(await readFile(file, 'utf8')) as Topology)
  })()
  return builtIn
}

export function shorelineOf(name: string, rings: Iterable<readonly Pair[]>): Shoreline {
  const segments = new Segments()
  for (const ring of rings) segments.addRing(Float64Array.from(ring.flat()), 0)
  return segments.done(name, [])
}

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

interface RingPoint {
  readonly place: Pair
  /** Is the segment that ends here coast, and not a border? */
  readonly isCoast: boolean
}

/** Is this an edge of the map and not of the land? */
const isMapEdge = (a: Pair, b: Pair): boolean =>
  (Math.abs(a[0]) === 180 && a[0] === b[0]) || (Math.abs(a[1]) >= 90 && a[1] === b[1])

/** Gathers rings and lines, unrolled so that none jumps around the globe. */
class Segments {
  readonly #ends: number[] = []
  readonly #countries: number[] = []
  readonly #edges: number[] = []

  #add(a: Pair, b: Pair, country: number, isEdge: boolean): void {
    this.#ends.push(...a, ...b)
    this.#countries.push(country)
    this.#edges.push(isEdge || isMapEdge(a, b) ? 1 : 0)
  }

  addRing(ring: readonly RingPoint[], country: number): void {
    const lons: number[] = []
    for (const { place } of ring) {
      const before = lons.at(-1) ?? place[0]
      lons.push(place[0] + 360 * Math.round((before - place[0]) / 360))
    }
    // The middle lies within half a turn of Greenwich, so that neighbours are beside each other.
    const [low, high] = bounds(lons)
    const shift = -360 * Math.floor(((low + high) / 2 + 180) / 360)
    const at = (index: number): Pair => [(lons[index] ?? 0) + shift, ring[index]?.place[1] ?? 0]
    for (let index = 1; index < ring.length; index++) {
      if (ring[index]?.isCoast === true) this.#add(at(index - 1), at(index), country, false)
    }
    this.#closeOverPole(at(0), at(ring.length - 1))
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
      segments: Float64Array.from(this.#ends),
      isEdge: Uint8Array.from(this.#edges),
      countryOf: Uint16Array.from(this.#countries),
      countries
    }
  }
}

function bounds(values: readonly number[]): [number, number] {
  let [low, high] = [values[0] ?? 0, values[0] ?? 0]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}

/** Rings as lists of arcs; one that runs backwards is the complement of its number. */
function ringsOf(arcs: unknown): number[][] {
  if (!Array.isArray(arcs)) return []
  const isRing = arcs.every((arc): arc is number => typeof arc === 'number')
  return isRing ? [arcs] : arcs.flatMap(ringsOf)
}

const arcOf = (arc: number): number => (arc < 0 ? ~arc : arc)

function unfold(topology: Topology): Shoreline {
  const { scale, translate } = topology.transform
  const arcs = topology.arcs.map((arc) => {
    let [x, y] = [0, 0]
    return arc.map(([dx, dy]): Pair => {
      x += dx
      y += dy
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]]
    })
  })
  const { geometries } = topology.objects.countries
  // An arc that only one ring has is coast; what two share is a border.
  const uses = new Uint8Array(arcs.length)
  const rings = geometries.map((country) => ringsOf(country.arcs))
  for (const arc of rings.flat(2)) uses[arcOf(arc)] = (uses[arcOf(arc)] ?? 0) + 1
  const segments = new Segments()
  rings.forEach((ofCountry, index) => {
    for (const ring of ofCountry) {
      const points = ring.flatMap((arc, place): RingPoint[] => {
        const forward = arcs[arcOf(arc)] ?? []
        const isCoast = uses[arcOf(arc)] === 1
        const own = arc < 0 ? [...forward].reverse() : forward
        return own.slice(place === 0 ? 0 : 1).map((each) => ({ place: each, isCoast }))
      })
      segments.addRing(points, index + 1)
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
  for (const ring of rings) {
    segments.addRing(
      ring.map((place) => ({ place, isCoast: true })),
      0
    )
  }
  return segments.done(name, [])
}

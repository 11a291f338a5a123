/**
 * From TopoJSON of countries to a coastline: arcs are unpacked, rings joined, and what two
 * countries share is a border and no coast.
 */
import type { PackedArcs, Topology } from './packed-arcs.ts'
import { Segments, type Shoreline } from './shoreline.ts'

/** Rings as lists of arcs; one that runs backwards is the complement of its number. */
function ringsOf(arcs: unknown): number[][] {
  if (!Array.isArray(arcs)) return []
  const isRing = arcs.every((arc): arc is number => typeof arc === 'number')
  return isRing ? [arcs] : arcs.flatMap(ringsOf)
}

const arcOf = (arc: number): number => (arc < 0 ? ~arc : arc)

/** Places of the points of every arc: pairs of degrees. */
function unpack(
  { steps, starts }: PackedArcs,
  { scale, translate }: Topology['transform']
): Float64Array[] {
  const arcs: Float64Array[] = []
  for (let arc = 0; arc + 1 < starts.length; arc++) {
    const [from, to] = [starts[arc] ?? 0, starts[arc + 1] ?? 0]
    const places = new Float64Array(to - from)
    let [x, y] = [0, 0]
    for (let at = 0; at < places.length; at += 2) {
      x += steps[from + at] ?? 0
      y += steps[from + at + 1] ?? 0
      places[at] = x * scale[0] + translate[0]
      places[at + 1] = y * scale[1] + translate[1]
    }
    arcs.push(places)
  }
  return arcs
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

/** The coastline of a topology of countries. */
export function unfold({ transform, arcs: packed, objects }: Topology): Shoreline {
  const arcs = unpack(packed, transform)
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

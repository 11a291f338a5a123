/**
 * The coastline in the folder: polygons as differences of hundredths of a degree, seven bits to a
 * byte (scripts/build-viewer writes it). Only what a view can show is drawn.
 */
import { type GeoProjection, geoDistance, geoPath } from 'd3-geo'
import type { Size, View } from './projection.ts'

/** Steps of one degree. */
const STEPS = 100

type Ring = [number, number][]

interface Polygon {
  readonly rings: Ring[]
  /** A circle around it: centre, and radius in degrees. */
  readonly centre: [number, number]
  readonly radius: number
}

export type Land = readonly Polygon[]

function circleOf([ring = []]: Ring[]): Pick<Polygon, 'centre' | 'radius'> {
  const [first = [0, 0]] = ring
  const [minLat, maxLat] = [Math.min, Math.max].map((most) =>
    ring.map(([, lat]) => lat).reduce((a, b) => most(a, b), first[1])
  )
  const [minLon, maxLon] = [Math.min, Math.max].map((most) =>
    ring.map(([lon]) => lon).reduce((a, b) => most(a, b), first[0])
  )
  const centre: [number, number] = [
    ((minLon ?? 0) + (maxLon ?? 0)) / 2,
    ((minLat ?? 0) + (maxLat ?? 0)) / 2
  ]
  const far = ring.reduce((most, point) => Math.max(most, geoDistance(centre, point)), 0)
  return { centre, radius: (far * 180) / Math.PI }
}

export function decodeLand(bytes: Uint8Array): Land {
  let at = 0
  const next = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at] ?? 0
      at += 1
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
  }
  const difference = (): number => {
    const value = next()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  const polygons: Polygon[] = []
  while (at < bytes.length) {
    const rings = Array.from({ length: next() }, () => {
      const ring: Ring = []
      let [x, y] = [0, 0]
      for (let left = next(); left > 0; left -= 1) {
        x += difference()
        y += difference()
        ring.push([x / STEPS, y / STEPS])
      }
      const [first] = ring
      if (first !== undefined) ring.push(first)
      return ring
    })
    polygons.push({ rings, ...circleOf(rings) })
  }
  return polygons
}

/** Outline of what the view shows of it. */
export function landPath(land: Land, projection: GeoProjection, view: View, size: Size): Path2D {
  const reach = view.projection === 'globe' ? 90 : 181
  const half = Math.hypot(size.width, size.height) / 2 / view.scale
  const visible = Math.min(reach, half / Math.max(0.1, Math.cos((view.lat * Math.PI) / 180)))
  const coordinates = land
    .filter(({ centre, radius }) => {
      const far = (geoDistance(centre, [view.lon, view.lat]) * 180) / Math.PI
      // An islet of less than a third of a pixel is not seen.
      return far < visible + radius && radius * view.scale > 0.3
    })
    .map(({ rings }) => rings)
  const path = new Path2D()
  geoPath(
    projection,
    path as unknown as CanvasRenderingContext2D
  )({
    type: 'MultiPolygon',
    coordinates
  })
  return path
}

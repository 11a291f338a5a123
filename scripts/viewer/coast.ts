/**
 * The coastline of the viewer: Natural Earth 1:10m, with the bends taken out that no screen shows
 * at the scales of a forecast, as differences of hundredths of a degree.
 */
import { readFileSync } from 'node:fs'
import { geoArea } from 'd3-geo'
import { feature } from 'topojson-client'
import { presimplify, simplify, sphericalTriangleArea } from 'topojson-simplify'

/** Steps of one degree, as node/web/viewer/map/land.ts reads them. */
const STEPS = 100
/** A bend of less than this many steradians (20 km²) is left out. */
const BEND_STERADIANS = 5e-7

const SOURCE = new URL('../../node_modules/world-atlas/land-10m.json', import.meta.url)

type Positions = readonly (readonly number[])[]
interface LandCollection {
  readonly features: readonly {
    readonly geometry:
      | { readonly type: 'Polygon'; readonly coordinates: readonly Positions[] }
      | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly Positions[])[] }
  }[]
}

type Ring = [number, number][]

const onSteps = (ring: readonly (readonly number[])[]): Ring => {
  const points = ring.map(([lon = 0, lat = 0]): [number, number] => [
    Math.round(lon * STEPS),
    Math.round(lat * STEPS)
  ])
  return points.filter(
    ([x, y], at) => at === 0 || x !== points[at - 1]?.[0] || y !== points[at - 1]?.[1]
  )
}

/** A ring that rounding has turned inside out would fill the globe. */
const isSound = (ring: Ring, isHole: boolean): boolean => {
  if (ring.length < 4) return false
  const coordinates = [ring.map(([x, y]) => [x / STEPS, y / STEPS])]
  const area = geoArea({ type: 'Polygon', coordinates })
  return isHole ? area > 2 * Math.PI : area < 2 * Math.PI
}

export function coastBytes(): Uint8Array {
  const topology = presimplify(JSON.parse(readFileSync(SOURCE, 'utf8')), sphericalTriangleArea)
  const simple = simplify(topology, BEND_STERADIANS)
  const land = feature(simple, 'land') as unknown as LandCollection
  const bytes: number[] = []
  const put = (value: number): void => {
    let left = value
    for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128)
    bytes.push(left)
  }
  const putDifference = (value: number): void => put(value < 0 ? -2 * value - 1 : 2 * value)
  for (const { geometry } of land.features) {
    const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
    for (const polygon of polygons) {
      const rings = polygon.map(onSteps)
      const [outer] = rings
      if (outer === undefined || !isSound(outer, false)) continue
      const sound = rings.filter((ring, at) => at === 0 || isSound(ring, true))
      put(sound.length)
      for (const ring of sound) {
        put(ring.length - 1)
        let [x, y] = [0, 0]
        for (const point of ring.slice(0, -1)) {
          putDifference(point[0] - x)
          putDifference(point[1] - y)
          ;[x, y] = point
        }
      }
    }
  }
  return Uint8Array.from(bytes)
}

/** Which places are land by a coastline: a line to the east crosses it an odd number of times. */
import type { Shoreline } from './shoreline.ts'

/** Height of the bands by which segments are found, in degrees. */
const BAND_DEGREES = 0.25
/** Whole turns by which rings may lie beside a place. */
const TURNS = [-360, 0, 360]

/** Segments by the bands of latitude that they lie in. */
function bandsOf(segments: Float64Array, south: number, north: number): Map<number, number[]> {
  const bands = new Map<number, number[]>()
  for (let at = 0; at < segments.length; at += 4) {
    const [a, b] = [segments[at + 1] ?? 0, segments[at + 3] ?? 0]
    const [low, high] = [Math.max(Math.min(a, b), south), Math.min(Math.max(a, b), north)]
    for (let band = bandOf(low); low <= high && band <= bandOf(high); band++) {
      const list = bands.get(band)
      if (list === undefined) bands.set(band, [at])
      else list.push(at)
    }
  }
  return bands
}

const bandOf = (lat: number): number => Math.floor(lat / BAND_DEGREES)

/** Longitudes at which a coastline crosses a latitude, ascending. */
function crossings(segments: Float64Array, list: readonly number[], lat: number): Float64Array {
  const found: number[] = []
  for (const at of list) {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = segments.subarray(at, at + 4)
    if (y1 > lat !== y2 > lat) found.push(x1 + ((lat - y1) * (x2 - x1)) / (y2 - y1))
  }
  return Float64Array.from(found).sort()
}

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

/** 1 where a place (lon, lat in degrees, pairs) is inside the coastline. */
export function insideOf({ segments }: Shoreline, pairs: Float64Array): Uint8Array {
  const inside = new Uint8Array(pairs.length / 2)
  let [south, north] = [90, -90]
  for (let at = 1; at < pairs.length; at += 2) {
    const lat = pairs[at] ?? Number.NaN
    if (lat < south) south = lat
    if (lat > north) north = lat
  }
  const bands = bandsOf(segments, south, north)
  let lastLat = Number.NaN
  let row = new Float64Array(0)
  for (let node = 0; node < inside.length; node++) {
    const [lon, lat] = [pairs[2 * node] ?? Number.NaN, pairs[2 * node + 1] ?? Number.NaN]
    if (!(Math.abs(lat) <= 90)) continue
    if (lat !== lastLat) {
      row = crossings(segments, bands.get(bandOf(lat)) ?? [], lat) as typeof row
      lastLat = lat
    }
    const normal = lon - 360 * Math.floor((lon + 180) / 360)
    if (TURNS.some((turn) => above(row, normal + turn) % 2 === 1)) inside[node] = 1
  }
  return inside
}

/** Tracks on the map: projected once per view, drawn up to the present time. */
import { type GeoProjection, geoDistance } from 'd3-geo'
import type { Tracks } from '../source/forecast.ts'
import type { Size } from './projection.ts'

/** x and y of every point; NaN where there is none, or behind the globe. */
export function projectTracks(tracks: Tracks, projection: GeoProjection): Float32Array {
  const { lon, lat } = tracks
  const pixels = new Float32Array(lon.length * 2).fill(Number.NaN)
  const [turn = 0, tilt = 0] = projection.rotate()
  const isGlobe = projection.clipAngle() === 90
  for (let at = 0; at < lon.length; at += 1) {
    const place: [number, number] = [lon[at] ?? Number.NaN, lat[at] ?? Number.NaN]
    if (Number.isNaN(place[0])) continue
    if (isGlobe && geoDistance(place, [-turn, -tilt]) > Math.PI / 2) continue
    const point = projection(place)
    pixels[2 * at] = point?.[0] ?? Number.NaN
    pixels[2 * at + 1] = point?.[1] ?? Number.NaN
  }
  return pixels
}

export function drawTracks(
  context: CanvasRenderingContext2D,
  { count, timeCount }: Tracks,
  pixels: Float32Array,
  time: number,
  colour: string,
  { width }: Size
): void {
  const ends: [number, number][] = []
  context.beginPath()
  for (let track = 0; track < count; track += 1) {
    let lastX = Number.NaN
    let lastY = Number.NaN
    for (let at = track * timeCount; at <= track * timeCount + time; at += 1) {
      const x = pixels[2 * at] ?? Number.NaN
      const y = pixels[2 * at + 1] ?? Number.NaN
      // A leap across the map is the seam of the projection, not a drift.
      const isJoined = Math.abs(x - lastX) < width / 2
      if (isJoined) context.lineTo(x, y)
      else context.moveTo(x, y)
      lastX = x
      lastY = y
    }
    ends.push([lastX, lastY])
  }
  context.strokeStyle = colour
  context.lineWidth = 0.7
  context.globalAlpha = 0.5
  context.stroke()
  context.globalAlpha = 1
  context.fillStyle = colour
  for (const [x, y] of ends) context.fillRect(x - 1, y - 1, 2, 2)
}

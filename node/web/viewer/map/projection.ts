/**
 * The three projections, each around the place the map looks at. Which cell a pixel shows is worked
 * out backwards, pixel by pixel: right for any grid, any projection and across the date line.
 */
import {
  type GeoProjection,
  type GeoRawProjection,
  geoNaturalEarth1,
  geoNaturalEarth1Raw,
  geoOrthographic,
  geoProjection
} from 'd3-geo'
import { cellAt, type Grid } from '../source/grid.ts'

export const PROJECTIONS = ['equirectangular', 'naturalEarth', 'globe'] as const
export type ProjectionName = (typeof PROJECTIONS)[number]

export interface View {
  readonly projection: ProjectionName
  /** The place in the middle. */
  readonly lon: number
  readonly lat: number
  /** Pixels of one degree of latitude in the middle. */
  readonly scale: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

const DEGREE = Math.PI / 180
/** Above this height of the view in degrees a standard parallel would squeeze the world. */
const REGIONAL_DEGREES = 60

/** Plate carrée, true at the middle parallel where the view is regional. */
const stretchOf = ({ lat, scale }: View, { height }: Size): number =>
  height / scale > REGIONAL_DEGREES ? 1 : Math.max(0.1, Math.cos(lat * DEGREE))

function equirectangular(stretch: number): GeoRawProjection {
  const raw = (lon: number, lat: number): [number, number] => [lon * stretch, lat]
  return Object.assign(raw, {
    invert: (x: number, y: number) => [x / stretch, y] as [number, number]
  })
}

export function projectionOf(view: View, size: Size): GeoProjection {
  const { lon, lat, scale, projection } = view
  const made =
    projection === 'globe'
      ? geoOrthographic().rotate([-lon, -lat]).clipAngle(90)
      : (projection === 'naturalEarth'
          ? geoNaturalEarth1()
          : geoProjection(equirectangular(stretchOf(view, size)))
        )
          .rotate([-lon, 0])
          .center([0, lat])
  return made
    .scale(scale / DEGREE)
    .translate([size.width / 2, size.height / 2])
    .precision(0)
    .clipExtent([
      [-2, -2],
      [size.width + 2, size.height + 2]
    ])
}

/** The place under a pixel, or undefined beside the Earth. */
export function placeAt(
  view: View,
  size: Size,
  x: number,
  y: number
): readonly [number, number] | undefined {
  const radians = scaled(view)
  const [dx, dy] = [(x - size.width / 2) / radians, (size.height / 2 - y) / radians]
  if (view.projection === 'globe') {
    if (Math.hypot(dx, dy) > 1) return
    return projectionOf(view, size).invert?.([x, y]) ?? undefined
  }
  const raw = rawOf(view, size)
  const [lon, lat] = raw.invert?.(dx, dy + (raw(0, view.lat * DEGREE)[1] ?? 0)) ?? [4, 4]
  if (Math.abs(lon) > Math.PI || Math.abs(lat) > Math.PI / 2) return
  return [view.lon + lon / DEGREE, lat / DEGREE]
}

const scaled = ({ scale }: View): number => scale / DEGREE

const rawOf = (view: View, size: Size): GeoRawProjection =>
  view.projection === 'naturalEarth' ? geoNaturalEarth1Raw : equirectangular(stretchOf(view, size))

export interface PixelCells extends Size {
  /** Cell of each pixel, −1 where there is none. */
  readonly cells: Int32Array
  /** Screen pixels of one side. */
  readonly step: number
}

export function pixelCells(view: View, size: Size, grid: Grid, step: number): PixelCells {
  const width = Math.ceil(size.width / step)
  const height = Math.ceil(size.height / step)
  const cells = new Int32Array(width * height).fill(-1)
  if (view.projection === 'globe') {
    const projection = projectionOf(view, size)
    const radius = scaled(view)
    for (let at = 0; at < cells.length; at += 1) {
      const x = ((at % width) + 0.5) * step
      const y = (Math.floor(at / width) + 0.5) * step
      if (Math.hypot(x - size.width / 2, y - size.height / 2) > radius) continue
      const [lon = 0, lat = 0] = projection.invert?.([x, y]) ?? []
      cells[at] = cellAt(grid, lon, lat)
    }
    return { width, height, cells, step }
  }
  // Both others have straight parallels: a row has one latitude, and longitudes grow evenly.
  for (let row = 0; row < height; row += 1) {
    const y = (row + 0.5) * step
    const middle = placeAt(view, size, size.width / 2, y)
    const beside = placeAt(view, size, size.width / 2 + 1, y)
    if (middle === undefined || beside === undefined) continue
    const perPixel = beside[0] - middle[0]
    for (let column = 0; column < width; column += 1) {
      const east = ((column + 0.5) * step - size.width / 2) * perPixel
      if (Math.abs(east) > 180) continue
      cells[row * width + column] = cellAt(grid, view.lon + east, middle[1])
    }
  }
  return { width, height, cells, step }
}

/** The view that shows a whole grid with a margin around it. */
export function viewOf(grid: Grid, size: Size, projection: ProjectionName): View {
  const lat = Math.min(85, Math.max(-85, grid.south + (grid.rows * grid.side) / 2))
  const wide = grid.columns * grid.side * Math.max(0.1, Math.cos(lat * DEGREE))
  const high = grid.rows * grid.side
  const scale = 0.85 * Math.min(size.width / Math.min(wide, 360), size.height / Math.min(high, 180))
  const lon = grid.west + (grid.columns * grid.side) / 2
  return { projection, lon: lon - 360 * Math.round(lon / 360), lat, scale }
}

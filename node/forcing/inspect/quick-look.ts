/**
 * A picture of one slice for the eye: the speed on an even raster in longitude and latitude, north
 * up. What is drawn is one instant (told in the caption), because a mean hides what a reader looks
 * for: jets, eddies, land in the wrong place, stripes of a wrong scale.
 */
import { cosineOf } from '../grids/geometry.ts'
import { makeRegrid } from '../grids/regrid.ts'
import type { FileSet } from '../init/sets.ts'
import { boxOf, columnsOf, makeGrid, rowsOf } from '../meaning/grid.ts'
import { isoTime } from '../meaning/time-axis.ts'
import { openSeries, type Series } from '../series.ts'
import type { ForcingRole } from '../source.ts'

export interface QuickLook {
  readonly role: ForcingRole
  /** ISO 8601 of the slice drawn. */
  readonly time: string
  readonly width: number
  readonly height: number
  /** m/s, northernmost row first; NaN where there is no value. */
  readonly speeds: Float32Array
  /** Per pixel: the grid reaches it. Covered pixels without speed are land. */
  readonly isCovered: Uint8Array
  readonly box: {
    readonly west: number
    readonly east: number
    readonly south: number
    readonly north: number
  }
}

/** How many pixels of what shape: `aspect` is a pixel's height over its width. */
export interface Canvas {
  readonly widthMax: number
  readonly heightMax: number
  readonly aspect: number
}

/** Degrees of the shortest side: a line of nodes still has an area. */
const SIDE_DEGREES_MIN = 1e-3
/** Poles have no width; a picture still needs some. */
const SHRINK_MIN = 0.1
/** Fewest pixels of the shorter side: a narrow strip stays visible. */
const SIDE_PIXELS_MIN = 4

/** The slice in the middle of the set's times. */
export async function lookAt(
  { role, files, from }: Pick<FileSet, 'role' | 'files' | 'from'>,
  canvas: Canvas,
  signal?: AbortSignal
): Promise<QuickLook> {
  const source = { role, files, ...(from === undefined ? {} : { from }) }
  const series = await openSeries([source], false, signal)
  try {
    return await draw(series, canvas)
  } finally {
    await series.close()
  }
}

async function draw(series: Series, { widthMax, heightMax, aspect }: Canvas): Promise<QuickLook> {
  const { grid, role, times } = series
  const nodes = boxOf(grid)
  const box = grid.isPeriodic ? { ...nodes, west: -180, east: 180 } : nodes
  const tall = Math.max(SIDE_DEGREES_MIN, box.north - box.south)
  const wide = Math.max(SIDE_DEGREES_MIN, box.east - box.west)
  const shrink = Math.max(SHRINK_MIN, cosineOf((box.north + box.south) / 2))
  const shape = tall / (wide * shrink) / aspect
  const limited = (pixels: number, most: number): number =>
    Math.min(most, Math.max(SIDE_PIXELS_MIN, Math.round(pixels)))
  const width = limited(heightMax / shape, widthMax)
  const height = limited(width * shape, heightMax)
  const centres = (low: number, high: number, count: number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => low + ((i + 0.5) * (high - low)) / count)
  const lons = centres(box.west, box.west + wide, width)
  const raster = makeGrid(lons, centres(box.south, box.south + tall, height), false)
  if (typeof raster === 'string') throw new Error(`a raster ${raster}`)
  const index = times.length >> 1
  const { u, v } = await series.read(index)
  const speeds = u.map((east, node) => Math.sqrt(east * east + (v[node] ?? 0) * (v[node] ?? 0)))
  const regrid = makeRegrid({ grid, isAlongGrid: false }, raster, 'wgs84')
  const risen = regrid.scalars(speeds)
  const flip = (pixel: number): number => {
    const row = Math.floor(pixel / width)
    const column = pixel % width
    return (rowsOf(raster) - 1 - row) * columnsOf(raster) + column
  }
  return {
    ...{ role, time: isoTime(times[index] ?? 0), width, height, box },
    speeds: Float32Array.from(risen, (_, pixel) => risen[flip(pixel)] ?? Number.NaN),
    isCovered: Uint8Array.from(risen, (_, pixel) => Number(regrid.isCovered(flip(pixel))))
  }
}

/** Share of speeds below the top of a scale: one wild value must not make the rest one colour. */
const TOP_SHARE = 0.995
/** Tops that a reader can halve and quarter. */
const ROUND_TOPS = [1, 2, 3, 4, 5, 6, 8, 10]

/** The top of a speed scale: a round number that nearly all values stay below. */
export function topOf(speeds: Float32Array): number {
  const known = speeds.filter((speed) => !Number.isNaN(speed)).sort()
  const rank = Math.min(known.length - 1, Math.floor(TOP_SHARE * known.length))
  const high = known[rank] ?? 0
  if (!(high > 0)) return 1
  let unit = 1
  while (unit > high) unit /= 10
  while (unit * 10 <= high) unit *= 10
  const top = ROUND_TOPS.find((each) => each * unit >= high) ?? 10
  return Number((top * unit).toPrecision(6))
}

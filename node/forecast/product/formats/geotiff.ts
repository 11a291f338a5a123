/**
 * Writes a cloud-optimised GeoTIFF of one float32 map: directories first, then overviews from the
 * coarsest, then the map, all in deflated tiles of one size. Ours because no library writes one
 * deterministically (DESIGN §8). TIFF 6.0, GeoTIFF 1.1 (OGC 19-008r4), layout of GDAL's COG driver.
 */
import { zlibSync } from 'fflate'

/** Tile edge in pixels: 256 KiB each, what a web map asks for at a time. */
const TILE = 256
/** Overviews stop once one tile shows all. */
const OVERVIEWS_MAX = 12
const DEFLATE_LEVEL = 6

const SHORT = 3
const LONG = 4
const DOUBLE = 12
const ASCII = 2
const WIDTHS = { [SHORT]: 2, [LONG]: 4, [DOUBLE]: 8, [ASCII]: 1 } as const

export interface RasterMap {
  /** Rows from the north. */
  readonly values: Float32Array
  readonly columns: number
  readonly rows: number
}

export interface GeoreferencedMap extends RasterMap {
  readonly west: number
  readonly north: number
  readonly pixelSize: number
  /** True where the axes are metres of no known projection. */
  readonly isFlat: boolean
  /** Name and units of the band, for people. */
  readonly name: string
  readonly units: string
}

type Tag = readonly [number, keyof typeof WIDTHS, readonly number[] | string]

/** Half the size; each pixel is the mean of the pixels it covers. */
function halved({ columns, rows, values }: RasterMap): RasterMap {
  const [width, height] = [Math.ceil(columns / 2), Math.ceil(rows / 2)]
  const means = new Float32Array(width * height)
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      let sum = 0
      let count = 0
      for (let y = 2 * row; y < Math.min(rows, 2 * row + 2); y += 1) {
        for (let x = 2 * column; x < Math.min(columns, 2 * column + 2); x += 1) {
          sum += values[y * columns + x] ?? 0
          count += 1
        }
      }
      means[row * width + column] = sum / count
    }
  }
  return { values: means, columns: width, rows: height }
}

function tilesOf({ columns, rows, values }: RasterMap): Uint8Array[] {
  const tiles: Uint8Array[] = []
  for (let top = 0; top < rows; top += TILE) {
    for (let left = 0; left < columns; left += TILE) {
      const tile = new Float32Array(TILE * TILE)
      const width = Math.min(TILE, columns - left)
      for (let row = 0; row < Math.min(TILE, rows - top); row += 1) {
        const from = (top + row) * columns + left
        tile.set(values.subarray(from, from + width), row * TILE)
      }
      tiles.push(zlibSync(new Uint8Array(tile.buffer), { level: DEFLATE_LEVEL }))
    }
  }
  return tiles
}

/** Tags that place the map on the Earth; GeoKeys of GeoTIFF 1.1. */
function geoTags({ isFlat, north, pixelSize, west }: GeoreferencedMap): Tag[] {
  const [area, degree, wgs84, metre, userDefined] = [1, 9102, 4326, 9001, 32_767]
  const keys = isFlat
    ? [
        [1024, 0, 1, 1],
        [1025, 0, 1, area],
        [3072, 0, 1, userDefined],
        [3076, 0, 1, metre]
      ]
    : [
        [1024, 0, 1, 2],
        [1025, 0, 1, area],
        [2048, 0, 1, wgs84],
        [2054, 0, 1, degree]
      ]
  return [
    [33_550, DOUBLE, [pixelSize, pixelSize, 0]],
    [33_922, DOUBLE, [0, 0, 0, west, north, 0]],
    [34_735, SHORT, [1, 1, 1, keys.length, ...keys.flat()]]
  ]
}

const xml = (name: string, units: string): string =>
  `<GDALMetadata><Item name="DESCRIPTION" sample="0" role="description">${name}</Item>` +
  `<Item name="UNITTYPE" sample="0" role="unittype">${units}</Item></GDALMetadata>`

function tagsOf(
  map: RasterMap,
  whole: GeoreferencedMap | undefined,
  tiles: { readonly offsets: readonly number[]; readonly counts: readonly number[] }
): Tag[] {
  const [deflate, blackIsZero, contiguous, floats] = [8, 1, 1, 3]
  return [
    [254, LONG, [whole === undefined ? 1 : 0]],
    [256, LONG, [map.columns]],
    [257, LONG, [map.rows]],
    [258, SHORT, [32]],
    [259, SHORT, [deflate]],
    [262, SHORT, [blackIsZero]],
    [277, SHORT, [1]],
    [284, SHORT, [contiguous]],
    [322, SHORT, [TILE]],
    [323, SHORT, [TILE]],
    [324, LONG, tiles.offsets],
    [325, LONG, tiles.counts],
    [339, SHORT, [floats]],
    ...(whole === undefined ? [] : geoTags(whole)),
    ...(whole === undefined ? [] : [[42_112, ASCII, `${xml(whole.name, whole.units)}\0`] as const])
  ]
}

const valueBytes = (values: Tag[2], type: keyof typeof WIDTHS): number =>
  values.length * WIDTHS[type]

/** Bytes of a directory with the values that do not fit into it. */
function directoryBytes(tags: readonly Tag[]): number {
  return tags.reduce((sum, [, type, values]) => {
    const bytes = valueBytes(values, type)
    return sum + 12 + (bytes > 4 ? bytes + (bytes % 2) : 0)
  }, 2 + 4)
}

function putValues(view: DataView, at: number, [, type, values]: Tag): void {
  for (let index = 0; index < values.length; index += 1) {
    const value = typeof values === 'string' ? values.charCodeAt(index) : (values[index] ?? 0)
    const place = at + index * WIDTHS[type]
    if (type === DOUBLE) view.setFloat64(place, value, true)
    else if (type === LONG) view.setUint32(place, value, true)
    else if (type === SHORT) view.setUint16(place, value, true)
    else view.setUint8(place, value)
  }
}

function putDirectory(view: DataView, at: number, tags: readonly Tag[], next: number): void {
  view.setUint16(at, tags.length, true)
  let spill = at + 2 + 12 * tags.length + 4
  for (const [index, tag] of tags.entries()) {
    const [id, type, values] = tag
    const place = at + 2 + 12 * index
    view.setUint16(place, id, true)
    view.setUint16(place + 2, type, true)
    view.setUint32(place + 4, values.length, true)
    const bytes = valueBytes(values, type)
    if (bytes > 4) {
      view.setUint32(place + 8, spill, true)
      putValues(view, spill, tag)
      spill += bytes + (bytes % 2)
    } else putValues(view, place + 8, tag)
  }
  view.setUint32(at + 2 + 12 * tags.length, next, true)
}

/** The file; the finest level first among its directories, last among its data. */
export function writeGeotiff(map: GeoreferencedMap): Uint8Array {
  const levels: RasterMap[] = [map]
  for (let level: RasterMap = map; levels.length <= OVERVIEWS_MAX; levels.push(level)) {
    if (level.columns <= TILE && level.rows <= TILE) break
    level = halved(level)
  }
  const tiles = levels.map(tilesOf)
  const tagsAt = (offsets: readonly (readonly number[])[]): Tag[][] =>
    levels.map((level, index) => {
      const counts = (tiles[index] ?? []).map(({ length }) => length)
      const places = { offsets: offsets[index] ?? [], counts }
      return tagsOf(level, index === 0 ? map : undefined, places)
    })
  // Offsets have a fixed width: directories with zeros have the length of the real ones.
  const lengths = tagsAt(tiles.map((own) => own.map(() => 0))).map(directoryBytes)
  const starts = lengths.map((_, index) =>
    lengths.slice(0, index).reduce((sum, length) => sum + length, 8)
  )
  let end = lengths.reduce((sum, length) => sum + length, 8)
  const offsets: number[][] = levels.map(() => [])
  for (let index = levels.length - 1; index >= 0; index -= 1) {
    offsets[index] = (tiles[index] ?? []).map(({ length }) => {
      end += length
      return end - length
    })
  }
  const out = new Uint8Array(end)
  const view = new DataView(out.buffer)
  // "II", 42, offset of the first directory.
  view.setUint32(0, 0x002a_4949, true)
  view.setUint32(4, 8, true)
  for (const [index, tags] of tagsAt(offsets).entries()) {
    putDirectory(view, starts[index] ?? 0, tags, starts[index + 1] ?? 0)
    for (const [tile, bytes] of (tiles[index] ?? []).entries()) {
      out.set(bytes, offsets[index]?.[tile] ?? 0)
    }
  }
  return out
}

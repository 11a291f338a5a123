/**
 * Coastlines from files: GeoJSON, ESRI shapefiles (as GSHHG and OpenStreetMap publish theirs) and
 * the binary of GSHHG itself. Rings within rings are lakes and islands in them, by the even-odd
 * rule, whatever the file calls them.
 */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { MeshError } from '../../mesh-error.ts'
import { type Shoreline, shorelineOf } from './shoreline.ts'

type Point = readonly [number, number]

/** A coastline of the globe at full resolution is 200 MB. */
const FILE_BYTES_MAX = 1024 * 1024 * 1024
const SHAPEFILE_CODE = 9994
/** Types of shapes with parts: lines and polygons, plain, with heights or with measures. */
const SHAPES_WITH_PARTS = [3, 5, 13, 15, 23, 25]
/** 11 words of 32 bits; their level is the lowest byte of the third. */
const GSHHG_HEADER_BYTES = 44
const GSHHG_LEVELS = 6

/** @throws MeshError `forcing/unreadable`, `forcing/not-understood` */
export async function readShoreline(file: string): Promise<Shoreline> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new MeshError('forcing/unreadable', `${file}: no such coastline; check land.coastline`, {
      cause
    })
  })
  const rings = bytes.length > FILE_BYTES_MAX ? [] : ringsOf(bytes)
  const shoreline = shorelineOf(basename(file), rings)
  const isOnGlobe = shoreline.segments.every((degrees) => Math.abs(degrees) <= 720)
  if (shoreline.segments.length > 0 && isOnGlobe) return shoreline
  throw new MeshError(
    'forcing/not-understood',
    `${file}: no coastline in longitudes and latitudes; give GeoJSON, a shapefile (.shp) or ` +
      'GSHHG binary (.b) of polygons or lines'
  )
}

function ringsOf(bytes: Buffer): Point[][] {
  try {
    if (bytes.length >= 100 && bytes.readInt32BE(0) === SHAPEFILE_CODE) return shapes(bytes)
    const first = bytes.toString('utf8', 0, 64).trimStart()[0]
    if (first === '{') return [...geoJsonRings(JSON.parse(bytes.toString('utf8')))]
    return gshhgRings(bytes)
  } catch {
    // Whatever is wrong with it, the caller says what is wanted instead.
    return []
  }
}

const isPoint = (value: unknown): value is [number, number] =>
  Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'number'

/** Lists of points at any depth of any GeoJSON. */
function* geoJsonRings(value: unknown): Iterable<Point[]> {
  if (Array.isArray(value)) {
    if (value.length > 1 && value.every(isPoint)) yield value.map(([lon, lat]) => [lon, lat])
    else for (const each of value) yield* geoJsonRings(each)
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const key of ['features', 'geometry', 'geometries', 'coordinates'] as const) {
    if (key in value) yield* geoJsonRings((value as Record<string, unknown>)[key])
  }
}

function shapes(bytes: Buffer): Point[][] {
  const rings: Point[][] = []
  for (let at = 100; at + 12 <= bytes.length; ) {
    const end = at + 8 + 2 * bytes.readInt32BE(at + 4)
    if (end <= at + 8) break
    if (SHAPES_WITH_PARTS.includes(bytes.readInt32LE(at + 8))) {
      const parts = bytes.readInt32LE(at + 44)
      const points = bytes.readInt32LE(at + 48)
      const starts = at + 52
      const coordinates = starts + 4 * parts
      for (let part = 0; part < parts; part++) {
        const from = bytes.readInt32LE(starts + 4 * part)
        const to = part + 1 < parts ? bytes.readInt32LE(starts + 4 * (part + 1)) : points
        const ring: Point[] = []
        for (let point = from; point < to; point++) {
          const place = coordinates + 16 * point
          ring.push([bytes.readDoubleLE(place), bytes.readDoubleLE(place + 8)])
        }
        rings.push(ring)
      }
    }
    at = end
  }
  return rings
}

function gshhgRings(bytes: Buffer): Point[][] {
  const rings: Point[][] = []
  for (let at = 0; at < bytes.length; ) {
    const count = bytes.readInt32BE(at + 4)
    const level = bytes.readInt32BE(at + 8) & 0xff
    if (count < 0 || level < 1 || level > GSHHG_LEVELS) return []
    const ring: Point[] = []
    for (let point = 0; point < count; point++) {
      const place = at + GSHHG_HEADER_BYTES + 8 * point
      ring.push([bytes.readInt32BE(place) / 1e6, bytes.readInt32BE(place + 4) / 1e6])
    }
    rings.push(ring)
    at += GSHHG_HEADER_BYTES + 8 * count
  }
  return rings
}

/** Coastlines: what is land, how far it is, which country's and how long. */
import assert from 'node:assert/strict'
import { coastalCells } from '../../../node/forcing/coastline/coastal-cells.ts'
import { Insides } from '../../../node/forcing/coastline/inside.ts'
import { parseTopology } from '../../../node/forcing/coastline/packed-arcs.ts'
import { readShoreline } from '../../../node/forcing/coastline/shore-files.ts'
import { builtInShoreline } from '../../../node/forcing/coastline/shoreline.ts'
import { traceShoreline } from '../../../node/forcing/coastline/trace.ts'
import { NearestCoast } from '../../../node/forcing/drift/coast-distance.ts'
import { axisMetric } from '../../../node/forcing/grids/node-metric.ts'
import { boxOf, makeGrid } from '../../../node/forcing/meaning/grid.ts'
import { cutPlanes } from '../../../node/worker/crop-tiles.ts'
import { fieldFile, ingest, kernel, scratch } from './fixture.ts'

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step)

const gridOf = (lons: readonly number[], lats: readonly number[]) => {
  const grid = makeGrid(Float64Array.from(lons), Float64Array.from(lats), false)
  if (typeof grid === 'string') throw new Error(grid)
  return grid
}

describe('coastlines', () => {
  const folder = scratch()

  it('knows land from sea around the world, across the date line and beside it', async () => {
    const shoreline = await builtInShoreline()
    const places: [string, number, number, 0 | 1][] = [
      ['Madrid', -3.7, 40.4, 1],
      ['Gulf of Lion', 4.5, 42.5, 0],
      ['Elba', 10.25, 42.78, 1],
      ['Chukotka, west of 180', 178.5, 67.5, 1],
      ['Chukotka, east of 180', -177, 66.5, 1],
      ['the Pacific at the date line', 180, 0, 0],
      ['the South Pole', 0, -89.5, 1],
      ['Antarctica at the date line', 179.9, -85, 1],
      ['Taveuni, at the date line', -179.98, -16.8, 1],
      ['the Arctic', 0, 89, 0],
      ['Madrid, a turn on', 356.3, 40.4, 1],
      ['Lesotho, within South Africa', 28.5, -29.5, 1]
    ]
    const inside = new Insides(shoreline, { south: -90, north: 90 }).of(
      Float64Array.from(places.flatMap(([, lon, lat]) => [lon, lat]))
    )
    for (const [index, [name, , , kind]] of places.entries()) {
      assert.equal(inside[index], kind, name)
    }
  })

  it('finds the arcs of a topology among members of the same name', () => {
    const text = (arcs: string): Uint8Array =>
      Buffer.from(
        '{"type":"Topology","objects":{"countries":{"geometries":[{"arcs":[[0],[-2]],' +
          `"properties":{"name":"\\"arcs\\":[{é"}}]}},"arcs":${arcs},` +
          '"transform":{"scale":[0.5,2],"translate":[-180,-90]}}'
      )
    const { arcs, objects, transform } = parseTopology(text('[[[10,-2],[0,3]],[[-47,5]]]'))
    assert.deepEqual([...arcs.steps], [10, -2, 0, 3, -47, 5])
    assert.deepEqual([...arcs.starts], [0, 4, 6])
    assert.deepEqual(objects.countries.geometries[0], {
      arcs: [[0], [-2]],
      properties: { name: '"arcs":[{é' }
    })
    assert.deepEqual(transform, { scale: [0.5, 2], translate: [-180, -90] })
    assert.throws(() => parseTopology(text('[[[1.5,2]]]')), /other than whole numbers/)
    assert.throws(() => parseTopology(Buffer.from('{"a":{"arcs":[]}}')), /without arcs/)
  })

  it('measures Elba and gives it to Italy', async () => {
    const shoreline = await builtInShoreline()
    const grid = gridOf(range(10.05, 10.5, 0.02), range(42.66, 42.92, 0.02))
    const lonLats = range(42.66, 42.92, 0.02).flatMap((lat) =>
      range(10.05, 10.5, 0.02).flatMap((lon) => [lon, lat])
    )
    const land = new Insides(shoreline, boxOf(grid)).of(Float64Array.from(lonLats))
    const { longitudes, latitudes } = grid
    const metric = axisMetric(kernel(), longitudes as never, latitudes as never, 'wgs84')
    const [rows, columns] = [grid.rowOrder.length, grid.columnOrder.length]
    const coast = new NearestCoast(land, { rows, columns, isPeriodic: false, metric })
    const tracing = traceShoreline(shoreline, grid)
    const table = coastalCells(coast, grid, tracing, tracing)
    // 147 km on the ground; 1:10m has it with 34 corners: what is between them is cut off.
    const km = table.lengths.reduce((sum, length) => sum + length, 0) / 1000
    assert.ok(km > 80 && km < 147, `${km} km`)
    assert.deepEqual(table.countries, [{ id: '380', name: 'Italy' }])
    assert.equal(
      table.countryOf.every((country) => country === 1),
      true
    )
    const area = land.filter((kind) => kind === 1).length * 0.02 * 0.02 * 111.1 * 81.6
    assert.ok(Math.abs(area - 224) < 30, `${area} km², Elba has 224`)
  })

  /** A square island, 1 to 3 E 41 to 43 N, in a sea that the model has without land. */
  const square = [
    [1, 41],
    [3, 41],
    [3, 43],
    [1, 43],
    [1, 41]
  ] as const
  const geoJson = () =>
    folder.write(
      'square.geojson',
      JSON.stringify({
        type: 'FeatureCollection',
        features: [{ type: 'Feature', geometry: { type: 'Polygon', coordinates: [square] } }]
      })
    )

  it('makes nodes within it land, and coasts as far as the line is', async () => {
    const file = folder.write(
      'open.nc',
      fieldFile({ longitudes: range(0, 5, 0.5), latitudes: range(40, 45, 0.5) })
    )
    const source = { role: 'current' as const, files: [file] }
    // The line is 0.4 cells from the first sea node to the east, and 0.6 from the last land node.
    const shifted = square.map(([lon, lat]) => [lon + 0.3, lat])
    const line = folder.write(
      'line.geojson',
      JSON.stringify({ type: 'Polygon', coordinates: [shifted] })
    )
    const { land, notes, forcing, store } = await ingest([source], 0, 12, { coastline: line })
    const at = (lon: number, lat: number): number => (lat - 40) * 2 * 11 + lon * 2
    assert.equal(land[at(3, 42)], 1)
    assert.equal(land[at(3.5, 42)], 0)
    assert.equal(land[at(1, 42)], 0)
    assert.ok(notes.some((note) => /by line.geojson \d+ more nodes are land/.test(note)))
    const plane = forcing.coast?.distance
    assert.ok(plane !== undefined)
    const box = { column: 0, row: 0, columns: 11, rows: 11 }
    const fetch = async (link: unknown) => store.bytes.get(String(link)) ?? new Uint8Array()
    const [bytes] = await cutPlanes(forcing, box, { plane, parts: 1, bytesPerNode: 4 }, fetch)
    const distance = new Float32Array(bytes?.buffer ?? new ArrayBuffer(0))
    // 0.2 degrees of longitude at 42 N are 16.53 km on the sphere of the chords.
    assert.ok(Math.abs((distance[at(3.5, 42)] ?? 0) - 16_527) < 60, `${distance[at(3.5, 42)]}`)
    assert.ok(Math.abs((distance[at(3, 42)] ?? 0) + 24_790) < 90, `${distance[at(3, 42)]}`)
    const plain = await ingest([source], 0, 12)
    assert.equal(plain.land[at(3, 42)], 0, 'without it the model knows best')
  })

  it('stores lengths, nodes and countries of coastal cells', async () => {
    const u = (lon: number, lat: number) =>
      lon >= 1 && lon <= 3 && lat >= 41 && lat <= 43 ? Number.NaN : 0
    const file = folder.write(
      'island.nc',
      fieldFile({ longitudes: range(0, 5, 0.5), latitudes: range(40, 45, 0.5), u })
    )
    const source = { role: 'current' as const, files: [file] }
    const { forcing, store } = await ingest([source], 0, 12, { coastline: geoJson() })
    const { cells, cellCount } = forcing.coast ?? { cellCount: 0 }
    assert.equal(cellCount, 16)
    const values = (link: unknown): DataView => {
      const bytes = store.bytes.get(String(link)) ?? new Uint8Array()
      return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    const lengths = values(cells?.lengths[0])
    let metres = 0
    for (let cell = 0; cell < cellCount; cell++) metres += lengths.getFloat32(4 * cell, true)
    // Two meridians of 2 degrees and two parallels, in chords of half cells.
    const rim = 2 * 222_390 + 222_390 * (0.75471 + 0.73135)
    assert.ok(Math.abs(metres - rim) < 500, `${metres} m, not ${rim} m`)
    assert.equal(values(cells?.nodes[0]).getUint32(0, true), 2 * 11 + 2)
  })

  it('reads shapefiles and GSHHG as it reads GeoJSON', async () => {
    const want = await readShoreline(geoJson())
    const points = square.length
    const shape = Buffer.alloc(100 + 8 + 48 + 4 * 2 + 16 * points - 4)
    shape.writeInt32BE(9994, 0)
    shape.writeInt32BE(1, 100)
    shape.writeInt32BE((shape.length - 108) / 2, 104)
    shape.writeInt32LE(5, 108)
    shape.writeInt32LE(1, 108 + 36)
    shape.writeInt32LE(points, 108 + 40)
    shape.writeInt32LE(0, 108 + 44)
    const binary = Buffer.alloc(44 + 8 * points)
    binary.writeInt32BE(points, 4)
    binary.writeInt32BE(1, 8)
    square.forEach(([lon, lat], index) => {
      shape.writeDoubleLE(lon, 108 + 48 + 16 * index)
      shape.writeDoubleLE(lat, 108 + 56 + 16 * index)
      binary.writeInt32BE(lon * 1e6, 44 + 8 * index)
      binary.writeInt32BE(lat * 1e6, 48 + 8 * index)
    })
    for (const [name, bytes] of [
      ['square.shp', shape],
      ['square.b', binary]
    ] as const) {
      const { segments } = await readShoreline(folder.write(name, bytes))
      assert.deepEqual(segments, want.segments, name)
    }
  })

  it('refuses what is no coastline, saying what is', async () => {
    for (const [name, text] of [
      ['a.json', '{"type":"Point"}'],
      ['b.bin', 'not a coastline at all']
    ] as const) {
      await assert.rejects(
        readShoreline(folder.write(name, text)),
        /give GeoJSON, a shapefile/,
        name
      )
    }
    await assert.rejects(readShoreline('/nowhere.shp'), /no such coastline/)
  })

  it('what an observation lacks is a gap, and the coastline alone says what is land', async () => {
    const u = (lon: number) => (lon > 4 ? Number.NaN : 0.1)
    const file = folder.write(
      'radar.nc',
      fieldFile({ longitudes: range(0, 5, 0.5), latitudes: range(40, 45, 0.5), u })
    )
    const source = { role: 'current' as const, files: [file], missing: 'gap' as const }
    const { land } = await ingest([source], 0, 12, { coastline: geoJson() })
    assert.equal(land[10], 0, 'a gap at 5 E')
    assert.equal(land[4 * 11 + 4], 1, 'the island')
  })
})

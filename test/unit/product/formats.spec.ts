/**
 * Files for readers that have no tool here: their form by their specifications, and that they say
 * what the product says.
 */
import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { zlibSync } from 'fflate'
import { parquetReadObjects } from 'hyparquet'
import { parse } from 'yaml'
import { readFolderFile } from '../../../node/forecast/product/folder/folder.ts'
import {
  type GeoreferencedMap,
  writeGeotiff
} from '../../../node/forecast/product/formats/geotiff.ts'
import { isoDuration, stacFile } from '../../../node/forecast/product/formats/stac.ts'
import { layoutOf } from '../../../node/forecast/product/layout.ts'
import type { DensityGrid } from '../../../protocol/work-unit.ts'
import { assembleWorld, buildWorld } from './assembled.ts'
import { GRID, makePlan, placeOf } from './world.ts'

const world = buildWorld({ cuts: [15], windowSteps: 12 })
const assembled = assembleWorld(world)
const read = async (path: string): Promise<Uint8Array> => {
  const { assembled: made, blocks } = await assembled
  return readFolderFile(made.product, path, blocks)
}
const json = async (path: string) => JSON.parse(new TextDecoder().decode(await read(path)))

interface Entity {
  readonly '@id': string
  readonly '@type': string
  readonly [key: string]: unknown
}

/** Every {"@id": …} inside a value. */
function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '@id' && typeof inner === 'string' ? [inner] : references(inner)
  )
}

describe('STAC item', () => {
  it('lists every product with checksums that are the hashes of the bytes', async () => {
    const { assembled: made } = await assembled
    const { assets, stac_version, type } = await json('stac/item.json')
    assert.equal(type, 'Feature')
    assert.equal(stac_version, '1.1.0')
    for (const { cid, path } of Object.values(made.products)) {
      assert.equal(assets[path]['driftmesh:cid'], cid.toString())
      assert.equal(assets[path].href, `../${path}`)
      if (path.endsWith('.zarr')) continue
      const bytes = await read(path)
      const hash = createHash('sha256').update(bytes).digest('hex')
      assert.equal(assets[path]['file:checksum'], `1220${hash}`, path)
      assert.equal(assets[path]['file:size'], bytes.length)
      // Of one block the hash in the CID is that of the file.
      assert.equal(assets[path]['file:checksum'], Buffer.from(cid.multihash.bytes).toString('hex'))
    }
    assert.equal(Object.keys(made.products).length, 7)
  })

  it('names dimensions and variables as density.zarr does', async () => {
    const { properties } = await json('stac/item.json')
    const variables = properties['cube:variables']
    const { metadata } = await json('density.zarr/.zmetadata')
    for (const [name, { dimensions, unit }] of Object.entries<Record<string, unknown>>(variables)) {
      const attributes = metadata[`${name}/.zattrs`]
      assert.deepEqual(dimensions, attributes._ARRAY_DIMENSIONS, name)
      assert.equal(unit, attributes.units)
      for (const dimension of attributes._ARRAY_DIMENSIONS) {
        assert.ok(properties['cube:dimensions'][dimension], `${name} ${dimension}`)
      }
    }
    assert.equal(properties.datetime, null)
    assert.equal(properties.start_datetime, '2014-05-13T16:53:20Z')
    assert.equal(properties.end_datetime, '2014-05-13T20:53:20Z')
    assert.equal(properties['forecast:horizon'], 'PT4H')
  })

  it('has a box and a polygon, two across the date line', () => {
    const itemOf = (grid: DensityGrid) => {
      const { plan } = makePlan({ grid })
      return JSON.parse(new TextDecoder().decode(stacFile(plan, layoutOf(plan), []).bytes))
    }
    const plain = itemOf(GRID)
    assert.deepEqual(plain.bbox, [8, 42, 10, 43.5])
    assert.equal(plain.geometry.type, 'Polygon')
    const crossing = itemOf({ ...GRID, westDegrees: 179 })
    assert.deepEqual(crossing.bbox, [179, 42, -179, 43.5])
    assert.equal(crossing.geometry.type, 'MultiPolygon')
    const round = itemOf({
      ...GRID,
      westDegrees: -180,
      resolutionDegrees: 45,
      southDegrees: -90
    })
    assert.deepEqual(round.bbox, [-180, -90, 180, 90])
  })

  it('writes durations in the largest unit that divides', () => {
    assert.deepEqual([172_800, 3600, 90 * 60, 600, 61].map(isoDuration), [
      'P2D',
      'PT1H',
      'PT90M',
      'PT10M',
      'PT61S'
    ])
  })
})

describe('RO-Crate', () => {
  it('is a graph without loose ends: descriptor, root, run, and a file for each part', async () => {
    const { '@graph': graph, '@context': context } = await json('ro-crate-metadata.json')
    assert.equal(context, 'https://w3id.org/ro/crate/1.1/context')
    const entities = new Map<string, Entity>(graph.map((each: Entity) => [each['@id'], each]))
    assert.equal(entities.size, graph.length, 'ids are unique')
    const descriptor = entities.get('ro-crate-metadata.json')
    assert.deepEqual(descriptor?.about, { '@id': './' })
    assert.deepEqual(descriptor?.conformsTo, { '@id': 'https://w3id.org/ro/crate/1.1' })
    const outside = new Set(['https://w3id.org/ro/crate/1.1'])
    for (const entity of entities.values()) {
      assert.ok(entity['@type'], entity['@id'])
      for (const id of references(entity)) {
        assert.ok(entities.has(id) || outside.has(id), `${entity['@id']} → ${id}`)
      }
    }
    const root = entities.get('./')
    for (const key of ['name', 'description', 'datePublished', 'license']) {
      assert.ok(root?.[key], key)
    }
    const { assembled: made } = await assembled
    for (const id of references(root?.hasPart)) {
      const path = id.replace(/\/$/, '')
      assert.ok(made.files.has(path), path)
      assert.equal(entities.get(id)?.['@type'], id.endsWith('/') ? 'Dataset' : 'File')
    }
    const run = entities.get('#run')
    assert.equal(run?.['@type'], 'CreateAction')
    assert.deepEqual(run?.instrument, { '@id': `ipfs://${world.plan.kernel}` })
    assert.deepEqual(run?.object, { '@id': `ipfs://${world.plan.forcing}` })
  })
})

describe('CITATION.cff', () => {
  it('is YAML with what the format requires', async () => {
    const cff = parse(new TextDecoder().decode(await read('CITATION.cff')))
    assert.equal(cff['cff-version'], '1.2.0')
    assert.equal(cff.title, world.plan.title)
    assert.deepEqual(cff.authors, [{ name: world.plan.institution }])
    assert.ok(cff.message)
    assert.equal(cff['date-released'], '2014-05-13')
    assert.equal(cff.references[0].title, 'Nobody')
  })
})

describe('README.md', () => {
  it('names every file and folder at the top', async () => {
    const { assembled: made } = await assembled
    const readme = new TextDecoder().decode(await read('README.md'))
    for (const path of made.files.keys()) {
      const [top = ''] = path.split('/')
      assert.ok(readme.includes(top), path)
    }
  })
})

describe('trajectories.parquet', () => {
  it('has a row for each position, as GeoParquet', async () => {
    const bytes = await read('trajectories.parquet')
    const file = bytes.slice().buffer
    const rows = await parquetReadObjects({ file })
    const { plan } = world
    const expected: object[] = []
    for (let member = 0; member < plan.memberCount; member += 1) {
      for (let particle = 0; particle < plan.products.trackedCount; particle += 1) {
        for (let step = 0; step <= plan.stepCount; step += plan.outputEverySteps) {
          const { lat, lon, status } = placeOf(particle, member, step)
          if (status === 0) continue
          const time = new Date((plan.startSeconds + step * plan.stepSeconds) * 1000)
          expected.push({ member, particle, time: time.getTime(), lon, lat, status })
        }
      }
    }
    const statuses = ['waiting', 'afloat', 'stranded']
    const found = rows.map((row) => {
      const [lon, lat] = row.geometry.coordinates
      const status = statuses.indexOf(row.status)
      return {
        member: row.member,
        particle: row.particle,
        time: row.time.getTime(),
        lon,
        lat,
        status
      }
    })
    assert.deepEqual(found, expected)
  })
})

describe('GeoTIFF', () => {
  const map = (columns: number, rows: number): GeoreferencedMap => ({
    values: Float32Array.from({ length: columns * rows }, (_, index) => index),
    columns,
    rows,
    west: -10,
    north: 50,
    pixelSize: 0.5,
    isFlat: false,
    name: 'n',
    units: 'u'
  })

  /** Directories as [columns, rows, offsets of tiles]. */
  function directories(
    bytes: Uint8Array
  ): { columns: number; tiles: number[]; counts: number[] }[] {
    const view = new DataView(bytes.buffer)
    const found = []
    for (let at = view.getUint32(4, true); at !== 0; ) {
      const count = view.getUint16(at, true)
      const tag = (id: number): number[] => {
        for (let entry = at + 2; entry < at + 2 + 12 * count; entry += 12) {
          if (view.getUint16(entry, true) !== id) continue
          const length = view.getUint32(entry + 4, true)
          const from = length === 1 ? entry + 8 : view.getUint32(entry + 8, true)
          return Array.from({ length }, (_, index) => view.getUint32(from + 4 * index, true))
        }
        return []
      }
      found.push({ columns: tag(256)[0] ?? 0, tiles: tag(324), counts: tag(325) })
      at = view.getUint32(at + 2 + 12 * count, true)
    }
    return found
  }

  it('puts directories first, then data from the coarsest level', () => {
    const bytes = writeGeotiff(map(600, 520))
    const levels = directories(bytes)
    assert.deepEqual(
      levels.map(({ columns }) => columns),
      [600, 300, 150]
    )
    assert.deepEqual(
      levels.map(({ tiles }) => tiles.length),
      [9, 4, 1]
    )
    const offsets = levels.flatMap(({ tiles }) => tiles.slice(0, 1))
    assert.deepEqual(
      offsets,
      [...offsets].sort((left, right) => right - left)
    )
    const last = levels[0]
    assert.equal((last?.tiles.at(-1) ?? 0) + (last?.counts.at(-1) ?? 0), bytes.length)
  })

  it('holds the values, deflated', () => {
    const small = map(2, 2)
    const [only] = directories(writeGeotiff(small))
    const tile = new Float32Array(256 * 256)
    tile.set([0, 1], 0)
    tile.set([2, 3], 256)
    const packed = zlibSync(new Uint8Array(tile.buffer), { level: 6 })
    assert.equal(only?.counts[0], packed.length)
    const bytes = writeGeotiff(small)
    const at = only?.tiles[0] ?? 0
    assert.deepEqual(bytes.subarray(at, at + packed.length), packed)
  })
})

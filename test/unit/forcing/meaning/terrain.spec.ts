/**
 * Terrain-following layers: a current that falls off linearly with depth comes out exactly, by each
 * formula; nothing below the bottom; levels for deep particles.
 */
import assert from 'node:assert/strict'
import { type NetcdfVariable, writeNetcdf3 } from '../../../../node/forcing/netcdf3-writer.ts'
import { ingest, scratch } from '../fixture.ts'

const { write } = scratch()
const LAYERS = [-0.95, -0.7, -0.4, -0.1]
const STRETCHING = LAYERS.map((s) => -s * s)
const HC = 20
const BOTTOM = [100, 80, 60, 15]
const SURFACE = 0.5

type Share = (s: number, stretching: number, h: number) => number
const SHARES: Readonly<Record<string, Share>> = {
  ocean_sigma_coordinate: (s) => s,
  ocean_s_coordinate_g1: (s, c, h) => (HC * s + (h - HC) * c) / h,
  ocean_s_coordinate_g2: (s, c, h) => (HC * s + h * c) / (HC + h)
}

/** Four columns with bottoms of their own, all rows alike; u = 1 - depth / 128. */
function terrainFile(standard: string, terms: string): Uint8Array {
  const share = SHARES[standard] ?? assert.fail(standard)
  const at = (layer: number, column: number): number => {
    const h = BOTTOM[column] ?? 0
    return -share(LAYERS[layer] ?? 0, STRETCHING[layer] ?? 0, h) * (h + SURFACE)
  }
  const u = Array.from({ length: 2 * 4 * 3 * 4 }, (_, i) => {
    return 1 - at(Math.floor(i / 12) % 4, i % 4) / 128
  })
  const axis = (name: string, units: string, values: number[], more = {}): NetcdfVariable => ({
    ...{ name, type: 'double', dimensions: [name], values },
    attributes: { ...(units === '' ? {} : { units }), ...more }
  })
  const on = (name: string, dimensions: string[], values: number[]): NetcdfVariable => ({
    ...{ name, type: 'double', dimensions, values }
  })
  const velocity = (name: string): NetcdfVariable => ({
    ...on(name, ['time', 's_rho', 'lat', 'lon'], u),
    attributes: { units: 'm/s' }
  })
  return writeNetcdf3({
    dimensions: { time: 2, s_rho: 4, lat: 3, lon: 4 },
    variables: [
      axis('time', 'hours since 2020-01-01', [0, 6]),
      axis('s_rho', '', LAYERS, { standard_name: standard, formula_terms: terms }),
      axis('lat', 'degrees_north', [40, 41, 42]),
      axis('lon', 'degrees_east', [0, 1, 2, 3]),
      on('Cs_r', ['s_rho'], STRETCHING),
      on('hc', [], [HC]),
      on('h', ['lat', 'lon'], [...BOTTOM, ...BOTTOM, ...BOTTOM]),
      on(
        'zeta',
        ['time', 'lat', 'lon'],
        Array.from({ length: 24 }, () => SURFACE)
      ),
      velocity('uo'),
      velocity('vo')
    ]
  })
}

const TERMS = 's: s_rho C: Cs_r eta: zeta depth: h depth_c: hc'

describe('terrain-following levels', () => {
  for (const standard of Object.keys(SHARES)) {
    it(`${standard}: a linear profile is found exactly at a depth`, async () => {
      const file = write(`${standard}.nc`, terrainFile(standard, TERMS))
      const source = { role: 'current' as const, files: [file], depthMetres: 20 }
      const { field, land } = await ingest([source], 0, 6)
      for (const column of [0, 1, 2]) {
        const found = field('current', 'u', 0, 1, column)
        assert.ok(Math.abs(found - (1 - 20 / 128)) < 1e-6, `${column}: ${found}`)
      }
      // 15.5 m of water: nothing at 20 m.
      assert.equal(land[4 + 3], 1)
      const top = await ingest([{ role: 'current', files: [file] }], 0, 6)
      assert.ok(top.land.every((kind) => kind === 0))
      assert.ok(top.notes.some((note) => /level 0 m of 0, 2, 5, .*75 m/.test(note)))
    })
  }

  it('without what the formula needs, the surface is read and a depth is refused', async () => {
    const bytes = terrainFile('ocean_s_coordinate_g2', 's: s_rho C: nothing depth: h')
    const source = { role: 'current' as const, files: [write('bare.nc', bytes)] }
    await ingest([source], 0, 6)
    await assert.rejects(ingest([{ ...source, depthMetres: 20 }], 0, 6), {
      code: 'forcing/not-understood',
      message: /without their stretching/
    })
  })
})

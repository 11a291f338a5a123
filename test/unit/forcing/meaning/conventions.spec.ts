/**
 * Conventions of particular producers: ERA5's two versions in one file, members of an ensemble,
 * flags of quality, masks, several candidates for one role.
 */
import assert from 'node:assert/strict'
import { type NetcdfVariable, writeNetcdf3 } from '../../../../node/forcing/netcdf3-writer.ts'
import type { ForcingSource } from '../../../../node/forcing/source.ts'
import { ingest, scratch } from '../fixture.ts'

const { write } = scratch()

const axis = (name: string, units: string, values: readonly number[]): NetcdfVariable => ({
  ...{ name, type: 'double', dimensions: [name], values },
  attributes: units === '' ? {} : { units }
})
const AXES = [
  axis('time', 'hours since 2020-01-01', [0, 6]),
  axis('lat', 'degrees_north', [42, 41, 40]),
  axis('lon', 'degrees_east', [358, 359, 360, 361])
]
const COUNTS = { time: 2, lat: 3, lon: 4 }
const FILL = -999

/** A file of u and v whose values are given by their index along an extra dimension. */
function withExtra(extra: NetcdfVariable, of: (index: number, node: number) => number) {
  const count = extra.values.length
  const values = Array.from({ length: 2 * count * 12 }, (_, i) =>
    of(Math.floor(i / 12) % count, i % 12)
  )
  const component = (name: string): NetcdfVariable => ({
    ...{ name, type: 'double', dimensions: ['time', extra.name, 'lat', 'lon'], values },
    attributes: { units: 'm/s', _FillValue: { type: 'double', values: [FILL] } }
  })
  return writeNetcdf3({
    dimensions: { ...COUNTS, [extra.name]: count },
    variables: [...AXES, extra, component('uo'), component('vo')]
  })
}

const current = (file: string, more: Partial<ForcingSource> = {}): ForcingSource[] => [
  { role: 'current', files: [file], ...more }
]

describe('conventions of producers', () => {
  it('ERA5: the final version where it has values, else the early one, in any order', async () => {
    for (const [name, order] of Object.entries({ usual: [1, 5], turned: [5, 1] })) {
      const bytes = withExtra(axis('expver', '', order), (index, node) => {
        const isFinal = order[index] === 1
        return isFinal ? (node < 8 ? 0.5 : FILL) : 0.25
      })
      const { field, notes } = await ingest(current(write(`${name}.nc`, bytes)), 0, 6)
      // Rows fall in the file: its last row, the early one, is the southernmost.
      assert.equal(field('current', 'u', 0, 0, 0), 0.25, name)
      assert.equal(field('current', 'u', 0, 2, 0), 0.5, name)
      assert.ok(notes.some((note) => /expver 1, then 5/.test(note)))
    }
  })

  it('an ensemble asks which member, with the YAML to paste, and takes it', async () => {
    const members = axis('number', '', [3, 7])
    const file = write(
      'members.nc',
      withExtra(members, (index) => (index === 0 ? 0.5 : 0.25))
    )
    await assert.rejects(ingest(current(file), 0, 6), {
      code: 'forcing/not-understood',
      message: /'number' of 2 .*\(3, 7\).*\{ role: current, …, select: \{ number: 3 \} \}/
    })
    const { field, notes } = await ingest(current(file, { select: { number: 7 } }), 0, 6)
    assert.equal(field('current', 'u', 0, 0, 0), 0.25)
    assert.ok(notes.some((note) => /number 7 of 2 is taken/.test(note)))
    await assert.rejects(ingest(current(file, { select: { number: 4 } }), 0, 6), /has no 4/)
    const one = write(
      'one.nc',
      withExtra(axis('number', '', [3]), () => 0.5)
    )
    assert.equal((await ingest(current(one), 0, 6)).field('current', 'u', 0, 0, 0), 0.5)
  })

  /** A field of ones with a variable beside it, and what the field says of it. */
  function flagged(flag: NetcdfVariable, ancillary: string): Uint8Array {
    const component = (name: string): NetcdfVariable => ({
      ...{ name, type: 'double', dimensions: ['time', 'lat', 'lon'] },
      attributes: { units: 'm/s', ...(ancillary === '' ? {} : { ancillary_variables: ancillary }) },
      values: Array.from({ length: 24 }, () => 1)
    })
    const variables = [...AXES, flag, component('uo'), component('vo')]
    return writeNetcdf3({ dimensions: COUNTS, variables })
  }
  const qartod = {
    flag_values: { type: 'byte' as const, values: [1, 2, 3, 4, 9] },
    flag_meanings: 'pass not_evaluated suspect fail missing_data'
  }
  const marks = [1, 2, 3, 4, 9, 1, 1, 1, 1, 1, 1, 1]

  it('flags leave out what failed or is suspect, at every time, and say so', async () => {
    const flag: NetcdfVariable = {
      ...{ name: 'qc_primary_flag', type: 'byte', dimensions: ['lat', 'lon'], values: marks },
      attributes: qartod
    }
    const named = write('flagged.nc', flagged(flag, 'qc_primary_flag'))
    const { land, notes } = await ingest(current(named), 0, 6)
    // The file's first row is the northernmost.
    assert.deepEqual([...land.subarray(8)], [0, 0, 1, 1])
    assert.deepEqual([...land.subarray(4, 8)], [1, 0, 0, 0])
    assert.ok(
      notes.some((note) => /where qc_primary_flag is suspect, fail, missing_data/.test(note))
    )
    const unnamed = write('unnamed.nc', flagged(flag, ''))
    assert.ok((await ingest(current(unnamed), 0, 6)).land.every((kind) => kind === 0))
  })

  it('a mask of the sea that says what is land makes standing water land', async () => {
    const mask: NetcdfVariable = {
      ...{ name: 'mask', type: 'byte', dimensions: ['lat', 'lon'] },
      attributes: {
        flag_values: { type: 'byte', values: [0, 1] },
        flag_meanings: 'land water'
      },
      values: [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
    }
    const { land } = await ingest(current(write('mask.nc', flagged(mask, ''))), 0, 6)
    assert.deepEqual([...land.subarray(8)], [1, 1, 0, 0])
  })

  it('two candidates of equal right are a question, a known name of them decides', async () => {
    const component = (name: string, standard: string, value: number): NetcdfVariable => ({
      ...{ name, type: 'double', dimensions: ['time', 'lat', 'lon'] },
      attributes: { units: 'm/s', standard_name: standard },
      values: Array.from({ length: 24 }, () => value)
    })
    const [u, v] = ['eastward_sea_water_velocity', 'northward_sea_water_velocity']
    const file = (...names: readonly (readonly [string, string])[]) =>
      writeNetcdf3({
        dimensions: COUNTS,
        variables: [
          ...AXES,
          ...names.flatMap(([a, b], i) => [component(a, u, i / 4), component(b, v, i / 4)])
        ]
      })
    const both = write('both.nc', file(['tidal_a', 'tidal_b'], ['mean_a', 'mean_b']))
    await assert.rejects(ingest(current(both), 0, 6), {
      code: 'forcing/not-understood',
      message: /tidal_a, .*mean_a.* could each be the current.*map: \{ u: \w+_a, v: \w+_b \}/
    })
    const known = write('known.nc', file(['utotal', 'vtotal'], ['vo_x', 'uo_y'], ['uo', 'vo']))
    assert.equal((await ingest(current(known), 0, 6)).field('current', 'v', 0, 1, 1), 0.5)
  })
})

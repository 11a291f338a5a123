/**
 * Real files, end to end through ingest, against an independent reader (reference-values.py), and
 * what this version refuses of them by name.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { formatInspection } from '../../../node/forcing/inspect/format.ts'
import { inspectFiles } from '../../../node/forcing/inspect/inspect-files.ts'
import { expandSource } from '../../../node/forcing/source.ts'
import { HOUR, ingest, sharedData, T0 } from './fixture.ts'

const hours = (iso: string): number => (Date.parse(iso) / 1000 - T0) / HOUR

describe('forcing from real files', () => {
  it('Elba: hourly currents at the surface and 6-hourly wind on a coarser grid', async function () {
    const root = sharedData(this, 'medslik-cases/elba')
    const sources = [
      { role: 'current' as const, files: await expandSource('currents/*.nc', root) },
      { role: 'wind' as const, files: await expandSource('.', join(root, 'wind')) }
    ]
    const [start, end] = [hours('2014-05-17T12:30:00Z'), hours('2014-05-20T12:30:00Z')]
    const { field, series, forcing, land, notes, cid } = await ingest(sources, start, end)
    assert.deepEqual([forcing.columns, forcing.rows, series('current').times.length], [17, 17, 73])
    // The file of the 18th begins with the window: its value [5, 0, 3, 7] is time 5.
    assert.equal(field('current', 'u', 5, 3, 7), Math.fround(0.10498189926147461))
    // Wind begins at 11:00, so 23:00 is the third. 42.8125 N 9.9375 E is row 5, column 7.
    const windTime = series('wind').times.indexOf(Date.parse('2014-05-17T23:00:00Z') / 1000)
    assert.equal(windTime, 2)
    assert.ok(Math.abs(field('wind', 'u', windTime, 5, 7) - -1.4884719848632812) < 1e-6)
    assert.equal(land.filter((value) => value === 0).length, 259)
    assert.ok(notes.some((note) => /level 0 m of 0, 10, 30, 120 m/.test(note)))
    // The folder stands for its files of each role, and their order is nothing.
    const all = await expandSource('.', root)
    const again = await ingest(
      [
        { role: 'wind', files: all },
        { role: 'current', files: [...all].reverse() }
      ],
      start,
      end
    )
    assert.equal(again.cid.toString(), cid.toString())
  })

  it('Elba: the greatest speed of all files, and another level', async function () {
    const files = await expandSource('currents', sharedData(this, 'medslik-cases/elba'))
    const [start, end] = [hours('2014-05-16T12:30:00Z'), hours('2014-05-21T11:30:00Z')]
    const { maxSpeeds } = await ingest([{ role: 'current', files }], start, end)
    assert.ok(Math.abs(maxSpeeds.current - 0.49711670871684843) < 1e-7)
    const deep = await ingest([{ role: 'current', files, depthMetres: 27 }], start, end)
    // File of the 18th, [23, 2, 16, 0]: level 30 m, time 24 + 23.
    assert.equal(deep.field('current', 'v', 47, 16, 0), Math.fround(0.07533679157495499))
    assert.ok(deep.notes.some((note) => /level 30 m of/.test(note)))
  })

  it('Washington: NetCDF-3 currents; the wind covers part of them', async function () {
    const root = sharedData(this, 'pygnome')
    const sources = [
      { role: 'current' as const, files: [join(root, 'gridded_current.nc')] },
      { role: 'wind' as const, files: [join(root, 'GFS_Global_0p25deg.nc')] }
    ]
    const [start, end] = [hours('2023-03-02T12:00:00Z'), hours('2023-03-04T00:00:00Z')]
    const { field, notes } = await ingest(sources, start, end)
    const last = await ingest(sources.slice(0, 1), start, hours('2023-03-04T12:00:00Z'))
    assert.equal(last.field('current', 'v', 16, 40, 2), Math.fround(0.2240000069141388))
    assert.ok(field('current', 'u', 0, 0, 0) < 1)
    assert.ok(
      notes.some((note) => /32 % of the sea has no wind/.test(note)),
      notes.join('\n')
    )
  })

  it('NEMO: faces in files of their own come to the middle nodes of the mesh', async function () {
    const root = sharedData(this, 'plasticparcels')
    const files = await expandSource('test_[UV]_2020-01-04.nc', root)
    const { field, places, land, notes } = await ingest([{ role: 'current', files }], 12, 12)
    assert.ok('lonLats' in places)
    // test_ocean_mesh_hgr.nc: glamt[0, 20, 21], gphit[0, 20, 20].
    const node = 20 * 50 + 21
    assert.ok(Math.abs((places.lonLats[2 * node] ?? 0) - 18.073452) < 1e-5)
    assert.ok(Math.abs((places.lonLats[2 * node - 1] ?? 0) - 34.45828) < 1e-3)
    // netCDF4-python: vozocrtx[0, 20, 20:22], vomecrty[0, 19:21, 21].
    const u = field('current', 'u', 0, 20, 21)
    const v = field('current', 'v', 0, 20, 21)
    assert.ok(Math.abs(u - (-0.30225804 - 0.29851744) / 2) < 1e-7, `${u}`)
    assert.ok(Math.abs(v - (-0.11412375 - 0.10785609) / 2) < 1e-7, `${v}`)
    assert.ok(land.every((kind) => kind === 0))
    assert.ok(
      notes.some((note) => /curvilinear, staggered grid/.test(note)),
      notes.join('\n')
    )
  })

  it('inspects packed scalars of time as netCDF4-python reads them', async function () {
    const file = sharedData(this, 'plasticparcels/test_waves_2020-01-04.nc')
    const [{ roles, warnings } = { roles: [], warnings: [] }] = (await inspectFiles([file]))
      .inspection.files
    const [stokes] = roles
    assert.equal(stokes?.role, 'stokes')
    assert.equal(stokes.times.first, '2020-01-04T00:00:00Z')
    const { min, mean, max } = stokes.u?.statistics ?? { min: 0, mean: 0, max: 0 }
    assert.ok(Math.abs(min - 0.006431628758468588) < 1e-7)
    assert.ok(Math.abs(mean - 0.0328731411882348) < 1e-7)
    assert.ok(Math.abs(max - 0.07027196393642327) < 1e-7)
    assert.deepEqual(warnings, [])
    const { inspection } = await inspectFiles([file])
    assert.ok(inspection.warnings.some((warning) => warning.includes('one time only')))
  })

  it('inspects a projected grid, and what is odd about it', async function () {
    const file = sharedData(this, 'opendrift/Arctic20_1to5Feb_2016.nc')
    const text = formatInspection((await inspectFiles([file])).inspection)
    assert.match(text, /NetCDF-3/)
    assert.match(text, /grid {3}polar stereographic, longitude -10\.98.* \(91\), latitude 65\.05/)
    assert.match(text, /! current: .* 1\.4 cells apart; the projection is used/)
    assert.match(text, /not used: .*temperature \(sea_water_potential_temperature\)/)
  })

  it('inspects an observation file on a regular grid with gaps', async function () {
    const name = 'hfradarpy/hfr_rtv_midatl_6km_oi_maracoos_2022_02_21_1200.nc'
    const text = formatInspection((await inspectFiles([sharedData(this, name)])).inspection)
    assert.match(text, /u \[m\/s\] by surface_eastward_sea_water_velocity: min -0.240/)
    // netCDF4-python, where qc_primary_flag is 1: 85.4 % are missing without it.
    assert.match(text, /mean 0\.056, max 1\.140 m\/s, 91\.2 % missing/)
    assert.match(text, /left out where qc_primary_flag is suspect, fail, missing_data/)
  })
})

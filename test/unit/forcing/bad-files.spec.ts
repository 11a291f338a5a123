/**
 * Files that cannot be what they say: each is told in words of its own, never as a defect.
 */
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { inspectFiles } from '../../../node/forcing/inspect/inspect-files.ts'
import { openDataFile } from '../../../node/forcing/read/open-data-file.ts'
import { openSeries } from '../../../node/forcing/series.ts'
import { expandSource } from '../../../node/forcing/source.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { fieldFile, ingest, scratch } from './fixture.ts'

describe('bad data files', () => {
  const { path, write } = scratch()
  const says = (pattern: RegExp) => (error: unknown) =>
    isMeshError(error) && pattern.test(error.message)

  it('tells an empty and a tiny file from one of another format', async () => {
    await assert.rejects(openDataFile(write('empty.nc', '')), says(/is empty; fetch it again$/))
    await assert.rejects(openDataFile(write('tiny.nc', 'CDF')), says(/has only 3 bytes/))
    await assert.rejects(
      openDataFile(write('text.nc', 'not a data file')),
      says(/neither NetCDF, HDF5 nor Zarr/)
    )
  })

  it('refuses times that no calendar reaches', async () => {
    const file = write('far.nc', fieldFile({ hours: [0, 1e12] }))
    const { files } = (await inspectFiles([file])).inspection
    assert.match(files[0]?.warnings.join() ?? '', /times outside the years 0 to 9999/)
    await assert.rejects(openSeries([{ role: 'current', files: [file] }], false), says(/9999/))
  })

  it('says that a file has no time at all', async () => {
    const file = write('timeless.nc', fieldFile({ hours: [] }))
    await assert.rejects(
      openSeries([{ role: 'current', files: [file] }], false),
      says(/has no time at all/)
    )
  })

  it('refuses a speed that no sea has, with the cause it most likely has', async () => {
    const file = write('undeclared.nc', fieldFile({ u: () => -999 }))
    await assert.rejects(ingest([{ role: 'current', files: [file] }], 0, 6), says(/_FillValue/))
  })

  it('follows links, and takes folders with the signs of a pattern in their names', async () => {
    const file = write('data.nc', fieldFile({}))
    const folder = join(path(), 'run [1] {a,b}')
    mkdirSync(folder)
    const link = join(folder, 'linked [x].nc')
    symlinkSync(file, link)
    const expected = [link]
    assert.deepEqual(await expandSource('run [1] {a,b}', path()), expected)
    assert.deepEqual(await expandSource('run [1] {a,b}/*.nc', path()), expected)
    assert.deepEqual(await expandSource('run [1] {a,b}/linked [x].nc', path()), expected)
    await assert.rejects(expandSource('run [1] {a,b}/*.grb', path()), says(/no file matches/))
  })
})

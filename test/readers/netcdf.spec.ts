/**
 * forecast.nc as ncdump, netCDF4 and xarray see it: one content with density.zarr, and the counts
 * of the manifest.
 */
import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { type ForecastOnDisk, forecastOnDisk, needs, run } from './forecast-folder.ts'

const PYTHON = process.env.DRIFTMESH_PYTHON ?? '/usr/bin/python3'
const SCRIPT = new URL('netcdf.py', import.meta.url).pathname

describe('NetCDF tools', function () {
  this.timeout(120_000)
  let forecast: ForecastOnDisk
  before(async () => {
    forecast = await forecastOnDisk()
  })
  after(() => forecast.remove())

  it('ncdump prints its header and its times', function () {
    needs(this, 'ncdump', ['-h', join(forecast.folder, 'forecast.nc')])
    const path = join(forecast.folder, 'forecast.nc')
    assert.equal(run('ncdump', ['-k', path]).trim(), '64-bit offset')
    const head = run('ncdump', ['-h', path])
    assert.match(head, /time = UNLIMITED ; \/\/ \(4 currently\)/)
    assert.match(head, /float particle_density\(time, lat, lon\)/)
    assert.ok(head.includes(`:title = "${forecast.plan.title}"`), head)
    const times = Array.from({ length: 4 }, (_, index) => forecast.plan.startSeconds + index * 4800)
    assert.ok(run('ncdump', ['-v', 'time', path]).includes(`time = ${times.join(', ')} ;`))
  })

  it('netCDF4 and xarray find the numbers of density.zarr and of the manifest', function () {
    needs(this, PYTHON, [SCRIPT, '--probe'])
    const facts = JSON.parse(run(PYTHON, [SCRIPT, forecast.folder]))
    assert.equal(facts.title, forecast.plan.title)
    assert.deepEqual(facts.ending, forecast.assembled.status)
    assert.ok(facts.sum > 0)
  })
})

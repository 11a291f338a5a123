/**
 * What PyPI has today opens the folder, too: xarray with zarr 3, geopandas, pystac. Name a Python
 * that has them in DRIFTMESH_PYPI_PYTHON: `python3 -m venv DIR`, then
 * `DIR/bin/pip install xarray zarr geopandas pyarrow 'pystac[validation]'`.
 */
import { strict as assert } from 'node:assert'
import { type ForecastOnDisk, forecastOnDisk, needs, run } from './forecast-folder.ts'

const PYTHON = process.env.DRIFTMESH_PYPI_PYTHON ?? '/usr/bin/python3'
const SCRIPT = new URL('current.py', import.meta.url).pathname

describe('current xarray, zarr, geopandas and pystac', function () {
  this.timeout(120_000)
  let forecast: ForecastOnDisk | undefined

  before(async function () {
    needs(this, PYTHON, [SCRIPT, '--probe'])
    forecast = await forecastOnDisk()
  })
  after(() => forecast?.remove())

  it('find the same numbers in stores, table and manifest', () => {
    assert.ok(forecast)
    const { assembled, folder } = forecast
    const facts = JSON.parse(run(PYTHON, [SCRIPT, folder]))
    assert.deepEqual(facts.ending, assembled.status)
    assert.equal(facts.crs, 'OGC:CRS84')
    assert.deepEqual(facts.members, [0, 1])
    assert.deepEqual(facts.classes, ['bottle', 'net'])
    assert.ok(facts.rows > 0)
    const top = [...assembled.files.keys()].filter((path) => !path.includes('/'))
    const described = new Set(['stac', 'ro-crate-metadata.json'])
    assert.deepEqual(facts.assets, top.filter((path) => !described.has(path)).sort())
  })
})

/**
 * GDAL reads the forecast: the map is a valid cloud-optimised GeoTIFF that warps, hot spots are a
 * layer, the stores and the NetCDF file are rasters; their numbers are ours.
 */
import { strict as assert } from 'node:assert'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ForecastOnDisk, forecastOnDisk, needs, run } from './forecast-folder.ts'

const PYTHON = '/usr/bin/python3'
const VALIDATOR = 'osgeo_utils.samples.validate_cloud_optimized_geotiff'

/** gdalinfo rounds all but its own statistics. */
const maximumOf = (band: { metadata: Record<string, Record<string, string>> }): number =>
  Number(band.metadata['']?.STATISTICS_MAXIMUM)

describe('GDAL', function () {
  this.timeout(120_000)
  let forecast: ForecastOnDisk | undefined
  const path = (name: string): string => join(forecast?.folder ?? '', name)

  before(async function () {
    needs(this, 'gdalinfo', ['--version'])
    forecast = await forecastOnDisk()
  })
  after(() => forecast?.remove())

  it('finds the map where it is, with overviews, units and the best hot spot', async () => {
    const info = JSON.parse(run('gdalinfo', ['-json', '-stats', path('density-mean.tif')]))
    assert.deepEqual(info.size, [400, 300])
    assert.deepEqual(info.geoTransform, [8, 0.005, 0, 43.5, 0, -0.005])
    assert.equal(info.stac['proj:epsg'], 4326)
    const [band] = info.bands
    assert.equal(band.type, 'Float32')
    assert.equal(band.description, 'particle_density_time_mean')
    assert.equal(band.unit, 'km-2')
    assert.deepEqual(
      band.overviews.map(({ size }: { size: number[] }) => size),
      [[200, 150]]
    )
    const spots = JSON.parse(await readFile(path('hotspots.geojson'), 'utf8')).features
    const [best] = spots
    assert.ok(Math.abs(maximumOf(band) - best.properties.value) < 1e-3 * best.properties.value)
    const [lon, lat] = best.geometry.coordinates[0][0].map((edge: number) => edge + 0.0025)
    const place = ['-valonly', '-wgs84', path('density-mean.tif'), String(lon), String(lat)]
    const value = Number(run('gdallocationinfo', place))
    assert.ok(Math.abs(value - best.properties.value) < 1e-6 * value)
  })

  it('accepts it as cloud-optimised', function () {
    needs(this, PYTHON, ['-c', `import ${VALIDATOR}`])
    const said = run(PYTHON, ['-m', VALIDATOR, '--full-check=yes', path('density-mean.tif')])
    assert.match(said, /is a valid cloud optimized GeoTIFF/)
  })

  it('warps it', () => {
    const out = path('warped.tif')
    run('gdalwarp', ['-q', '-t_srs', 'EPSG:3857', path('density-mean.tif'), out])
    const info = JSON.parse(run('gdalinfo', ['-json', '-stats', out]))
    assert.equal(info.stac['proj:epsg'], 3857)
    assert.ok(maximumOf(info.bands[0]) > 0)
  })

  it('reads hot spots as a layer', async () => {
    const said = run('ogrinfo', ['-so', '-al', path('hotspots.geojson')])
    const { features } = JSON.parse(await readFile(path('hotspots.geojson'), 'utf8'))
    assert.ok(said.includes(`Feature Count: ${features.length}`), said)
  })

  it('reads the density store and forecast.nc', () => {
    const zarr = JSON.parse(run('gdalmdiminfo', [path('density.zarr')]))
    assert.deepEqual(zarr.arrays.particle_density.dimension_size, [4, 300, 400])
    assert.equal(zarr.arrays.particle_density.unit, 'km-2')
    const source = `NETCDF:"${path('forecast.nc')}":particle_density`
    const netcdf = JSON.parse(run('gdalinfo', ['-json', source]))
    assert.equal(netcdf.bands.length, 4)
    const near = netcdf.geoTransform.every(
      (value: number, index: number) =>
        Math.abs(value - ([8, 0.005, 0, 43.5, 0, -0.005][index] ?? 0)) < 1e-9
    )
    assert.ok(near, String(netcdf.geoTransform))
  })
})

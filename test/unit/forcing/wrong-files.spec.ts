/** Files that are no data files: each kind is told as what it is, with what to do. */
import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { openDataFile } from '../../../node/forcing/read/open-data-file.ts'
import { refuses } from '../../contract/readers.ts'
import { fieldFile, scratch } from './fixture.ts'

const tar = Buffer.alloc(512)
tar.write('data.nc')
tar.write('ustar', 257)

const KINDS: readonly (readonly [string, Uint8Array | string, RegExp])[] = [
  ['GRIB 1', 'GRIB\0\0\x10\x01\0\0', /GRIB edition 1; .*grib_to_netcdf/],
  ['GRIB 2', 'GRIB\0\0\0\x02\0\0', /GRIB edition 2; .*wgrib2 .* -netcdf/],
  ['NetCDF in gzip', gzipSync(fieldFile({})), /compressed with gzip; .*gunzip/],
  ['a tar archive', tar, /tar archive; .*tar -xf/],
  ['a zip archive', 'PK\x03\x04\x14\0\0\0\0\0', /zip archive; .*unzip/],
  ['GeoTIFF', 'II*\0\x08\0\0\0\0\0', /TIFF image.*gdal_translate/],
  ['a login page', '<!DOCTYPE html>\n<html><head>', /web page.*login/],
  ['an error in XML', '<?xml version="1.0"?>\n<Error>', /XML/],
  ['CSV', 'lon,lat,u,v\n1,2,3,4\n', /table in text \(CSV\)/],
  ['PANGAEA', '/* DATA DESCRIPTION:\nCitation:', /PANGAEA.*driftmesh skill/],
  ['Git LFS', 'version https://git-lfs.github.com/spec/v1\noid', /Git LFS pointer.*git lfs pull/],
  ['CDL', 'netcdf currents {\ndimensions:\n', /text form of NetCDF; .*ncgen/],
  ['OPeNDAP', 'Dataset {\n  Float32 u[3];', /OPeNDAP/],
  ['JSON', '{"type": "FeatureCollection"}', /JSON.*GeoJSON/],
  ['HDF4', '\x0e\x03\x13\x01\0\0\0\0', /HDF4; .*h4toh5/],
  ['zeros', new Uint8Array(100), /begins with zeros/],
  ['nothing', '', /is empty; fetch it again/],
  ['prose', 'these are not the data\n', /is text, neither NetCDF/],
  ['noise', '\x01\x02\x03\xfe\xff\x00\x80\x81', /unknown format/]
]

describe('wrong files', () => {
  const { write } = scratch()
  for (const [name, bytes, says] of KINDS) {
    it(`says of ${name} what it is and what to do`, async () => {
      const content = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
      await assert.rejects(openDataFile(write(`${name}.nc`, content)), refuses(says))
    })
  }
})

/**
 * What a file is, by its name: browsers and GIS programs go by it. Texts are UTF-8. Whatever is not
 * known is bytes, and no browser may guess.
 */

const TEXT = 'text/plain; charset=utf-8'
const JSON_TYPE = 'application/json'

const BY_ENDING: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  wasm: 'application/wasm',
  json: JSON_TYPE,
  jsonld: 'application/ld+json',
  geojson: 'application/geo+json',
  csv: 'text/csv; charset=utf-8',
  kml: 'application/vnd.google-earth.kml+xml',
  nc: 'application/x-netcdf',
  tif: 'image/tiff; application=geotiff',
  png: 'image/png',
  svg: 'image/svg+xml',
  parquet: 'application/vnd.apache.parquet',
  car: 'application/vnd.ipld.car',
  cbor: 'application/cbor',
  md: TEXT,
  txt: TEXT,
  cff: TEXT,
  yaml: TEXT
}
/** Files that have no ending: the texts of a forecast and the metadata of Zarr v2. */
const BY_NAME: Readonly<Record<string, string>> = {
  LICENSE: TEXT,
  '.zattrs': JSON_TYPE,
  '.zarray': JSON_TYPE,
  '.zgroup': JSON_TYPE,
  '.zmetadata': JSON_TYPE
}

export function mediaTypeOf(name: string): string {
  const ending = /\.([a-z0-9]+)$/.exec(name)?.[1] ?? ''
  const known = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
    Object.hasOwn(table, key) ? table[key] : undefined
  return known(BY_NAME, name) ?? known(BY_ENDING, ending) ?? 'application/octet-stream'
}

/**
 * What a file that is no data file most likely is, by its first bytes, and what to do about it:
 * the sentence that the person who brought it needs.
 */

/** As many first bytes as any format below needs to be told. */
export const SNIFF_BYTES = 512

interface WrongFile {
  readonly what: string
  readonly advice: string
}

const GRIB_ADVICE =
  'convert it: cdo -f nc4 copy IN.grb OUT.nc, or grib_to_netcdf -o OUT.nc IN.grb (ecCodes)'

/** Marks of binary formats hold control characters, which no regular expression should. */
const starts =
  (mark: string, at = 0): Test =>
  (head) =>
    head.startsWith(mark, at)
const gribOf =
  (edition: string): Test =>
  (head) =>
    head.startsWith('GRIB') && head[7] === edition
const like =
  (pattern: RegExp): Test =>
  (head) =>
    pattern.test(head)
type Test = (head: string) => boolean

/** Kind by magic bytes; text is tried last. */
const KINDS: readonly (readonly [Test, WrongFile])[] = [
  [gribOf('\x01'), { what: 'is GRIB edition 1', advice: GRIB_ADVICE }],
  [
    gribOf('\x02'),
    {
      what: 'is GRIB edition 2',
      advice: 'convert it: wgrib2 IN.grb2 -netcdf OUT.nc, or cdo -f nc4 copy IN.grb2 OUT.nc'
    }
  ],
  [like(/^(GRIB|BUDG|TIDE)/), { what: 'is GRIB', advice: GRIB_ADVICE }],
  [
    like(/^BUFR/),
    { what: 'is BUFR, which holds observations', advice: 'use gridded model output' }
  ],
  [starts('\x1f\x8b'), { what: 'is compressed with gzip', advice: 'unpack it first: gunzip FILE' }],
  [like(/^BZh/), { what: 'is compressed with bzip2', advice: 'unpack it first: bunzip2 FILE' }],
  [like(/^\xfd7zXZ/), { what: 'is compressed with xz', advice: 'unpack it first: unxz FILE' }],
  [
    starts('\x28\xb5\x2f\xfd'),
    { what: 'is compressed with zstd', advice: 'unpack it: unzstd FILE' }
  ],
  [
    starts('PK\x03\x04'),
    { what: 'is a zip archive', advice: 'unpack it first: unzip FILE (a Zarr store is a folder)' }
  ],
  [starts('ustar', 257), { what: 'is a tar archive', advice: 'unpack it first: tar -xf FILE' }],
  [
    (head) => ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(head.slice(0, 4)),
    {
      what: 'is a (Geo)TIFF image, which has no times',
      advice: 'use the model output it was made from, or gdal_translate -of netCDF'
    }
  ],
  [
    starts('\x0e\x03\x13\x01'),
    { what: 'is HDF4', advice: 'convert it: h4toh5 or ncks -4 IN OUT.nc' }
  ],
  [like(/^PAR1/), { what: 'is Parquet, a table', advice: 'use gridded model output' }],
  [
    like(/^\x89PNG|^\xff\xd8\xff|^GIF8/),
    { what: 'is a picture', advice: 'use the data behind it' }
  ],
  [like(/^%PDF/), { what: 'is a PDF document', advice: 'use the data it writes about' }],
  [
    like(/^version https:\/\/git-lfs/),
    { what: 'is a Git LFS pointer, not the data', advice: 'fetch the data: git lfs pull' }
  ],
  [
    like(/^\/annex\/objects\/|^\.git\/annex\//),
    { what: 'is a git-annex pointer, not the data', advice: 'fetch the data: git annex get FILE' }
  ],
  [
    like(/^\s*<(!doctype html|html|head)/i),
    {
      what: 'is a web page, most likely the answer of a server that asks for a login',
      advice: 'fetch the file again and look at what the server says'
    }
  ],
  [
    like(/^\s*<\?xml|^\s*<[A-Za-z]+[\s>]/),
    {
      what: 'is XML, most likely a catalogue or the error message of a server',
      advice: 'open it to see, then fetch the data itself'
    }
  ],
  [
    like(/^(netcdf\s+\S+\s*\{)/),
    { what: 'is CDL, the text form of NetCDF', advice: 'make data of it: ncgen -o OUT.nc FILE' }
  ],
  [
    like(/^Dataset \{|^Error \{/),
    {
      what: 'is an answer of an OPeNDAP server in text',
      advice: 'fetch NetCDF: add .nc4 to the address, or nccopy URL OUT.nc'
    }
  ],
  [
    like(/^\s*[[{]/),
    { what: 'is JSON, no gridded data', advice: 'use NetCDF or Zarr; GeoJSON is for seeding' }
  ],
  [
    starts('/* DATA DESCRIPTION'),
    {
      what: 'is a table of PANGAEA, no gridded data',
      advice: 'use it as drifters: driftmesh skill'
    }
  ],
  [
    like(/^[^\n]*([,;\t][^\n]*\r?\n|([,;\t][^\n,;\t]*){2,})/),
    {
      what: 'is a table in text (CSV), no gridded data',
      advice: 'make a grid of it, e.g. pandas to_xarray().to_netcdf(); CSV is read for seeding'
    }
  ]
]

const CONVERT = 'convert it to NetCDF (nccopy, cdo -f nc4 copy, xarray to_netcdf)'

/** @param head the file's first {@link SNIFF_BYTES}, one character per byte */
export function wrongFile(head: string): WrongFile {
  if (head === '') return { what: 'is empty', advice: 'fetch it again' }
  const kind = KINDS.find(([mark]) => mark(head))?.[1]
  if (kind !== undefined) return kind
  if (head.replaceAll('\0', '') === '') {
    return { what: 'begins with zeros: a download that did not finish', advice: 'fetch it again' }
  }
  if (head.length < 8) return { what: `has only ${head.length} bytes`, advice: 'fetch it again' }
  const isText = ![...head].some((c) => c < ' ' && !'\t\n\r'.includes(c))
  const what = isText ? 'is text' : 'is of an unknown format'
  return { what: `${what}, neither NetCDF, HDF5 nor Zarr`, advice: CONVERT }
}

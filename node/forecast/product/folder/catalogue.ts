/**
 * What a product folder holds, said once: README, STAC and RO-Crate list the same things. A new
 * file of the folder gets its line here.
 */
import type { Plan } from '../../../../protocol/plan.ts'
import { GEOTIFF_FILE } from '../formats/density-geotiff.ts'
import { NETCDF_FILE } from '../formats/forecast-netcdf.ts'
import { PARQUET_FILE } from '../formats/track-parquet.ts'

export interface FolderItem {
  /** A file, or a folder that is one thing to its readers. */
  readonly path: string
  readonly isFolder: boolean
  readonly mediaType: string
  /** One sentence without a full stop. */
  readonly title: string
  /** STAC roles. */
  readonly roles: readonly string[]
}

/** Which parts depend on the plan's forcing and size. */
export interface FolderParts {
  readonly hasCoast: boolean
  readonly hasTracks: boolean
  readonly hasNetcdf: boolean
}

const zarr = (path: string, title: string): FolderItem => ({
  path,
  isFolder: true,
  mediaType: 'application/vnd+zarr',
  title,
  roles: ['data']
})

const file = (path: string, mediaType: string, title: string, role = 'data'): FolderItem => ({
  path,
  isFolder: false,
  mediaType,
  title,
  roles: [role]
})

const DENSITY =
  'particle counts by class, member, time and cell; mean, quantiles and exceedance over members ' +
  'per square kilometre with their confidence; residence times; particles by status'
const BEACHING =
  'particles stranded and arrived per coastal cell, class and time; the probability of beaching; ' +
  'connectivity of origins and coastal cells'
const TRACKS = 'positions and status of the tracked particles of each member at every output time'
const PAGE = 'the forecast as a map with time series, provenance and downloads'
const COG = 'image/tiff; application=geotiff; profile=cloud-optimized'

/** Everything a reader of the folder may want, in the order of README.md. */
export function catalogueOf(plan: Plan, parts: FolderParts): readonly FolderItem[] {
  const { hasCoast, hasNetcdf, hasTracks } = parts
  const isOnGlobe = plan.metric !== 'flat'
  return [
    ...(plan.viewer === undefined ? [] : [file('index.html', 'text/html', PAGE, 'overview')]),
    zarr('density.zarr', DENSITY),
    ...(hasCoast ? [zarr('beaching.zarr', BEACHING)] : []),
    ...(hasTracks
      ? [
          zarr('trajectories.zarr', TRACKS),
          file(PARQUET_FILE, 'application/vnd.apache.parquet', `GeoParquet: ${TRACKS}`)
        ]
      : []),
    ...(hasNetcdf
      ? [file(NETCDF_FILE, 'application/x-netcdf', 'mean density and its confidence in NetCDF-3')]
      : []),
    file(GEOTIFF_FILE, COG, 'density averaged over times and members', 'overview'),
    ...(isOnGlobe
      ? [
          file(
            'hotspots.geojson',
            'application/geo+json',
            'cells with the highest mean density and coastal cells with most stranded particles',
            'overview'
          )
        ]
      : []),
    file('README.md', 'text/markdown', 'what is here and how it is read', 'metadata'),
    file('LICENSE', 'text/plain', 'how this may be used and whom to name', 'metadata'),
    file('CITATION.cff', 'text/yaml', 'how to cite this', 'metadata')
  ]
}

/** What describes the folder from outside its data: written last, when CIDs are known. */
export const DESCRIPTIONS: readonly FolderItem[] = [
  file('stac/item.json', 'application/geo+json', 'SpatioTemporal Asset Catalog item', 'metadata'),
  file('ro-crate-metadata.json', 'application/ld+json', 'RO-Crate provenance', 'metadata')
]

/**
 * Public servers of currents, wind and waves, as their operators describe them in November 2026. A
 * row is an address and its terms, not a promise: servers move, and none of them could be reached
 * from where this was written.
 */
import type { SetSource } from './catalogue/data-set.ts'

export interface Preset {
  readonly title: string
  /** What the set can feed. */
  readonly roles: readonly string[]
  readonly source: Exclude<SetSource, 'import' | 'http'>
  /** Base of the ERDDAP; of OPeNDAP the address is whole. */
  readonly server?: string
  readonly dataset: string
  readonly variables: readonly string[]
  readonly license: string
  readonly attribution: string
  /** What it is and what to know before using it. */
  readonly provenance: string
}

const US_GOVERNMENT = 'US Government work, free to use with attribution'

export const PRESETS: Readonly<Record<string, Preset>> = {
  'hycom-currents': {
    title: 'HYCOM ESPC-D-V02 global 1/12 degree currents, best time series',
    roles: ['current'],
    source: 'opendap',
    dataset:
      'https://tds.hycom.org/thredds/dodsC/FMRC_ESPC-D-V02_uv3z/FMRC_ESPC-D-V02_uv3z_best.ncd',
    variables: ['water_u', 'water_v'],
    license: US_GOVERNMENT,
    attribution: 'Currents: HYCOM Consortium, US Naval Research Laboratory, ESPC-D-V02 (hycom.org)',
    provenance:
      'Recent analysis and the forecast, 3-hourly, 40 depths, longitudes 0 to 360. Packed 16-bit.'
  },
  'hycom-gofs31': {
    title: 'HYCOM GOFS 3.1 global analysis, 2018-12-04 to 2024-09-05',
    roles: ['current'],
    source: 'opendap',
    dataset: 'https://tds.hycom.org/thredds/dodsC/GLBy0.08/expt_93.0/uv3z',
    variables: ['water_u', 'water_v'],
    license: US_GOVERNMENT,
    attribution: 'Currents: HYCOM Consortium, US Naval Research Laboratory, GOFS 3.1 (hycom.org)',
    provenance: '3-hourly, 0.08 by 0.04 degrees, 40 depths, longitudes 0 to 360. Packed 16-bit.'
  },
  'altimetry-currents': {
    title: 'NOAA CoastWatch geostrophic currents from altimetry, global, daily, 0.25 degree',
    roles: ['current'],
    source: 'erddap',
    server: 'https://coastwatch.pfeg.noaa.gov/erddap',
    dataset: 'nesdisSSH1day',
    variables: ['ugos', 'vgos'],
    license: US_GOVERNMENT,
    attribution:
      'Geostrophic currents: NOAA/NESDIS Center for Satellite Applications and Research, ' +
      'NOAA CoastWatch',
    provenance:
      'Geostrophic part alone, from sea level seen by all altimeters (RADS); experimental. No ' +
      'wind-driven drift and no tide in it; not valid within some degrees of the equator, nor ' +
      'near the coast. Longitudes -180 to 180.'
  },
  'gfs-wind': {
    title: 'NCEP GFS 10 m wind, global, 0.5 degree, 3-hourly',
    roles: ['wind'],
    source: 'erddap',
    server: 'https://pae-paha.pacioos.hawaii.edu/erddap',
    dataset: 'ncep_global',
    variables: ['ugrd10m', 'vgrd10m'],
    license: US_GOVERNMENT,
    attribution: 'Wind: NOAA/NCEP Global Forecast System, served by PacIOOS (pacioos.org)',
    provenance: 'Best time series: the last runs, and a forecast of a week. Longitudes 0 to 360.'
  },
  'ww3-waves': {
    title: 'WAVEWATCH III global waves, 0.5 degree, hourly',
    roles: ['wavePeriod'],
    source: 'erddap',
    server: 'https://pae-paha.pacioos.hawaii.edu/erddap',
    dataset: 'ww3_global',
    variables: ['Thgt', 'Tper', 'Tdir'],
    license: US_GOVERNMENT,
    attribution: 'Waves: University of Hawaii, WAVEWATCH III, served by PacIOOS (pacioos.org)',
    provenance:
      'Significant height, peak period and direction of the total sea. No Stokes drift is in it: ' +
      'the period can feed the depth to which the drift by wind and waves reaches, and ' +
      '`physics.stokes: parameterised` takes the drift itself from the wind. Longitudes 0 to 360.'
  }
}

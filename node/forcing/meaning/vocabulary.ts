/**
 * Names that ocean and weather files give to currents, wind and Stokes drift. CF standard names
 * are believed first; then the names models use, most specific first. Adding a model is adding a
 * row here.
 */
import type { ForcingRole } from '../source.ts'

/** Eastward and northward name of one pair. */
type Pair = readonly [u: string, v: string]

const STANDARD_NAMES: Readonly<Record<ForcingRole, readonly Pair[]>> = {
  current: [
    ['eastward_sea_water_velocity', 'northward_sea_water_velocity'],
    ['surface_eastward_sea_water_velocity', 'surface_northward_sea_water_velocity'],
    ['sea_water_x_velocity', 'sea_water_y_velocity'],
    ['surface_sea_water_x_velocity', 'surface_sea_water_y_velocity'],
    ['x_sea_water_velocity', 'y_sea_water_velocity'],
    [
      'eastward_sea_water_velocity_assuming_no_tide',
      'northward_sea_water_velocity_assuming_no_tide'
    ],
    [
      'surface_geostrophic_eastward_sea_water_velocity',
      'surface_geostrophic_northward_sea_water_velocity'
    ],
    [
      'surface_eastward_geostrophic_sea_water_velocity',
      'surface_northward_geostrophic_sea_water_velocity'
    ],
    ['geostrophic_eastward_sea_water_velocity', 'geostrophic_northward_sea_water_velocity']
  ],
  wind: [
    ['eastward_wind', 'northward_wind'],
    ['x_wind', 'y_wind'],
    ['grid_eastward_wind', 'grid_northward_wind']
  ],
  stokes: [
    ['sea_surface_wave_stokes_drift_x_velocity', 'sea_surface_wave_stokes_drift_y_velocity'],
    [
      'sea_surface_wave_stokes_drift_eastward_velocity',
      'sea_surface_wave_stokes_drift_northward_velocity'
    ],
    ['eastward_surface_stokes_drift', 'northward_surface_stokes_drift'],
    ['surface_stokes_drift_x_velocity', 'surface_stokes_drift_y_velocity']
  ]
}

/** Variable names, compared without case; which models write them. */
const ALIASES: Readonly<Record<ForcingRole, readonly Pair[]>> = {
  current: [
    // CMEMS, NEMO
    ['uo', 'vo'],
    ['vozocrtx', 'vomecrty'],
    ['sozocrtx', 'somecrty'],
    ['ssu_m', 'ssv_m'],
    ['uos', 'vos'],
    // CMEMS with waves and tide
    ['utotal', 'vtotal'],
    // HYCOM, RTOFS
    ['water_u', 'water_v'],
    ['u_velocity', 'v_velocity'],
    ['u-velocity', 'v-velocity'],
    // GlobCurrent
    ['eastward_eulerian_current_velocity', 'northward_eulerian_current_velocity'],
    ['eastward_total_current_velocity', 'northward_total_current_velocity'],
    ['eastward_geostrophic_current_velocity', 'northward_geostrophic_current_velocity'],
    ['eastward_current', 'northward_current'],
    // ROMS, CROCO turned to east and north, at the surface
    ['u_eastward', 'v_northward'],
    ['u_sur_eastward', 'v_sur_northward'],
    ['u_sur', 'v_sur'],
    ['usurf', 'vsurf'],
    // MITgcm, ECCO, POP
    ['evel', 'nvel'],
    ['uvel', 'vvel'],
    ['uveltave', 'vveltave'],
    ['ssu', 'ssv'],
    // MOHID
    ['velocity u', 'velocity v'],
    ['velocity_u', 'velocity_v'],
    // SINTEF
    ['u_east', 'v_north'],
    // Delft3D, SCHISM, ADCIRC
    ['mesh2d_ucx', 'mesh2d_ucy'],
    ['ucx', 'ucy'],
    ['horizontalvelx', 'horizontalvely'],
    ['u-vel', 'v-vel'],
    // HF radar of the European node
    ['ewct', 'nsct'],
    ['ucur', 'vcur'],
    ['u_current', 'v_current'],
    ['current_u', 'current_v'],
    // Altimetry, OSCAR's geostrophic part
    ['ugos', 'vgos'],
    ['ug', 'vg'],
    ['u', 'v']
  ],
  wind: [
    // ERA5, WRF, MERRA, reanalyses
    ['u10', 'v10'],
    ['10u', '10v'],
    ['u10m', 'v10m'],
    ['u10n', 'v10n'],
    ['u_10m', 'v_10m'],
    ['u10met', 'v10met'],
    // GFS through wgrib2, OPeNDAP, THREDDS, NCL
    ['air_u', 'air_v'],
    ['ugrd10m', 'vgrd10m'],
    ['ugrd_10maboveground', 'vgrd_10maboveground'],
    ['u-component_of_wind_height_above_ground', 'v-component_of_wind_height_above_ground'],
    ['ugrd_p0_l103_gll0', 'vgrd_p0_l103_gll0'],
    ['uas', 'vas'],
    ['x_wind_10m', 'y_wind_10m'],
    // NCEP, CCMP, WW3
    ['uwnd', 'vwnd'],
    ['u_wind', 'v_wind'],
    // ROMS, FVCOM
    ['uwind', 'vwind'],
    ['uwind_speed', 'vwind_speed'],
    ['wind_u', 'wind_v'],
    ['wnd_ucmp', 'wnd_vcmp'],
    // MOHID
    ['wind_velocity_x', 'wind_velocity_y'],
    ['eastward_wind', 'northward_wind']
  ],
  stokes: [
    // CMEMS
    ['vsdx', 'vsdy'],
    // ERA5
    ['ust', 'vst'],
    // WW3
    ['uuss', 'vuss'],
    ['uss', 'vss'],
    ['u_stokes', 'v_stokes'],
    ['ustokes', 'vstokes'],
    ['stokes_u', 'stokes_v'],
    ['stokes_x', 'stokes_y'],
    ['us0', 'vs0']
  ]
}

export type ComponentName = 'u' | 'v'

/** How one variable was recognised; lower rank is believed more. */
export interface Meaning {
  readonly role: ForcingRole
  readonly component: ComponentName
  readonly rank: number
  /** Its standard name, or `alias`. */
  readonly by: string
  /** True east or north, whatever the grid; else along the grid's axes. */
  readonly isEastward: boolean
}

/** Does a variable say that it is eastward or northward? Its CF standard name decides. */
export function isTrueEast(name: string, standardName: string, longName: string): boolean {
  const standard = standardName.trim().toLowerCase()
  const isKnown = lookUp(STANDARD_NAMES, standard) !== undefined
  const says = isKnown ? standard : `${name} ${longName}`
  return /(east|north)(ward|_|\b)/i.test(says) && !/grid_?(east|north)/i.test(says)
}

const ROLES: readonly ForcingRole[] = ['current', 'wind', 'stokes']
/** Every alias ranks behind every standard name. */
const ALIAS_RANK = 100

/**
 * What a variable is. `u` and `v` alone are what their description says, else `generic` (what the
 * user says the file holds), else currents.
 */
export function meaningOf(
  name: string,
  standardName: string,
  longName: string,
  generic: ForcingRole = 'current'
): Meaning | undefined {
  const isEastward = isTrueEast(name, standardName, longName)
  const standard = standardOf(standardName)
  if (standard !== undefined) return { ...standard, by: standardName.trim(), isEastward }
  const plain = name.trim().toLowerCase()
  if (plain === 'u' || plain === 'v') {
    const role = describedRole(longName) ?? generic
    return { role, component: plain, rank: 2 * ALIAS_RANK, by: 'alias', isEastward }
  }
  const alias = aliasOf(plain)
  return alias && { ...alias, rank: ALIAS_RANK + alias.rank, by: 'alias', isEastward }
}

function lookUp(
  table: Readonly<Record<ForcingRole, readonly Pair[]>>,
  name: string
): Known | undefined {
  if (name === '') return undefined
  for (const role of ROLES) {
    const rank = table[role].findIndex((pair) => pair.includes(name))
    if (rank < 0) continue
    return { role, component: table[role][rank]?.[0] === name ? 'u' : 'v', rank }
  }
  return undefined
}

type Known = Omit<Meaning, 'by' | 'isEastward'>

/** What a CF standard name says. */
export const standardOf = (standardName: string): Known | undefined =>
  lookUp(STANDARD_NAMES, standardName.trim().toLowerCase())

/** What a variable's name alone says; bare `u` and `v` say nothing of the role. */
export const aliasOf = (name: string): Known | undefined =>
  lookUp(ALIASES, name.trim().toLowerCase())

function describedRole(longName: string): ForcingRole | undefined {
  if (/stokes/i.test(longName)) return 'stokes'
  if (/\bwind/i.test(longName)) return 'wind'
  return /current|water/i.test(longName) ? 'current' : undefined
}

/**
 * The sea level that currents can be derived from: absolute dynamic topography, or a model's
 * height above the geoid. Anomalies lack the mean circulation and are taken only where `map:`
 * names them.
 */
import type { DataFile, DataVariable } from '../read/data-file.ts'
import { textOf } from './coordinates.ts'

const STANDARD_NAMES = [
  'sea_surface_height_above_geoid',
  'absolute_dynamic_topography',
  'sea_surface_elevation'
]
/** Altimetry, CMEMS, NEMO, HYCOM, ROMS, MITgcm. */
const ALIASES = ['adt', 'zos', 'sossheig', 'ssh', 'surf_el', 'zeta', 'etan']

/** The variable, by standard name, then by name. */
export function seaLevelOf(file: DataFile, named?: string): DataVariable | undefined {
  if (named !== undefined) return file.variables.get(named)
  const candidates = [...file.variables.values()].filter(
    ({ type, dimensions }) => type !== 'text' && dimensions.length >= 2
  )
  for (const name of STANDARD_NAMES) {
    const found = candidates.find((each) => textOf(each, 'standard_name').toLowerCase() === name)
    if (found !== undefined) return found
  }
  return ALIASES.flatMap(
    (name) => candidates.find((each) => each.name.toLowerCase() === name) ?? []
  )[0]
}

/** Is one of these names a sea level? */
export const isSeaLevelAmong = (names: readonly string[]): boolean =>
  names.some((name) => ALIASES.includes(name.toLowerCase()))

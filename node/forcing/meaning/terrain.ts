/**
 * Levels that follow the terrain (ROMS, CROCO, POM; CF `formula_terms`): every layer k lies at the
 * share P of the water column, and the column is h + ζ deep, so its depth below the moving surface
 * is −P·(h + ζ) with
 *   ocean_s_coordinate_g2 (Vtransform 2): P = (hc·s + h·C) / (hc + h)
 *   ocean_s_coordinate_g1 (Vtransform 1): P = (hc·s + (h − hc)·C) / h
 *   ocean_sigma_coordinate:               P = s
 * (CF conventions, appendix D; Shchepetkin and McWilliams 2005, doi:10.1016/j.ocemod.2004.08.002).
 */
import type { DataFile, DataVariable } from '../read/data-file.ts'
import { textOf } from './coordinates.ts'
import { readWhole } from './unpacking.ts'

/** Depths in metres offered of layers, which have none of their own. */
const DEPTHS = [
  0, 2, 5, 10, 15, 20, 30, 40, 50, 75, 100, 125, 150, 200, 250, 300, 400, 500, 750, 1000, 1500,
  2000, 3000, 4000, 5000, 6000
]

type Kind = 'g1' | 'g2' | 'sigma'

export interface Terrain {
  readonly kind: Kind
  readonly s: Float64Array
  readonly stretching: Float64Array
  /** hc */
  readonly criticalMetres: number
  /** h */
  readonly bottom: DataVariable
  /** ζ; absent: 0. */
  readonly surface?: DataVariable
  readonly targetMetres: number
  /** Depths that can be asked for, down to the deepest bottom. */
  readonly depths: readonly number[]
}

const isLayerName = (name: string): boolean => /^(s_rho|sc_r|sigma)$/.test(name)

export const isTerrainAxis = (axis: DataVariable): boolean =>
  /^ocean_(s|sigma)_coordinate/.test(textOf(axis, 'standard_name')) || isLayerName(axis.name)

/** `s: s_rho C: Cs_r …` as a map. */
function termsOf(axis: DataVariable): Map<string, string> {
  const text = textOf(axis, 'formula_terms')
  return new Map(
    [...text.matchAll(/(\w+):\s*(\w+)/g)].map(([, key = '', name = '']) => [key, name])
  )
}

/** The layers of an axis, or what is missing to know their depths. */
export async function findTerrain(
  file: DataFile,
  axis: DataVariable,
  s: Float64Array,
  targetMetres: number
): Promise<Terrain | string> {
  const terms = termsOf(axis)
  const find = (key: string, name: string): DataVariable | undefined =>
    file.variables.get(terms.get(key) ?? name)
  const kind = await kindOf(file, axis)
  const bottom = find('depth', 'h')
  if (kind === undefined) return 'has levels of an unknown transformation (no Vtransform)'
  if (bottom === undefined) return 'has levels without the depth of the bottom (h)'
  const [stretching, critical] = [find('C', 'Cs_r'), find('depth_c', 'hc')]
  const isPlain = kind === 'sigma'
  if (!isPlain && (stretching === undefined || critical === undefined)) {
    return 'has levels without their stretching (Cs_r, hc)'
  }
  const depthsOfBottom = await readWhole(file, bottom)
  const deepest = depthsOfBottom.reduce((most, h) => (h > most && h < 20_000 ? h : most), 0)
  const surface = find('eta', 'zeta')
  const hasSurface = surface !== undefined && surface.dimensions.length >= 2
  return {
    ...{ kind, s, bottom, targetMetres },
    stretching: stretching === undefined ? s : await readWhole(file, stretching),
    criticalMetres: critical === undefined ? 0 : ((await readWhole(file, critical))[0] ?? 0),
    ...(hasSurface ? { surface } : {}),
    depths: DEPTHS.filter((depth) => depth === 0 || depth < deepest)
  }
}

async function kindOf(file: DataFile, axis: DataVariable): Promise<Kind | undefined> {
  const standard = textOf(axis, 'standard_name')
  if (standard === 'ocean_sigma_coordinate') return 'sigma'
  if (standard.endsWith('_g1')) return 'g1'
  if (standard.endsWith('_g2')) return 'g2'
  const transform = file.variables.get('Vtransform')
  const which = transform === undefined ? undefined : (await readWhole(file, transform))[0]
  if (which === 1) return 'g1'
  if (which === 2) return 'g2'
  return axis.name === 'sigma' ? 'sigma' : undefined
}

/** P of a layer where the bottom is h metres deep. */
export function shareOf(terrain: Terrain, layer: number, h: number): number {
  const s = terrain.s[layer] ?? 0
  const stretching = terrain.stretching[layer] ?? 0
  const { kind, criticalMetres: hc } = terrain
  if (kind === 'sigma') return s
  if (kind === 'g2') return (hc * s + h * stretching) / (hc + h)
  return (hc * s + (h - hc) * stretching) / h
}

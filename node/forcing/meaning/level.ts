/**
 * Which level of a field a forecast reads: the nearest to the depth it wants, or, where levels
 * follow the terrain, the depth itself between two of them.
 */
import type { DataFile, DataVariable } from '../read/data-file.ts'
import type { ForcingRole } from '../source.ts'
import { type DimensionMeaning, textOf } from './coordinates.ts'
import { notUnderstood } from './horizontal.ts'
import { findTerrain, isTerrainAxis, type Terrain } from './terrain.ts'
import { unpackCoordinate } from './unpacking.ts'

/** Winds are taken at 10 m, where windage is defined; currents and waves at the surface. */
const LEVEL_WANTED_METRES = { current: 0, stokes: 0, wind: 10 } as const

export interface Level {
  /** Index of the vertical dimension, -1 where there is none. */
  readonly dimension: number
  readonly index: number
  readonly depths: readonly number[]
  readonly usedMetres?: number
  /** Set where the value is to be found between terrain-following levels. */
  readonly terrain?: Terrain
}

export async function chooseLevel(
  file: DataFile,
  role: ForcingRole,
  variable: DataVariable,
  meanings: readonly DimensionMeaning[],
  wanted: number | undefined
): Promise<Level> {
  const dimension = meanings.findIndex(({ kind }) => kind === 'vertical')
  const axis = meanings[dimension]?.variable
  const count = variable.dimensions[dimension]?.count ?? 0
  if (axis === undefined) {
    if (count <= 1) return { dimension, index: 0, depths: [] }
    const index = await surfaceLayer(file, variable, dimension)
    if (index === undefined || (wanted ?? 0) !== 0) {
      throw notUnderstood(file, `${variable.name} has levels without depths`)
    }
    return { dimension, index, depths: [] }
  }
  const stored = unpackCoordinate(axis, await file.read(axis.name, [[0, count]]))
  if (count === 1 && !Number.isFinite(stored[0])) return { dimension, index: 0, depths: [] }
  if (count > 1 && isTerrainAxis(axis)) {
    return { dimension, ...(await terrainLevel(file, axis, stored, wanted ?? 0)) }
  }
  const isUp = textOf(axis, 'positive').toLowerCase() === 'up' && role !== 'wind'
  const isNegative = stored.every((value) => value <= 0)
  const depths = Array.from(stored, (value) => (isUp || isNegative ? 0 - value : value))
  const target = wanted ?? LEVEL_WANTED_METRES[role]
  const away = depths.map((depth) => Math.abs(depth - target))
  const index = away.indexOf(Math.min(...away))
  return { dimension, index, depths, usedMetres: depths[index] ?? 0 }
}

/** The layer next to the surface stands for the surface. */
async function terrainLevel(
  file: DataFile,
  axis: DataVariable,
  stored: Float64Array,
  wanted: number
): Promise<Omit<Level, 'dimension'>> {
  const away = Array.from(stored, Math.abs)
  const index = away.indexOf(Math.min(...away))
  const terrain = await findTerrain(file, axis, stored, wanted)
  if (typeof terrain !== 'string') {
    const level = { index, depths: terrain.depths, usedMetres: wanted }
    return wanted === 0 ? level : { ...level, terrain }
  }
  if (wanted === 0) return { index, depths: [] }
  throw notUnderstood(file, `${axis.name} ${terrain}`)
}

/**
 * The layer at the surface of a mesh's layers, which have no axis of their own: FVCOM's nearest to
 * 0 of `siglay` at its first node, SCHISM's last.
 */
async function surfaceLayer(
  file: DataFile,
  variable: DataVariable,
  dimension: number
): Promise<number | undefined> {
  const { name, count } = variable.dimensions[dimension] ?? { name: '', count: 0 }
  if (/^nschism_vgrid_layers$/i.test(name)) return count - 1
  const sigma = file.variables.get(name)
  if (sigma?.dimensions.length !== 2 || sigma.dimensions[0]?.name !== name) return undefined
  const at = await file.read(name, [
    [0, count],
    [0, 1]
  ])
  const away = Array.from(at, Math.abs)
  return away.indexOf(Math.min(...away))
}

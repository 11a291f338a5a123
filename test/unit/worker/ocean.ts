/**
 * A small ocean with an island, wind and a hundred particles: the unit that the worker's tests run.
 */

import type { Blocks } from '../../../node/store/blocks.ts'
import { openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import type { WorkUnit } from '../../../protocol/work-unit.ts'
import {
  buildForcing,
  buildState,
  buildUnit,
  type ForcingRecipe
} from '../../fixtures/build-forcing.ts'
import { axis, type Particle, stateOf, WINDAGE_MAX } from '../../physics/sea.ts'

export const RECIPE: ForcingRecipe = {
  longitudes: axis(1, 0.05, 60),
  latitudes: axis(2, 0.05, 50),
  isLand: (column, row) => Math.hypot(column - 38, row - 25) < 4,
  times: [...axis(-3600, 3600, 30)],
  current: (lon, lat, t) => [0.4 + 0.2 * Math.sin(lat * 4), 0.2 * Math.cos(lon * 4 + t / 30_000)],
  wind: (lon, _lat, t) => [6 * Math.sin(lon), 6 * Math.cos(t / 20_000)],
  tileRows: 17,
  tileColumns: 23,
  tileTimes: 7
}

export const PARTICLES: readonly Particle[] = Array.from({ length: 100 }, (_, i) => ({
  x: 20 + (i % 10) + 0.25,
  y: 20 + Math.floor(i / 10) + 0.5,
  windage: 0.01 + (i % 3) / 100,
  releaseStep: i % 4 === 0 ? 30 : 0,
  classIndex: i % 2
}))

/** Two classes with the range of windage that {@link stateOf} counts in. */
export const CLASSES: WorkUnit['classes'] = [0, 1].map(() => ({
  windage: [0, WINDAGE_MAX],
  riseVelocityMetresPerSecond: 0,
  depthMetres: 0
}))

export interface Ocean {
  readonly blocks: Blocks
  readonly unit: WorkUnit
}

/** A unit over the whole grid, with changes. */
export async function openOcean(
  changes: Partial<WorkUnit> = {},
  recipe: Partial<ForcingRecipe> = {}
): Promise<Ocean> {
  const blocks = openMemoryBlocks()
  const forcing = await buildForcing({ ...RECIPE, ...recipe }, blocks)
  const state = await buildState(stateOf(PARTICLES), 0, blocks)
  const crop = { column: 0, row: 0, columns: 60, rows: 50 }
  const unit = buildUnit({ forcing, state, crop, stepCount: 120, classes: CLASSES, ...changes })
  return { blocks, unit }
}

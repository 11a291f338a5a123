/**
 * Which grid a forecast runs on: the current's own, or a polar one where longitudes and latitudes
 * would have to carry particles across a pole. Chosen once per plan, never per unit (PHYSICS §2).
 */

import { type Grid, isNodeGrid } from '../meaning/grid.ts'
import type { Series } from '../series.ts'
import type { Watch } from '../stages.ts'
import type { SliceWindow } from '../window.ts'
import { polarGridFor } from './across-pole.ts'
import { bandSpeeds, type Drift, isPoleward, latitudesReached } from './reach.ts'

interface GridRequest extends Watch {
  readonly metric: 'wgs84' | 'sphere1852' | 'flat'
  readonly startSeconds: number
  readonly endSeconds: number
  readonly drift?: Drift
}

/** @throws MeshError `plan/refused` where no one grid can carry all particles */
export async function forecastGrid(
  opened: readonly Series[],
  windows: readonly SliceWindow[],
  request: GridRequest,
  notes: string[]
): Promise<Grid> {
  const [current] = opened
  if (current === undefined) throw new Error('a forecast has a current')
  const { grid } = current
  const { drift, metric, startSeconds, endSeconds } = request
  const isFree = isNodeGrid(grid) || metric === 'flat' || drift === undefined
  if (isFree || !isPoleward(grid)) return grid
  const speeds: Partial<Record<Series['role'], Float64Array>> = {}
  for (const [index, series] of opened.entries()) {
    const window = windows[index]
    if (window !== undefined) speeds[series.role] = await bandSpeeds(series, window, request)
  }
  const reached = latitudesReached(drift, speeds, Math.abs(endSeconds - startSeconds))
  const polar = polarGridFor(grid, reached)
  if (polar === undefined) return grid
  notes.push(polar.note)
  return polar.grid
}

/**
 * The grid of a forecast that comes near a pole on longitudes and latitudes: a polar stereographic
 * one around the pole, wide enough for all that particles can reach, as fine as the data.
 */
import type { Projection } from '../../../kernel/kernel.ts'
import { MeshError } from '../../mesh-error.ts'
import { type AxisGrid, boxOf, type NodeGrid } from '../meaning/grid.ts'
import { projectedGrid } from '../meaning/places.ts'
import { geometry } from './geometry.ts'
import { type Latitudes, POLEWARD_DEGREES } from './reach.ts'

/** Metres of a degree of latitude near the poles. */
const DEGREE_METRES = 111_600
/** Cells around what can be reached: stages of a step and the halo of a crop look ahead. */
const MARGIN_CELLS = 4
const WGS84 = { semiMajorMetres: 6_378_137, eccentricity2: 0.006_694_379_990_141_316 }

export interface PolarGrid {
  readonly grid: NodeGrid
  readonly note: string
}

const degrees = (value: number): string => `${Math.abs(value).toFixed(1)} ${value < 0 ? 'S' : 'N'}`

/**
 * The polar grid of a forecast; undefined where longitudes and latitudes serve.
 * @throws MeshError `plan/refused` where neither does
 */
export function polarGridFor(grid: AxisGrid, reached: Latitudes): PolarGrid | undefined {
  const box = boxOf(grid)
  const isNorth = reached.north > POLEWARD_DEGREES && box.north > POLEWARD_DEGREES
  const isSouth = reached.south < -POLEWARD_DEGREES && box.south < -POLEWARD_DEGREES
  if (!isNorth && !isSouth) return undefined
  const equatorward = isNorth
    ? Math.max(reached.south, box.south)
    : Math.min(reached.north, box.north)
  if ((isNorth && isSouth) || (isNorth ? equatorward < 0 : equatorward > 0)) {
    throw new MeshError(
      'plan/refused',
      `particles can come from ${degrees(reached.south)} to ${degrees(reached.north)}: beyond ` +
        `${POLEWARD_DEGREES} degrees longitudes and latitudes cannot carry them across the pole, ` +
        'and no grid around a pole reaches past the equator; split the seeding into forecasts of ' +
        `its own, shorten it, or cut the data at ${POLEWARD_DEGREES} degrees, where particles ` +
        'then leave it'
    )
  }
  return around(isNorth ? 90 : -90, equatorward, spacingOf(grid))
}

/** Distance of the last two rows, near whose pole the forecast runs. */
function spacingOf({ latitudes }: AxisGrid): number {
  const steps = latitudes.slice(1).map((lat, index) => lat - (latitudes[index] ?? 0))
  return Math.min(...steps) * DEGREE_METRES
}

function around(pole: 90 | -90, equatorward: number, spacing: number): PolarGrid {
  const projection: Projection = {
    ...{ kind: 'polar-stereographic', ...WGS84, latOrigin: pole, lonOrigin: 0 },
    ...{ parallels: [pole, pole], scale: 1, eastingMetres: 0, northingMetres: 0 }
  }
  const [, edge = 0] = geometry().project(projection, Float64Array.of(0, equatorward))
  const half = Math.ceil(Math.abs(edge) / spacing) + MARGIN_CELLS
  const axis = Float64Array.from({ length: 2 * half + 1 }, (_, i) => (i - half) * spacing)
  const grid = projectedGrid(projection, axis, axis)
  if (typeof grid === 'string' || !('lonLats' in grid)) throw new Error('a polar grid has nodes')
  const side = 2 * half + 1
  return {
    grid,
    note:
      `particles can come beyond ${POLEWARD_DEGREES} degrees: the forecast runs on a polar ` +
      `stereographic grid of ${side} x ${side} nodes, ${Math.round(spacing)} m apart, around the ` +
      `${pole === 90 ? 'North' : 'South'} Pole down to ${degrees(equatorward)}`
  }
}

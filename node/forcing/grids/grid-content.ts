/**
 * What a forcing says of its grid: where the nodes lie and their metric, made once here by the
 * kernel and never again by whoever computes on it.
 */
import type { Kernel, Metric } from '../../../kernel/kernel.ts'
import type { NodePlaces } from '../../../kernel/nodes.ts'
import type { AxisPlaces } from '../../../kernel/seeding.ts'
import { type Forcing, HOLE } from '../../../protocol/forcing.ts'
import { AXIS_NODES_MAX } from '../../../protocol/limits.ts'
import { MeshError } from '../../mesh-error.ts'
import { columnsOf, type Grid, isNodeGrid, rowsOf } from '../meaning/grid.ts'
import type { Series } from '../series.ts'
import { littleEndian, type Put, type Tiling, tileGrid } from '../tiles.ts'
import { axisMetric, fullMetric, type NodeMetric } from './node-metric.ts'
import { makeRegrid, type Regrid } from './regrid.ts'
import { makeRemap } from './remap.ts'

/** What ingest needs of the kernel: cells per metre, four f32 per node, C order. */
export type MetricKernel = Pick<Kernel, 'nodeMetric' | 'gridMetric'>

/** Nodes of a grid: their metric takes half of the kernel's memory, 1/12 degree takes a sixth. */
const NODES_MAX = 32 * 1024 * 1024

export function checkSize(rows: number, columns: number): void {
  if (Math.max(rows, columns) <= AXIS_NODES_MAX && rows * columns <= NODES_MAX) return
  throw new MeshError(
    'plan/refused',
    `the current's grid has ${columns} x ${rows} nodes, more than ${AXIS_NODES_MAX} per axis or ` +
      `${NODES_MAX} in all; cut the data to its region`
  )
}

export function metricOf(
  grid: Grid,
  { kernel, metric }: { readonly kernel: MetricKernel; readonly metric: Metric }
): { metric: NodeMetric; places: AxisPlaces | NodePlaces } {
  if (!isNodeGrid(grid)) {
    const { longitudes, latitudes } = grid
    return {
      metric: axisMetric(kernel, longitudes, latitudes, metric),
      places: { longitudes, latitudes }
    }
  }
  const lonLats = grid.lonLats.map((value) => (Number.isFinite(value) ? value : HOLE))
  const places = { lonLats, columns: columnsOf(grid), rows: rowsOf(grid) }
  const values = kernel.gridMetric(places, grid.isPeriodic, metric).metric
  return { metric: fullMetric(values, places.columns), places }
}

/** The places as content: axes in the manifest, or tiles of pairs. */
export async function placesContent(
  places: AxisPlaces | NodePlaces,
  tiling: Tiling,
  put: Put
): Promise<Pick<Forcing, 'longitudes' | 'latitudes' | 'nodes'>> {
  if ('lonLats' in places) {
    return { nodes: await tileGrid(littleEndian(places.lonLats), 16, tiling, put) }
  }
  const { longitudes, latitudes } = places
  return { longitudes: littleEndian(longitudes), latitudes: littleEndian(latitudes) }
}

/** Least share of the weight of a current's corners that makes a node of another grid sea. */
const SEA_SHARE = 0.5

type Mapped = Pick<Series, 'role' | 'grid' | 'isAlongGrid' | 'coverage'>

/** The way from a series' grid to the forecast's; a coast stays where it is. */
export function mapTo(grid: Grid, series: Mapped, metric: Metric): Regrid {
  const map = wayTo(grid, series, metric)
  if (series.coverage === undefined) return map
  const reach = map.scalars(series.coverage)
  return { ...map, isCovered: (node) => map.isCovered(node) && (reach[node] ?? 0) >= SEA_SHARE }
}

function wayTo(grid: Grid, series: Mapped, metric: Metric): Regrid {
  if (series.role !== 'current') return makeRegrid(series, grid, metric)
  const isFree = isNodeGrid(grid) || isNodeGrid(series.grid)
  if (isFree || series.grid === grid || metric === 'flat') {
    return makeRegrid(series, grid, metric, SEA_SHARE)
  }
  // Between axes only this way looks at the share of the sea.
  return makeRemap(series, { grid, isAlongGrid: false }, metric, SEA_SHARE)
}

/**
 * Forcing content: the grid, metric, land and fields that ingest wrote once and every unit reads.
 * It holds only what changes a result's bytes (no file name, title or attribution), so the same
 * ocean data has the same CID for every forecast.
 *
 * All tiles are raw blocks of little-endian values in C order, uncompressed. A tile covers
 * `tileRows × tileColumns` nodes (less at the far edges); where the grid has axes, row 0 is the
 * southernmost latitude and column 0 the westernmost longitude. Tile lists run over row tiles, then
 * column tiles; those of a field over time tiles first.
 */
import { AXIS_NODES_MAX, LEVELS_MAX, LINKS_MAX, SLICES_MAX } from './limits.ts'
import {
  bytes,
  fields,
  flag,
  float,
  type Infer,
  integer,
  link,
  list,
  object,
  optional
} from './shape.ts'

/** Value (m/s) that marks a hole in a field: the particle that meets it becomes `missing`. */
export const HOLE = 1e30

const axis = bytes(AXIS_NODES_MAX * 8, 2 * 8)

/**
 * One vector field: f32 components in m/s on the grid's nodes, [time][row][column] per tile. Where
 * nodes lie on axes `u` is eastward and `v` northward; where they have places of their own `u` is
 * along the direction of rising columns and `v` 90° to its left, so that nothing turns at a pole.
 * `times` are whole Unix seconds, strictly ascending.
 */
export const fieldSeries = fields({
  times: list(integer(1e11, -1e11), SLICES_MAX, 1),
  tileTimes: integer(SLICES_MAX, 1),
  u: list(link, LINKS_MAX, 1),
  v: list(link, LINKS_MAX, 1)
})
export type FieldSeries = Infer<typeof fieldSeries>

/** One scalar field: f32 on the grid's nodes, else as {@link fieldSeries}. */
export const scalarSeries = fields({
  times: list(integer(1e11, -1e11), SLICES_MAX, 1),
  tileTimes: integer(SLICES_MAX, 1),
  values: list(link, LINKS_MAX, 1)
})
export type ScalarSeries = Infer<typeof scalarSeries>

/**
 * Depth levels of the current, ascending; `current` itself is the first. Deeper levels have its
 * times and tiles. Below the bottom a level repeats the one above it.
 */
const levels = fields({
  depthsMetres: list(float(0, 12_000), LEVELS_MAX, 2),
  deeper: list(fields({ u: list(link, LINKS_MAX, 1), v: list(link, LINKS_MAX, 1) }), LEVELS_MAX, 1)
})

/**
 * The coast as particles feel it. Coastal cells are land nodes beside the sea, numbered in C order.
 * `distance`: f32 metres from each node to the coastline (half-way between land and sea nodes),
 * negative on land. `cell`: u32 number of the nearest coastal cell of each node.
 */
const coast = fields({
  distance: list(link, LINKS_MAX, 1),
  cell: list(link, LINKS_MAX, 1),
  cellCount: integer(AXIS_NODES_MAX * AXIS_NODES_MAX)
})

export const forcing = object('forcing', {
  columns: integer(AXIS_NODES_MAX, 2),
  rows: integer(AXIS_NODES_MAX, 2),
  /** True when column `columns` is column 0 again. */
  isPeriodic: flag,
  /** True when the axes are metres (metric flat): longitudes do not wrap. */
  isFlat: flag,
  /** f64 degrees east of each column, ascending (metres where the metric is flat). */
  longitudes: optional(axis),
  /** f64 degrees north of each row, ascending (metres where the metric is flat). */
  latitudes: optional(axis),
  /** Instead of axes: 2 × f64 per node, degrees east and north (1e30 twice where there is none). */
  nodes: optional(list(link, LINKS_MAX, 1)),
  tileRows: integer(AXIS_NODES_MAX, 1),
  tileColumns: integer(AXIS_NODES_MAX, 1),
  /** u8 per node: 0 sea, 1 land, 2 beyond the data (a particle nearest to it is `outside`). */
  land: list(link, LINKS_MAX, 1),
  /** 4 × f32 per node: cells per metre, [x per u, x per v, y per u, y per v]. */
  metric: list(link, LINKS_MAX, 1),
  current: fieldSeries,
  wind: optional(fieldSeries),
  stokes: optional(fieldSeries),
  levels: optional(levels),
  /** Horizontal diffusivity, m²/s. */
  diffusivity: optional(scalarSeries),
  /** Peak period of the waves, s. */
  wavePeriod: optional(scalarSeries),
  coast: optional(coast)
})
export type Forcing = Infer<typeof forcing>

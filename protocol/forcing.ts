/**
 * Forcing content: the grid, metric, land and fields that ingest wrote once and every unit reads.
 * It holds only what changes a result's bytes (no file name, title or attribution), so the same
 * ocean data has the same CID for every forecast.
 *
 * All tiles are raw blocks of little-endian values in C order, uncompressed. A tile covers
 * `tileRows × tileColumns` nodes (less at the far edges); where the grid has axes, row 0 is the
 * southernmost latitude and column 0 the westernmost longitude.
 *
 * A plane is all tiles of the grid for one thing and one span of time. Its tiles are listed by
 * patch, a square of {@link PATCH_TILES} × {@link PATCH_TILES} tiles (less at the far edges), so
 * that who needs a region reads a few small lists, however large the grid. The link of a plane is
 * that of its `tile-plane`; a grid of one patch needs none, there it is that of its `tile-patch`.
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
  optional,
  text
} from './shape.ts'

/** Value (m/s) that marks a hole in a field: the particle that meets it becomes `missing`. */
export const HOLE = 1e30

/** Tiles along one side of a patch: its list is 2.6 KB, a hundredth of the tiles it names. */
export const PATCH_TILES = 8

/** Links of the tiles of one patch, rows of tiles from the south, each from the west. */
export const tilePatch = object('tile-patch', {
  tiles: list(link, PATCH_TILES * PATCH_TILES, 1)
})

/** Links of the patches of a plane, rows of patches from the south, each from the west. */
export const tilePlane = object('tile-plane', { patches: list(link, LINKS_MAX, 2) })

const axis = bytes(AXIS_NODES_MAX * 8, 2 * 8)

/**
 * One field in time: f32 on the grid's nodes, [component][time][row][column] per tile. A vector has
 * the components u and v in m/s. Where nodes lie on axes `u` is eastward and `v` northward; where
 * they have places of their own `u` is along the direction of rising columns and `v` 90° to its
 * left, so that nothing turns at a pole. `times` are whole Unix seconds, strictly ascending; each
 * plane holds `tileTimes` of them, the last one what is left.
 */
export const fieldSeries = object('forcing-series', {
  times: list(integer(1e11, -1e11), SLICES_MAX, 1),
  tileTimes: integer(SLICES_MAX, 1),
  planes: list(link, LINKS_MAX, 1)
})
export type FieldSeries = Infer<typeof fieldSeries>

/**
 * Depth levels of the current, ascending; `current` itself is the first. Deeper levels have its
 * times and tiles. Below the bottom a level repeats the one above it.
 */
const levels = fields({
  depthsMetres: list(float(0, 12_000), LEVELS_MAX, 2),
  /** Links of {@link fieldSeries}. */
  deeper: list(link, LEVELS_MAX, 1)
})

/** Coastal cells in one block of a list: 4 bytes each are 1 MiB. */
export const COASTAL_CELLS_PER_BLOCK = 262_144
const CELL_BLOCKS_MAX = 1024
/** Natural Earth has 255. */
const COUNTRIES_MAX = 400

/**
 * What statistics of the coast need of each coastal cell, by its number; units read none of it. Raw
 * blocks of {@link COASTAL_CELLS_PER_BLOCK} values: u32 node, f32 metres of coastline, u32 country
 * (1 + index in `countries`, 0 for none).
 */
const coastalCells = fields({
  nodes: list(link, CELL_BLOCKS_MAX),
  lengths: list(link, CELL_BLOCKS_MAX),
  countryOf: list(link, CELL_BLOCKS_MAX),
  /** ISO 3166-1 numeric codes, empty where there is none. */
  countries: list(fields({ id: text(3), name: text(64) }), COUNTRIES_MAX)
})
export type CoastalCells = Infer<typeof coastalCells>

/**
 * The coast as particles feel it. Coastal cells are land nodes beside the sea, numbered in C order.
 * `distance`: plane of f32 metres from each node to the coastline (half-way between land and sea
 * nodes, or where a coastline was given that one), negative on land. `cell`: plane of u32 number of
 * the nearest coastal cell of each node.
 */
const coast = fields({
  distance: link,
  cell: link,
  cellCount: integer(AXIS_NODES_MAX * AXIS_NODES_MAX),
  /** Absent where the grid lies on no globe. */
  cells: optional(coastalCells)
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
  /** Instead of axes: plane of 2 × f64 per node, degrees east and north (1e30 twice: none). */
  nodes: optional(link),
  tileRows: integer(AXIS_NODES_MAX, 1),
  tileColumns: integer(AXIS_NODES_MAX, 1),
  /** Plane of u8: 0 sea, 1 land, 2 beyond the data (a particle nearest to it is `outside`). */
  land: link,
  /** Plane of 4 × f32: cells per metre, [x per u, x per v, y per u, y per v]. */
  metric: link,
  /** Links of {@link fieldSeries}. */
  current: link,
  wind: optional(link),
  stokes: optional(link),
  levels: optional(levels),
  /** Horizontal diffusivity, m²/s; one component. */
  diffusivity: optional(link),
  /** Peak period of the waves, s; one component. */
  wavePeriod: optional(link),
  coast: optional(coast)
})
export type Forcing = Infer<typeof forcing>

/**
 * The coast of a forcing as content: how far it is from every node, which coastal cell is nearest,
 * and the table of those cells.
 */
import type { Forcing } from '../../../protocol/forcing.ts'
import { NearestCoast } from '../drift/coast-distance.ts'
import type { NodeMetric } from '../grids/node-metric.ts'
import { columnsOf, type Grid, rowsOf } from '../meaning/grid.ts'
import { littleEndian, type Put, type Tiling, tilePlane } from '../tiles.ts'
import { coastalCells, storeCells } from './coastal-cells.ts'
import { readShoreline } from './shore-files.ts'
import { shoreMetresOf } from './shore-metres.ts'
import { builtInShoreline, type Shoreline } from './shoreline.ts'
import { traceShoreline } from './trace.ts'

/** The coastline that is part of the program. */
const BUILT_IN = 'builtin'

export interface Shorelines {
  /** What refines the model's land, where the forecast asks for it. */
  readonly refining?: Shoreline
  /** Whose countries coastal cells get. */
  readonly builtIn: Shoreline
}

/**
 * Coastlines of a forecast on the globe: `coastline` is `builtin`, a file or absent.
 * @throws MeshError `forcing/unreadable`, `forcing/not-understood`
 */
export async function openShorelines(coastline: string | undefined): Promise<Shorelines> {
  const builtIn = await builtInShoreline()
  if (coastline === undefined) return { builtIn }
  return { builtIn, refining: coastline === BUILT_IN ? builtIn : await readShoreline(coastline) }
}

export interface CoastTarget {
  readonly grid: Grid
  readonly metric: NodeMetric
  readonly tiling: Tiling
  readonly put: Put
  readonly notes: string[]
}

/** `shorelines` are absent where the grid lies on no globe. */
export async function coastContent(
  land: Uint8Array,
  { grid, metric, tiling, put, notes }: CoastTarget,
  shorelines: Shorelines | undefined
): Promise<NonNullable<Forcing['coast']>> {
  const size = { rows: rowsOf(grid), columns: columnsOf(grid), isPeriodic: grid.isPeriodic, metric }
  const coast = new NearestCoast(land, size)
  const tracing = shorelines && traceShoreline(shorelines.builtIn, grid)
  const { refining } = shorelines ?? {}
  const isOwn = refining === undefined || refining === shorelines?.builtIn
  const own = isOwn ? tracing : traceShoreline(refining, grid)
  const shore = refining && own && shoreMetresOf(own, grid, coast.shoreNodes())
  const content = {
    distance: await tilePlane(4, tiling, put, async (row, height) => [
      littleEndian(coast.distances(row, height, shore))
    ]),
    cell: await tilePlane(4, tiling, put, async (row, height) => [
      littleEndian(coast.cells(row, height))
    ]),
    cellCount: coast.nodes.length
  }
  if (shorelines === undefined || tracing === undefined || own === undefined) return content
  const table = coastalCells(coast, grid, own, tracing)
  if (coast.nodes.length > 0) notes.push(coastNote(table, refining ?? shorelines.builtIn))
  return { ...content, cells: await storeCells(table, put) }
}

function coastNote(
  { nodes, lengths, countries, leftMetres }: ReturnType<typeof coastalCells>,
  { name }: Shoreline
): string {
  const km = (metres: number): string => `${Math.round(metres / 1000)} km`
  const total = lengths.reduce((sum, length) => sum + length, 0)
  const names = countries.map((country) => country.name)
  const few = names.length > 4 ? `${names.length} countries` : names.join(', ')
  const left = leftMetres >= 1000 ? `; ${km(leftMetres)} are far from any land of the grid` : ''
  const where = few === '' ? '' : ` of ${few}`
  return `coast: ${nodes.length} cells with ${km(total)} of coastline${where}, by ${name}${left}`
}

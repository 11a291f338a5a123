/**
 * Coastal cells as beaching statistics need them: how many metres of coastline each has and which
 * country's it is. Every piece of the coastline goes to the nearest coastal cell, so that lengths
 * add up to the coast's at the coastline's own scale, whatever the grid's.
 */
import type { CID } from 'multiformats/cid'
import { toRawBlock } from '../../../protocol/canonical.ts'
import { COASTAL_CELLS_PER_BLOCK, type CoastalCells } from '../../../protocol/forcing.ts'
import type { NearestCoast } from '../drift/coast-distance.ts'
import { columnsOf, type Grid } from '../meaning/grid.ts'
import { littleEndian, type Put } from '../tiles.ts'
import { forPiecesAround } from './piece-order.ts'
import type { Country } from './shoreline.ts'
import { countryOfPiece, type Tracing } from './trace.ts'

/** A piece farther than this from any coastal cell, in cells, is no coast of the grid. */
const PIECE_CELLS_MAX = 2
/** The nearest country within this many cells is a coastal cell's own, else it has none. */
const COUNTRY_CELLS_MAX = 3

export interface CellTable {
  /** Node of each coastal cell, ascending: the cell's number is its index. */
  readonly nodes: Uint32Array
  /** Metres of coastline. */
  readonly lengths: Float32Array
  /** 1 + index in `countries`, 0 for none. */
  readonly countryOf: Uint32Array
  readonly countries: readonly Country[]
  /** Metres of coastline within the grid that no coastal cell is near to. */
  readonly leftMetres: number
}

/** Cells between two nodes along the farther axis. */
function cellsBetween(a: number, b: number, grid: Grid): number {
  const columns = columnsOf(grid)
  const across = Math.abs((a % columns) - (b % columns))
  const wrapped = grid.isPeriodic ? Math.min(across, columns - across) : across
  return Math.max(wrapped, Math.abs(Math.floor(a / columns) - Math.floor(b / columns)))
}

/** Lengths from one tracing and countries from another, which may be the same. */
export function coastalCells(
  coast: Pick<NearestCoast, 'nodes' | 'cellOf'>,
  grid: Grid,
  traced: Tracing,
  named: Tracing
): CellTable {
  const { nodes } = coast
  const metres = new Float64Array(nodes.length)
  let leftMetres = 0
  traced.nodes.forEach((node, piece) => {
    const number = coast.cellOf(node)
    const length = traced.lengthMetres[piece] ?? 0
    const isNear = cellsBetween(node, nodes[number] ?? 0, grid) <= PIECE_CELLS_MAX
    if (nodes.length > 0 && isNear) metres[number] = (metres[number] ?? 0) + length
    else leftMetres += length
  })
  const countryAt = countryFinder(named, grid)
  const found = Uint16Array.from(nodes, countryAt)
  const used = [...new Set(found)].filter((country) => country > 0).sort((a, b) => a - b)
  const places = new Map(used.map((country, index) => [country, index + 1]))
  return {
    nodes,
    lengths: Float32Array.from(metres),
    countryOf: Uint32Array.from(found, (country) => places.get(country) ?? 0),
    countries: used.flatMap((country) => named.shoreline.countries[country - 1] ?? []),
    leftMetres
  }
}

/** Finds the country with most coast around a node, nearest first; 0 for none. */
function countryFinder(tracing: Tracing, grid: Grid): (node: number) => number {
  const metres = new Map<number, number>()
  const add = (piece: number): void => {
    const country = countryOfPiece(tracing, piece)
    const length = tracing.lengthMetres[piece] ?? 0
    if (country > 0) metres.set(country, (metres.get(country) ?? 0) + length)
  }
  return (node) => {
    for (let reach = 0; reach <= COUNTRY_CELLS_MAX; reach++) {
      metres.clear()
      forPiecesAround(tracing.byNode, grid, node, reach, add)
      if (metres.size === 0) continue
      const [most] = [...metres].sort(([a, x], [b, y]) => y - x || a - b)
      return most?.[0] ?? 0
    }
    return 0
  }
}

/** The table as content: raw little-endian blocks. */
export async function storeCells(table: CellTable, put: Put): Promise<CoastalCells> {
  const cut = async (values: Uint32Array | Float32Array): Promise<CID[]> => {
    const links: CID[] = []
    for (let from = 0; from < values.length; from += COASTAL_CELLS_PER_BLOCK) {
      const block = toRawBlock(littleEndian(values.slice(from, from + COASTAL_CELLS_PER_BLOCK)))
      await put(block)
      links.push(block.cid)
    }
    return links
  }
  return {
    nodes: await cut(table.nodes),
    lengths: await cut(table.lengths),
    countryOf: await cut(table.countryOf),
    countries: table.countries.map(({ id, name }) => ({ id, name }))
  }
}

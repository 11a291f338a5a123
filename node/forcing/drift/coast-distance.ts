/**
 * Where the coast is, from every node: metres to the coastline and the number of the nearest
 * coastal cell. A coastal cell is a land node with sea among its eight neighbours; the coastline
 * lies half-way between land and sea nodes. Offsets to the nearest land travel from node to node in
 * four sweeps (Danielsson 1980, doi:10.1016/0146-664X(80)90054-4) and are measured by the metric of
 * the node they reach: exact to a part of a cell near the coast, where it matters. Where a
 * coastline is at hand it says where between the nodes the coast is.
 */
import type { NodeMetric } from '../grids/node-metric.ts'

/** Far inland, where no particle is. */
const INLAND_METRES = -1e6
/** Farther from land than this, in cells, a coastline makes no difference. */
const SHORE_CELLS = 2
/** No coast in the data. */
const NO_COAST_METRES = 1e9
const NOWHERE = 0x7fff

interface CoastGrid {
  readonly rows: number
  readonly columns: number
  readonly isPeriodic: boolean
  readonly metric: NodeMetric
}

export interface CoastFields {
  /** Metres to the coastline, negative on land. */
  readonly distance: Float32Array
  /** Number of the nearest coastal cell. */
  readonly cell: Uint32Array
  /** Node of each coastal cell. */
  readonly nodes: Uint32Array
}

/** Offsets in cells from every node to its nearest seed, NOWHERE where there is none. */
class Offsets {
  readonly #grid: CoastGrid
  readonly dx: Int16Array
  readonly dy: Int16Array

  constructor(grid: CoastGrid, seeds: readonly number[]) {
    this.#grid = grid
    this.dx = new Int16Array(grid.rows * grid.columns).fill(NOWHERE)
    this.dy = new Int16Array(grid.rows * grid.columns).fill(NOWHERE)
    for (const node of seeds) this.dx[node] = this.dy[node] = 0
  }

  /** Takes over what a neighbour knows where that is nearer. */
  #learn(column: number, row: number, stepX: number, stepY: number): void {
    const { rows, columns, isPeriodic, metric } = this.#grid
    const y = row + stepY
    const beside = column + stepX
    const x = isPeriodic ? (beside + columns) % columns : beside
    if (x < 0 || x >= columns || y < 0 || y >= rows) return
    const from = y * columns + x
    const theirX = this.dx[from] ?? NOWHERE
    if (theirX === NOWHERE) return
    const node = row * columns + column
    const dx = theirX + stepX
    const dy = (this.dy[from] ?? 0) + stepY
    const ownX = this.dx[node] ?? NOWHERE
    if (ownX !== NOWHERE) {
      const own = metric.length2(node, ownX, this.dy[node] ?? 0)
      if (!(metric.length2(node, dx, dy) < own)) return
    }
    this.dx[node] = dx
    this.dy[node] = dy
  }

  #sweepRow(row: number, stepY: number): void {
    const { columns } = this.#grid
    for (let column = 0; column < columns; column++) {
      for (const stepX of [-1, 0, 1]) this.#learn(column, row, stepX, stepY)
      this.#learn(column, row, -1, 0)
    }
    for (let column = columns - 1; column >= 0; column--) this.#learn(column, row, 1, 0)
  }

  spread(): this {
    const { rows, isPeriodic } = this.#grid
    // Around a globe what leaves on one side comes back on the other in a second round.
    for (let round = 0; round < (isPeriodic ? 2 : 1); round++) {
      for (let row = 0; row < rows; row++) this.#sweepRow(row, -1)
      for (let row = rows - 1; row >= 0; row--) this.#sweepRow(row, 1)
    }
    return this
  }
}

/** Land nodes beside the sea, in C order. */
function coastalNodes(land: Uint8Array, { rows, columns, isPeriodic }: CoastGrid): number[] {
  const isSea = (column: number, row: number): boolean => {
    if (row < 0 || row >= rows) return false
    const x = isPeriodic ? (column + columns) % columns : column
    return x >= 0 && x < columns && land[row * columns + x] === 0
  }
  const found: number[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (land[row * columns + column] !== 1) continue
      const around = [-1, 0, 1].some((dy) => [-1, 0, 1].some((dx) => isSea(column + dx, row + dy)))
      if (around) found.push(row * columns + column)
    }
  }
  return found
}

/** Metres from a coastal node to its nearest sea. */
function inland(land: Uint8Array, grid: CoastGrid, node: number): number {
  const { rows, columns, isPeriodic, metric } = grid
  const row = Math.floor(node / columns)
  const column = node % columns
  let least = Infinity
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const x = isPeriodic ? (column + dx + columns) % columns : column + dx
      const isOn = x >= 0 && x < columns && row + dy >= 0 && row + dy < rows
      if (!isOn || land[(row + dy) * columns + x] !== 0) continue
      least = Math.min(least, metric.length2(node, dx, dy))
    }
  }
  return Math.sqrt(least)
}

/**
 * `land`: 0 sea, 1 land, others neither, per node in C order. `shoreMetres`: how far a coastline is
 * from a node, undefined where it is far; the coast stays between sea and land nodes.
 */
export function measureCoast(
  land: Uint8Array,
  grid: CoastGrid,
  shoreMetres: (node: number) => number | undefined = () => undefined
): CoastFields {
  const { columns, metric } = grid
  const coastal = coastalNodes(land, grid)
  const distance = new Float32Array(land.length).fill(NO_COAST_METRES)
  const cell = new Uint32Array(land.length)
  if (coastal.length === 0) return { distance, cell, nodes: Uint32Array.of() }
  const { dx, dy } = new Offsets(grid, coastal).spread()
  // Coastal cells are nearest to themselves: whoever comes later finds their numbers in place.
  for (const [number, node] of coastal.entries()) cell[node] = number
  for (let node = 0; node < land.length; node++) {
    const x = dx[node] ?? NOWHERE
    if (x === NOWHERE) continue
    const y = dy[node] ?? 0
    const column = ((node % columns) + x + columns) % columns
    cell[node] = cell[(Math.floor(node / columns) + y) * columns + column] ?? 0
    const cells = Math.max(Math.abs(x), Math.abs(y))
    if (land[node] === 1) {
      distance[node] = INLAND_METRES
      continue
    }
    const toLand = Math.sqrt(metric.length2(node, x, y))
    const shore = cells <= SHORE_CELLS ? shoreMetres(node) : undefined
    // Without a coastline all but half of the last cell is water.
    distance[node] = shore === undefined ? toLand * (1 - 0.5 / cells) : Math.min(shore, toLand)
  }
  for (const node of coastal) {
    const toSea = inland(land, grid, node)
    distance[node] = -Math.min(shoreMetres(node) ?? toSea / 2, toSea)
  }
  return { distance, cell, nodes: Uint32Array.from(coastal) }
}

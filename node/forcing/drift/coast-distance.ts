/**
 * Where the coast is, from every node: metres to the coastline and the number of the nearest
 * coastal cell. A coastal cell is a land node with sea among its eight neighbours; the coastline
 * lies half-way between land and sea nodes. Offsets to the nearest land travel from node to node in
 * four sweeps (Danielsson 1980, doi:10.1016/0146-664X(80)90054-4) and are measured by the metric of
 * the node they reach: exact to a part of a cell near the coast, where it matters. Where a
 * coastline is at hand it says where between the nodes the coast is. The offsets are all that is
 * kept of a grid; what follows from them is made by rows, as it is wanted.
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

/** Offsets in cells from every node to its nearest seed, NOWHERE where there is none. */
class Offsets {
  readonly #grid: CoastGrid
  readonly dx: Int16Array
  readonly dy: Int16Array

  constructor(grid: CoastGrid, seeds: Uint32Array) {
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
function coastalNodes(land: Uint8Array, { rows, columns, isPeriodic }: CoastGrid): Uint32Array {
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
  return Uint32Array.from(found)
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

/** Metres from a node to a coastline, undefined where it is far. */
export type ShoreMetres = (node: number) => number | undefined

/** `land`: 0 sea, 1 land, others neither, per node in C order. */
export class NearestCoast {
  /** Node of each coastal cell, ascending: a cell's number is its index. */
  readonly nodes: Uint32Array
  readonly #land: Uint8Array
  readonly #grid: CoastGrid
  readonly #dx: Int16Array
  readonly #dy: Int16Array
  /** Number of the first coastal cell of each row, and of all. */
  readonly #rowStarts: Uint32Array

  constructor(land: Uint8Array, grid: CoastGrid) {
    this.#land = land
    this.#grid = grid
    this.nodes = coastalNodes(land, grid)
    const { dx, dy } = new Offsets(grid, this.nodes).spread()
    this.#dx = dx
    this.#dy = dy
    this.#rowStarts = new Uint32Array(grid.rows + 1)
    for (const node of this.nodes) {
      const next = Math.floor(node / grid.columns) + 1
      this.#rowStarts[next] = (this.#rowStarts[next] ?? 0) + 1
    }
    for (let row = 0; row < grid.rows; row++) {
      this.#rowStarts[row + 1] = (this.#rowStarts[row + 1] ?? 0) + (this.#rowStarts[row] ?? 0)
    }
  }

  /** Number of the coastal cell nearest to a node; 0 where there is none. */
  cellOf(node: number): number {
    const x = this.#dx[node] ?? NOWHERE
    if (x === NOWHERE) return 0
    const { columns } = this.#grid
    const column = ((((node % columns) + x) % columns) + columns) % columns
    const row = Math.floor(node / columns) + (this.#dy[node] ?? 0)
    const nearest = row * columns + column
    let low = this.#rowStarts[row] ?? 0
    let high = this.#rowStarts[row + 1] ?? 0
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.nodes[middle] ?? 0) < nearest) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Nodes (ascending) where it matters how far a coastline is: coastal cells, the sea beside. */
  shoreNodes(): Uint32Array {
    const isBeside = (node: number): boolean => {
      const cells = this.#cells(node)
      return cells === 0 || (cells <= SHORE_CELLS && this.#land[node] !== 1)
    }
    let count = 0
    for (let node = 0; node < this.#land.length; node++) if (isBeside(node)) count++
    const found = new Uint32Array(count)
    let at = 0
    for (let node = 0; node < this.#land.length; node++) if (isBeside(node)) found[at++] = node
    return found
  }

  /** Cells to the nearest coastal cell. */
  #cells(node: number): number {
    return Math.max(Math.abs(this.#dx[node] ?? NOWHERE), Math.abs(this.#dy[node] ?? NOWHERE))
  }

  /** Metres to the coastline, negative on land; it stays between sea and land nodes. */
  #distance(node: number, shoreMetres: ShoreMetres): number {
    const dx = this.#dx[node] ?? NOWHERE
    if (dx === NOWHERE) return NO_COAST_METRES
    const cells = this.#cells(node)
    if (cells === 0) {
      const toSea = inland(this.#land, this.#grid, node)
      return -Math.min(shoreMetres(node) ?? toSea / 2, toSea)
    }
    if (this.#land[node] === 1) return INLAND_METRES
    const toLand = Math.sqrt(this.#grid.metric.length2(node, dx, this.#dy[node] ?? 0))
    const shore = cells <= SHORE_CELLS ? shoreMetres(node) : undefined
    // Without a coastline all but half of the last cell is water.
    return shore === undefined ? toLand * (1 - 0.5 / cells) : Math.min(shore, toLand)
  }

  /** Distances of whole rows. */
  distances(
    firstRow: number,
    rowCount: number,
    shoreMetres: ShoreMetres = () => undefined
  ): Float32Array {
    const first = firstRow * this.#grid.columns
    const distances = new Float32Array(rowCount * this.#grid.columns)
    for (let index = 0; index < distances.length; index++) {
      distances[index] = this.#distance(first + index, shoreMetres)
    }
    return distances
  }

  /** Numbers of the nearest coastal cells of whole rows. */
  cells(firstRow: number, rowCount: number): Uint32Array {
    const first = firstRow * this.#grid.columns
    const cells = new Uint32Array(rowCount * this.#grid.columns)
    for (let index = 0; index < cells.length; index++) cells[index] = this.cellOf(first + index)
    return cells
  }
}

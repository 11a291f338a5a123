/** Pieces of a coastline by the nodes they lie at, in the order of their numbers at each. */
import { columnsOf, type Grid, rowsOf } from '../meaning/grid.ts'

export interface PieceOrder {
  /** Pieces by node, and within a node ascending. */
  readonly pieces: Int32Array
  /** Their nodes: ascending. */
  readonly nodes: Int32Array
  /** Where the pieces of each row begin, and the end of the last. */
  readonly rowStarts: Int32Array
}

/** Nodes and pieces have at most this many numbers each: together they are exact in a double. */
const PIECES = 2 ** 27

/** `nodes`: of each piece. */
export function orderByNode(nodes: Int32Array, grid: Grid): PieceOrder {
  const keys = new Float64Array(nodes.length)
  for (let piece = 0; piece < keys.length; piece++)
    keys[piece] = (nodes[piece] ?? 0) * PIECES + piece
  keys.sort()
  const order = new Int32Array(nodes.length)
  const sorted = new Int32Array(nodes.length)
  for (let at = 0; at < keys.length; at++) {
    const node = Math.floor((keys[at] ?? 0) / PIECES)
    sorted[at] = node
    order[at] = (keys[at] ?? 0) - node * PIECES
  }
  const [rows, columns] = [rowsOf(grid), columnsOf(grid)]
  const rowStarts = new Int32Array(rows + 1).fill(nodes.length)
  for (let at = nodes.length - 1; at >= 0; at--) {
    rowStarts[Math.floor((sorted[at] ?? 0) / columns)] = at
  }
  // A row without pieces begins where the next one does.
  for (let row = rows - 1; row >= 0; row--) {
    rowStarts[row] = Math.min(rowStarts[row] ?? 0, rowStarts[row + 1] ?? 0)
  }
  return { pieces: order, nodes: sorted, rowStarts }
}

/** Visits the pieces around a node: within `reach` nodes along rows and columns. */
export function forPiecesAround(
  order: PieceOrder,
  grid: Grid,
  node: number,
  reach: number,
  visit: (piece: number) => void
): void {
  const [rows, columns] = [rowsOf(grid), columnsOf(grid)]
  const row = Math.floor(node / columns)
  const column = node % columns
  for (let y = Math.max(row - reach, 0); y <= Math.min(row + reach, rows - 1); y++) {
    const [west, east] = [column - reach, column + reach]
    // Around the globe what lies beyond one side is at the other: in the order of the columns.
    if (grid.isPeriodic && west < 0) forRow(order, y, [west + columns, columns - 1], columns, visit)
    forRow(order, y, [Math.max(west, 0), Math.min(east, columns - 1)], columns, visit)
    if (grid.isPeriodic && east >= columns) forRow(order, y, [0, east - columns], columns, visit)
  }
}

function forRow(
  { pieces, nodes, rowStarts }: PieceOrder,
  row: number,
  [first, last]: readonly [number, number],
  columns: number,
  visit: (piece: number) => void
): void {
  let low = rowStarts[row] ?? 0
  let high = rowStarts[row + 1] ?? 0
  const end = high
  while (low < high) {
    const middle = (low + high) >> 1
    if ((nodes[middle] ?? 0) < row * columns + first) low = middle + 1
    else high = middle
  }
  const lastNode = row * columns + last
  for (let at = low; at < end && (nodes[at] ?? 0) <= lastNode; at++) visit(pieces[at] ?? 0)
}

/**
 * Where particles of a first forecast start: at sea, far from land, from the edge of the data and
 * from holes, spread over the basin. Everything follows from the data, ties go to the lower index.
 */
import { columnsOf, type Grid, rowsOf } from '../meaning/grid.ts'

/** Enough to see the whole basin move, few enough to read in the file. */
const POINTS_MAX = 8
/** Points keep at least this many cells between them. */
const SEPARATION_CELLS_MIN = 3
/** Best clearance is not everything: nodes with this share of it are good enough. */
const CLEARANCE_SHARE = 0.7

/** Cells (counted as a king moves) from each node to the nearest that cannot be used. */
function clearance(isUsable: Uint8Array, grid: Grid): Uint16Array {
  const columns = columnsOf(grid)
  const rows = rowsOf(grid)
  const cells = new Uint16Array(isUsable.length)
  let front: number[] = []
  for (let node = 0; node < isUsable.length; node++) {
    if (isUsable[node] === 0) continue
    const row = Math.floor(node / columns)
    const column = node % columns
    const isEdge =
      row === 0 ||
      row === rows - 1 ||
      (!grid.isPeriodic && (column === 0 || column === columns - 1)) ||
      neighbours(node, grid).some((next) => isUsable[next] === 0)
    if (!isEdge) continue
    cells[node] = 1
    front.push(node)
  }
  for (let distance = 2; front.length > 0; distance++) {
    const reached: number[] = []
    for (const node of front) {
      for (const next of neighbours(node, grid)) {
        if (isUsable[next] === 0 || cells[next] !== 0) continue
        cells[next] = distance
        reached.push(next)
      }
    }
    front = reached
  }
  return cells
}

function neighbours(node: number, grid: Grid): number[] {
  const columns = columnsOf(grid)
  const rows = rowsOf(grid)
  const row = Math.floor(node / columns)
  const column = node % columns
  const found: number[] = []
  for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
    for (let dx = -1; dx <= 1; dx++) {
      const x = grid.isPeriodic ? (column + dx + columns) % columns : column + dx
      if (x >= 0 && x < columns && y * columns + x !== node) found.push(y * columns + x)
    }
  }
  return found
}

/** Nodes chosen by greatest clearance first, then farthest from those already chosen. */
export function choosePoints(isUsable: Uint8Array, grid: Grid): number[] {
  const columns = columnsOf(grid)
  const cells = clearance(isUsable, grid)
  const most = cells.reduce((greatest, value) => Math.max(greatest, value), 0)
  if (most === 0) return []
  const good = Array.from(cells.keys()).filter(
    (node) => (cells[node] ?? 0) >= Math.max(1, most * CLEARANCE_SHARE)
  )
  const chosen = [cells.indexOf(most)]
  const apart = (a: number, b: number): number => {
    const dx = Math.abs((a % columns) - (b % columns))
    const east = grid.isPeriodic ? Math.min(dx, columns - dx) : dx
    return Math.max(east, Math.abs(Math.floor(a / columns) - Math.floor(b / columns)))
  }
  while (chosen.length < POINTS_MAX) {
    let best = -1
    let bestApart = SEPARATION_CELLS_MIN - 1
    for (const node of good) {
      const least = Math.min(...chosen.map((other) => apart(node, other)))
      if (least > bestApart) {
        best = node
        bestApart = least
      }
    }
    if (best < 0) return chosen
    chosen.push(best)
  }
  return chosen
}

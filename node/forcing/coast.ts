/**
 * Land and its edge. A node that is missing in every slice is land. One ring of land nodes gets
 * the inverse-distance mean of its wet neighbours, so that flow neither decays to zero at the
 * coast nor gains a direction; the rule is odd in u: flipping the sign of a field flips the track.
 */
import { HOLE } from '../../protocol/forcing.ts'

export interface Coast {
  readonly land: Uint8Array
  /** Land nodes with at least one sea node among their eight neighbours. */
  readonly ring: readonly RingNode[]
}

interface RingNode {
  readonly node: number
  readonly neighbours: readonly { readonly node: number; readonly weight: number }[]
}

interface CoastGrid {
  readonly rows: number
  readonly columns: number
  readonly isPeriodic: boolean
  /** Cells per metre, four per node (protocol/forcing.ts). */
  readonly metric: Float32Array
}

export function findCoast(land: Uint8Array, grid: CoastGrid): Coast {
  const ring: RingNode[] = []
  for (let node = 0; node < land.length; node++) {
    if (land[node] === 0) continue
    const neighbours = wetNeighbours(node, land, grid)
    if (neighbours.length > 0) ring.push({ node, neighbours })
  }
  return { land, ring }
}

function wetNeighbours(node: number, land: Uint8Array, grid: CoastGrid): RingNode['neighbours'] {
  const { rows, columns, isPeriodic, metric } = grid
  const row = Math.floor(node / columns)
  const column = node % columns
  const north = cellMetres(metric[4 * node + 3])
  const across = metric[4 * node] === 0 ? north : cellMetres(metric[4 * node])
  // Metres along the columns' direction of one row: rows need not be square to columns.
  const lean = -(metric[4 * node + 1] ?? 0) * across * north
  const neighbours: { node: number; weight: number }[] = []
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const x = isPeriodic ? (column + dx + columns) % columns : column + dx
      const y = row + dy
      if (x < 0 || x >= columns || y < 0 || y >= rows || land[y * columns + x] !== 0) continue
      const right = dx * across + dy * lean
      const up = dy * north
      neighbours.push({ node: y * columns + x, weight: 1 / Math.sqrt(right * right + up * up) })
    }
  }
  return neighbours
}

/** A node without a metric (at a pole, without neighbours) has cells of some size. */
const cellMetres = (cellsPerMetre = 0): number => (cellsPerMetre === 0 ? 1 : 1 / cellsPerMetre)

/**
 * Makes one component fit to be content, in place: land without a value gets its neighbours' mean
 * (0 away from the coast), sea without one becomes a hole.
 */
export function fillCoast(values: Float32Array, { land, ring }: Coast): void {
  const filled = ring.map(({ node, neighbours }) => {
    const own = values[node] ?? Number.NaN
    if (!Number.isNaN(own)) return own
    let sum = 0
    let weights = 0
    for (const neighbour of neighbours) {
      const value = values[neighbour.node] ?? Number.NaN
      if (Number.isNaN(value)) continue
      sum += neighbour.weight * value
      weights += neighbour.weight
    }
    return weights === 0 ? HOLE : sum / weights
  })
  for (let node = 0; node < values.length; node++) {
    if (Number.isNaN(values[node])) values[node] = land[node] === 0 ? HOLE : 0
  }
  ring.forEach(({ node }, index) => {
    values[node] = filled[index] ?? HOLE
  })
}

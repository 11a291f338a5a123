/**
 * Land and its edge. A node that is missing in every slice is land. One ring of land nodes gets
 * the inverse-distance mean of its wet neighbours, so that flow neither decays to zero at the
 * coast nor gains a direction; the rule is odd in u: flipping the sign of a field flips the track.
 */
import { HOLE } from '../../protocol/forcing.ts'
import type { NodeMetric } from './grids/node-metric.ts'

export interface Coast {
  readonly land: Uint8Array
  readonly ring: Ring
}

/** Land nodes with sea among their eight neighbours; those of ring node i lie in [starts[i], …). */
interface Ring {
  readonly nodes: Uint32Array
  readonly starts: Uint32Array
  readonly neighbours: Uint32Array
  readonly weights: Float64Array
}

interface CoastGrid {
  readonly rows: number
  readonly columns: number
  readonly isPeriodic: boolean
  readonly metric: NodeMetric
}

export function findCoast(land: Uint8Array, grid: CoastGrid): Coast {
  const nodes: number[] = []
  const starts = [0]
  const neighbours: number[] = []
  const weights: number[] = []
  for (let node = 0; node < land.length; node++) {
    if (land[node] === 0) continue
    wetNeighbours(node, land, grid, (neighbour, weight) => {
      neighbours.push(neighbour)
      weights.push(weight)
    })
    if (neighbours.length === starts.at(-1)) continue
    nodes.push(node)
    starts.push(neighbours.length)
  }
  const ring = {
    nodes: Uint32Array.from(nodes),
    starts: Uint32Array.from(starts),
    neighbours: Uint32Array.from(neighbours),
    weights: Float64Array.from(weights)
  }
  return { land, ring }
}

function wetNeighbours(
  node: number,
  land: Uint8Array,
  { rows, columns, isPeriodic, metric }: CoastGrid,
  found: (neighbour: number, weight: number) => void
): void {
  const row = Math.floor(node / columns)
  const column = node % columns
  const north = cellMetres(metric.at(node, 3))
  const across = metric.at(node, 0) === 0 ? north : cellMetres(metric.at(node, 0))
  // Metres along the columns' direction of one row: rows need not be square to columns.
  const lean = -metric.at(node, 1) * across * north
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const x = isPeriodic ? (column + dx + columns) % columns : column + dx
      const y = row + dy
      if (x < 0 || x >= columns || y < 0 || y >= rows || land[y * columns + x] !== 0) continue
      const right = dx * across + dy * lean
      const up = dy * north
      found(y * columns + x, 1 / Math.sqrt(right * right + up * up))
    }
  }
}

/** A node without a metric (at a pole, without neighbours) has cells of some size. */
const cellMetres = (cellsPerMetre = 0): number => (cellsPerMetre === 0 ? 1 : 1 / cellsPerMetre)

/** What the nodes of the ring get: their own value, else the mean of their neighbours. */
function ringOf(values: Float32Array, ring: Ring): Float64Array {
  const { nodes, starts, neighbours, weights } = ring
  const filled = new Float64Array(nodes.length)
  for (let index = 0; index < nodes.length; index++) {
    const own = values[nodes[index] ?? 0] ?? Number.NaN
    let sum = 0
    let total = 0
    const end = starts[index + 1] ?? 0
    for (let at = starts[index] ?? 0; at < end; at++) {
      const value = values[neighbours[at] ?? 0] ?? Number.NaN
      if (Number.isNaN(value)) continue
      const weight = weights[at] ?? 0
      sum += weight * value
      total += weight
    }
    filled[index] = Number.isNaN(own) ? (total === 0 ? HOLE : sum / total) : own
  }
  return filled
}

/**
 * Makes one component fit to be content, in place: land without a value gets its neighbours' mean
 * (0 away from the coast), sea without one becomes a hole.
 */
export function fillCoast(values: Float32Array, { land, ring }: Coast): void {
  const filled = ringOf(values, ring)
  for (let node = 0; node < values.length; node++) {
    if (Number.isNaN(values[node])) values[node] = land[node] === 0 ? HOLE : 0
  }
  for (let index = 0; index < filled.length; index++) {
    values[ring.nodes[index] ?? 0] = filled[index] ?? HOLE
  }
}

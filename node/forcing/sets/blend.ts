/**
 * Several data sets as the one series of a role. The first named counts most: where it has a value
 * it is used, along its edge it gives way to the next over a margin of cells, and where or when it
 * has none the next stands alone. Only `+ - * /` touch a value; times are those of all sets,
 * between which each set is linear, as it would be alone.
 */
import { columnsOf, type Grid, isNodeGrid, rowsOf } from '../meaning/grid.ts'
import type { Series } from '../series.ts'
import type { Slice } from '../slice.ts'
import type { Layer } from './layer.ts'

/** The series that layers, in order of priority, make together on one grid. */
export function blended(layers: readonly Layer[], grid: Grid): Series {
  const [first] = layers
  if (first === undefined) throw new Error('a role has at least one data set')
  const all = layers.flatMap(({ timed }) => timed.stands.map(({ seconds }) => seconds))
  const times = [...new Set(all)].sort((a, b) => a - b)
  const size = rowsOf(grid) * columnsOf(grid)
  const land = landOf(layers, size)
  const coverage = Float32Array.from({ length: size }, (_, node) =>
    layers.some((layer) => layer.isCovered(node)) ? 1 : 0
  )
  return {
    role: first.series.role,
    grid,
    isAlongGrid: isNodeGrid(grid),
    coverage,
    times,
    variables: [...new Set(layers.flatMap(({ series }) => series.variables))],
    notes: layers.flatMap(({ series, timed }) => [...series.notes, ...timed.notes]),
    read: async (timeIndex) => mixed(layers, land, times[timeIndex] ?? Number.NaN),
    close: async () => {
      for (const { series } of layers) await series.close()
    }
  }
}

/** The first set that covers a node and whose missing values mean land decides. */
function landOf(layers: readonly Layer[], size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, node) => {
    const decides = layers.find((layer) => layer.land.length > 0 && layer.isCovered(node))
    return decides?.land[node] ?? 0
  })
}

/** Weighted sums at every node, as one set after the other takes its share of what is left. */
class Shares {
  readonly #u: Float64Array
  readonly #v: Float64Array
  readonly #taken: Float64Array
  readonly #left: Float64Array

  constructor(size: number) {
    this.#u = new Float64Array(size)
    this.#v = new Float64Array(size)
    this.#taken = new Float64Array(size)
    this.#left = new Float64Array(size).fill(1)
  }

  take(node: number, share: number, u: number, v: number): void {
    const weight = share * (this.#left[node] ?? 0)
    this.#u[node] = (this.#u[node] ?? 0) + weight * u
    this.#v[node] = (this.#v[node] ?? 0) + weight * v
    this.#taken[node] = (this.#taken[node] ?? 0) + weight
    this.#left[node] = (this.#left[node] ?? 0) - weight
  }

  /** The mean of what was taken; NaN where nothing was. */
  mean(): Slice {
    const of = (sums: Float64Array): Float32Array =>
      Float32Array.from(sums, (sum, node) => {
        const taken = this.#taken[node] ?? 0
        return taken === 0 ? Number.NaN : sum / taken
      })
    return { u: of(this.#u), v: of(this.#v) }
  }
}

async function mixed(layers: readonly Layer[], land: Uint8Array, seconds: number): Promise<Slice> {
  const shares = new Shares(land.length)
  for (const { weights, at } of layers) {
    const slice = await at(seconds)
    slice?.u.forEach((u, node) => {
      if (Number.isNaN(u) || land[node] === 1) return
      const share = Math.max(weights[node] ?? 0, LEAST_WEIGHT)
      shares.take(node, share, u, slice.v[node] ?? Number.NaN)
    })
  }
  return shares.mean()
}

/** Share of a set where it has a value beyond its last node: it counts if nothing else does. */
const LEAST_WEIGHT = 1e-6

/**
 * Several data sets as the one series of a role. The first named counts most: where it has a value
 * it is used, along its edge it gives way to the next over a margin of cells, and where or when it
 * has none the next stands alone. Only `+ - * /` touch a value; times are those of all sets, between
 * which each set is linear, as it would be alone.
 */
import { columnsOf, type Grid, isNodeGrid, rowsOf } from '../meaning/grid.ts'
import type { Series } from '../series.ts'
import type { Slice } from '../slice.ts'
import type { Layer } from './layer.ts'

/** The series that layers, in order of priority, make together on the grid they are all brought to. */
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

async function mixed(
  layers: readonly Layer[],
  land: Uint8Array,
  seconds: number
): Promise<Slice> {
  const size = land.length
  const out: Slice = { u: new Float32Array(size), v: new Float32Array(size) }
  const sum = { u: new Float64Array(size), v: new Float64Array(size) }
  const taken = new Float64Array(size)
  const left = new Float64Array(size).fill(1)
  for (const { weights, at } of layers) {
    const slice = await at(seconds)
    if (slice === undefined) continue
    for (let node = 0; node < size; node++) {
      const u = slice.u[node] ?? Number.NaN
      if (Number.isNaN(u) || land[node] === 1) continue
      // A set reaches a part of a cell beyond its last node; it counts there if nothing else does.
      const weight = Math.max(weights[node] ?? 0, LEAST_WEIGHT) * (left[node] ?? 0)
      sum.u[node] = (sum.u[node] ?? 0) + weight * u
      sum.v[node] = (sum.v[node] ?? 0) + weight * (slice.v[node] ?? 0)
      taken[node] = (taken[node] ?? 0) + weight
      left[node] = (left[node] ?? 0) - weight
    }
  }
  for (let node = 0; node < size; node++) {
    const share = taken[node] ?? 0
    out.u[node] = share === 0 ? Number.NaN : (sum.u[node] ?? 0) / share
    out.v[node] = share === 0 ? Number.NaN : (sum.v[node] ?? 0) / share
  }
  return out
}

/** Of a node that a set has a value at though its edge begins there. */
const LEAST_WEIGHT = 1e-6

/**
 * One data set of several that serve a role: its values on the forecast's grid at any time it
 * knows, and how much it counts at every node. It counts in full but for a margin along its edge,
 * where the next set takes over cell by cell.
 */
import type { Metric } from '../../../kernel/kernel.ts'
import { mapTo } from '../grids/grid-content.ts'
import type { Regrid } from '../grids/regrid.ts'
import { columnsOf, type Grid, rowsOf } from '../meaning/grid.ts'
import type { Series } from '../series.ts'
import type { Slice } from '../slice.ts'
import type { ForcingSource } from '../source.ts'
import { countSeen, slicesOf, type Watch } from '../stages.ts'
import { defaultGap } from '../window.ts'
import { type Timed, timesBy } from './time-rule.ts'

/** Cells of the forecast's grid over which a set gives way to the next at its edge. */
const BLEND_CELLS = 4
/** Slices kept: those before and after the present time. */
const KEPT_SLICES = 2

export interface Layer {
  readonly series: Series
  readonly timed: Timed
  readonly maxGapSeconds: number
  /** Per node of the forecast's grid, 0 to 1: share of this set of what those before it leave. */
  readonly weights: Float32Array
  /** Nodes that are land by this set: 1. Empty for a set whose missing values are gaps. */
  readonly land: Uint8Array
  readonly isCovered: Regrid['isCovered']
  /** On the forecast's grid; undefined at times it does not know. */
  at(seconds: number): Promise<Slice | undefined>
}

export interface LayerRequest extends Watch {
  readonly metric: Metric
  readonly startSeconds: number
  readonly endSeconds: number
}

export async function makeLayer(
  series: Series,
  source: ForcingSource,
  grid: Grid,
  request: LayerRequest
): Promise<Layer> {
  const { startSeconds, endSeconds, metric } = request
  const map = mapTo(grid, series, metric)
  const { times, role } = series
  const timed = timesBy(role, times, source, [startSeconds, endSeconds])
  const isSea = role === 'current' ? await everSeen(series, map, request) : undefined
  const isGap = source.missing === 'gap'
  const size = rowsOf(grid) * columnsOf(grid)
  const nodes = Array.from({ length: size }, (_, node) => node)
  const known = Uint8Array.from(nodes, (node) =>
    map.isCovered(node) && !(isGap && isSea?.[node] === 0) ? 1 : 0
  )
  const land = Uint8Array.from(isGap || isSea === undefined ? [] : nodes, (node) =>
    known[node] === 1 && isSea?.[node] === 0 ? 1 : 0
  )
  return {
    series,
    timed,
    maxGapSeconds: source.maxGapSeconds ?? defaultGap(times),
    weights: edgeWeights(known, grid, source.blendCells ?? BLEND_CELLS),
    land,
    isCovered: map.isCovered,
    at: sampler(series, map, timed)
  }
}

/** 1 at nodes of the target where the set has a value at some time of the window. */
async function everSeen(series: Series, map: Regrid, request: LayerRequest): Promise<Uint8Array> {
  const { times } = series
  const { startSeconds, endSeconds } = request
  const firstIndex = Math.max(
    0,
    times.findLastIndex((seconds) => seconds <= startSeconds)
  )
  const after = times.findIndex((seconds) => seconds >= endSeconds)
  const last = after < 0 ? times.length : after + 1
  const window = { firstIndex, times: times.slice(firstIndex, Math.max(last, firstIndex + 1)) }
  const phase = `looking for land in ${series.role}`
  const { counts } = await countSeen(slicesOf(series, window, request, phase))
  const seen = Float32Array.from(counts, (count) => (count > 0 ? 1 : Number.NaN))
  const { u } = map.vectors({ u: seen, v: seen })
  return Uint8Array.from(u, (value) => (Number.isNaN(value) ? 0 : 1))
}

/**
 * 1, falling in equal steps over the last `margin` cells before a node without the set. The edge of
 * the forecast's grid is none: nothing takes over there.
 */
export function edgeWeights(known: Uint8Array, grid: Grid, margin: number): Float32Array {
  const besides = neighbours(grid)
  const distance = Uint16Array.from(known, (isKnown) => (isKnown === 1 ? margin + 1 : 0))
  for (let step = 1; step <= margin; step++) {
    const nearer = Uint16Array.from(distance)
    for (let node = 0; node < distance.length; node++) {
      if ((distance[node] ?? 0) <= step) continue
      if (besides(node).some((other) => distance[other] === step - 1)) nearer[node] = step
    }
    distance.set(nearer)
  }
  return Float32Array.from(distance, (cells) => cells / (margin + 1))
}

/** The up to eight nodes around a node, and itself. */
function neighbours(grid: Grid): (node: number) => number[] {
  const [rows, columns] = [rowsOf(grid), columnsOf(grid)]
  return (node) => {
    const row = Math.floor(node / columns)
    const found: number[] = []
    for (let beside = 0; beside < 9; beside++) {
      const y = row + Math.floor(beside / 3) - 1
      const wanted = (node % columns) + (beside % 3) - 1
      const x = grid.isPeriodic ? (wanted + columns) % columns : wanted
      if (y >= 0 && y < rows && x >= 0 && x < columns) found.push(y * columns + x)
    }
    return found
  }
}

function sampler(series: Series, map: Regrid, { stands, gaps }: Timed): Layer['at'] {
  const kept = new Map<number, Slice>()
  const sliceOf = async (index: number): Promise<Slice> => {
    const slice = kept.get(index) ?? map.vectors(await series.read(index))
    kept.delete(index)
    kept.set(index, slice)
    const [oldest] = kept.keys()
    if (kept.size > KEPT_SLICES && oldest !== undefined) kept.delete(oldest)
    return slice
  }
  return async (seconds) => {
    const before = stands.findLastIndex((stand) => stand.seconds <= seconds)
    const from = stands[before]
    if (from === undefined) return undefined
    if (from.seconds === seconds) return sliceOf(from.index)
    const to = stands[before + 1]
    if (to === undefined || gaps.includes(before)) return undefined
    const share = (seconds - from.seconds) / (to.seconds - from.seconds)
    return between(await sliceOf(from.index), await sliceOf(to.index), share)
  }
}

/** Linear in time, missing where either is. */
function between(a: Slice, b: Slice, share: number): Slice {
  const mix = (from: Float32Array, to: Float32Array): Float32Array =>
    from.map((value, node) => (1 - share) * value + share * (to[node] ?? Number.NaN))
  return { u: mix(a.u, b.u), v: mix(a.v, b.v) }
}

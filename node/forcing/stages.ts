/**
 * The stages slices stream through on their way to tiles: read, brought to the current's grid,
 * made fit to be content. Each holds one slice.
 */
import { HOLE } from '../../protocol/forcing.ts'
import { MeshError } from '../mesh-error.ts'
import { type Coast, fillCoast } from './coast.ts'
import type { Regrid } from './grids/regrid.ts'
import { letGo } from './let-go.ts'
import { boxOf, type Grid } from './meaning/grid.ts'
import type { Series } from './series.ts'
import type { Slice } from './slice.ts'
import type { SliceWindow } from './window.ts'

type Stage = (slices: AsyncIterable<Slice>) => AsyncIterable<Slice>

export interface Watch {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: { phase: string; done: number; total: number }) => void
}

/** Slices of a window in order of time. */
export async function* slicesOf(
  series: Series,
  { firstIndex, times }: SliceWindow,
  { signal, onProgress }: Watch,
  phase: string
): AsyncGenerator<Slice> {
  for (let index = 0; index < times.length; index++) {
    signal?.throwIfAborted()
    yield await series.read(firstIndex + index)
    onProgress?.({ phase, done: index + 1, total: times.length })
  }
}

/** A stage that does nothing. */
export const unchanged: Stage = (slices) => slices

/** At how many of the slices each node has a value. */
export interface Seen {
  readonly counts: Uint32Array | Uint8Array
  readonly sliceCount: number
}

/** As if all slices were like the first: a node is in all of two, or in none. */
export function guessFrom({ counts }: Seen): Seen {
  // `from` with a function makes a list first: 300 MB of a global grid.
  const guess = new Uint8Array(counts.length)
  for (let node = 0; node < guess.length; node++) guess[node] = counts[node] === 0 ? 0 : 2
  return { counts: guess, sliceCount: 2 }
}

/**
 * Passes slices on until one has a value where the guess has none. A node that lacks one is then
 * in one slice of the guess's two: it is known to be seen, and not always.
 */
export function asGuessed(guess: Seen): Stage {
  return async function* (slices) {
    for await (const slice of slices) {
      if (!isLike(guess, slice.u)) return
      yield slice
    }
  }
}

function isLike({ counts }: Seen, values: Float32Array): boolean {
  for (let node = 0; node < values.length; node++) {
    const count = counts[node]
    if (Number.isNaN(values[node])) {
      if (count === 2) counts[node] = 1
    } else if (count === 0) return false
  }
  return true
}

export async function countSeen(slices: AsyncIterable<Slice>): Promise<Seen> {
  let counts = new Uint32Array(0)
  let sliceCount = 0
  for await (const { u, v } of slices) {
    if (sliceCount === 0) counts = new Uint32Array(u.length)
    for (let node = 0; node < u.length; node++) {
      if (!Number.isNaN(u[node])) counts[node] = (counts[node] ?? 0) + 1
    }
    letGo(u, v)
    sliceCount++
  }
  return { counts, sliceCount }
}

/**
 * Brings a series to the forecast's grid. Where a wave model never has a value (`seen`, its land
 * and sheltered water) Stokes drift is 0, not unknown.
 */
export function onGrid(map: Regrid, seen?: Seen): Stage {
  // 0 where every corner that counts never has a value, NaN outside the wave model.
  const everSeen = seen && map.scalars(Float32Array.from(seen.counts, (n) => (n > 0 ? 1 : 0)))
  return async function* (slices) {
    for await (const slice of slices) {
      const { u, v } = map.vectors(slice)
      if (u !== slice.u) letGo(slice.u, slice.v)
      if (everSeen !== undefined) calm(u, v, everSeen)
      yield { u, v }
    }
  }
}

function calm(u: Float32Array, v: Float32Array, everSeen: Float32Array): void {
  for (let node = 0; node < u.length; node++) {
    if (Number.isNaN(u[node]) && everSeen[node] === 0) u[node] = v[node] = 0
  }
}

/** Fills the coast, marks holes and keeps the greatest speed (m/s) of every row in `fastest`. */
export function fitted(coast: Coast, fastest: Float64Array): Stage {
  const hole = Math.fround(HOLE)
  return async function* (slices) {
    for await (const { u, v } of slices) {
      fillCoast(u, coast)
      fillCoast(v, coast)
      const columns = u.length / fastest.length
      for (let row = 0; row < fastest.length; row++) {
        let most = 0
        for (let node = row * columns; node < (row + 1) * columns; node++) {
          const east = u[node] ?? 0
          const north = v[node] ?? 0
          const square = east * east + north * north
          if (square > most && east !== hole) most = square
        }
        fastest[row] = Math.max(fastest[row] ?? 0, Math.sqrt(most))
      }
      yield { u, v }
    }
  }
}

/** What a tile holds of each slice, in order. */
export async function* components(
  slices: AsyncIterable<Slice>
): AsyncGenerator<readonly Float32Array[]> {
  for await (const { u, v } of slices) yield [u, v]
}

/**
 * A sentence when a series does not reach every sea node.
 * @throws MeshError `forcing/no-overlap` when it reaches none
 */
export function coverageNote(
  { role, grid }: Pick<Series, 'role' | 'grid'>,
  map: Regrid,
  target: Grid,
  land: Uint8Array
): string | undefined {
  let seaCount = 0
  let outsideCount = 0
  land.forEach((isLand, node) => {
    if (isLand !== 0) return
    seaCount++
    if (!map.isCovered(node)) outsideCount++
  })
  if (outsideCount === 0) return undefined
  const area = `${describeBox(grid)}, the current ${describeBox(target)}`
  if (outsideCount === seaCount) {
    throw new MeshError('forcing/no-overlap', `the ${role} covers ${area}: no common sea`, {
      detail: { role }
    })
  }
  const share = ((100 * outsideCount) / seaCount).toFixed(0)
  return (
    `${role}: covers ${area}; ${share} % of the sea has no ${role}, ` +
    'particles that need it there become missing'
  )
}

/** Where a grid lies, for people. */
export function describeBox(grid: Grid): string {
  const { west, east, south, north } = boxOf(grid)
  const range = (low: number, high: number): string => `${low.toFixed(2)}..${high.toFixed(2)}`
  return `${range(west, east)} E ${range(south, north)} N`
}

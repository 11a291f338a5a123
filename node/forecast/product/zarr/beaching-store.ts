/**
 * `beaching.zarr`: who reaches which coast. Particles stranded and arrived per coastal cell, class
 * and time, the chance that a cell is reached, and which origin's particles end where.
 */
import { BeachedCounts } from '../../../../coordinator/product/beached-counts.ts'
import type { Gap } from '../../../../coordinator/product/gaps.ts'
import type { Plan } from '../../../../protocol/plan.ts'
import type { Output } from '../../../../protocol/result.ts'
import type { Coast } from '../coast.ts'
import { classVector, storeAttributes, timeVector } from './attributes.ts'
import {
  beachingArrays,
  type CoastLayout,
  cellVectors,
  coastLayoutOf,
  originVectors
} from './beaching-arrays.ts'
import {
  chunkFile,
  type FolderFile,
  storeMetadata,
  type Vector,
  valueBytes,
  vectorFiles,
  type ZarrArray
} from './zarr.ts'

const BEACHING_STORE = 'beaching.zarr'

const SUMMARY =
  'Stranded and arrived particles per coastal cell, object class and output time, mean over ' +
  'ensemble members; how likely a cell is reached; connectivity of origins and coastal cells'

export class BeachingStore {
  readonly #plan: Plan
  readonly #coast: Coast
  readonly #counts: BeachedCounts
  readonly #arrays: ReturnType<typeof beachingArrays>
  /** Stranded at the last output time, all classes, mean over members. */
  readonly #ending: Float32Array
  readonly layout: CoastLayout

  constructor(plan: Plan, coast: Coast) {
    this.#plan = plan
    this.#coast = coast
    this.layout = coastLayoutOf(plan, coast)
    const { memberCount } = plan
    this.#counts = new BeachedCounts({
      ...this.layout,
      memberCount,
      classCount: plan.classes.length
    })
    this.#arrays = beachingArrays(plan, this.layout)
    this.#ending = new Float32Array(coast.cellCount)
  }

  /** Whether connectivity is small enough to be written. */
  get #isConnected(): boolean {
    return this.layout.originsPerChunk > 0
  }

  /** Metadata and coordinates. */
  head(gaps: readonly Gap[]): FolderFile[] {
    const { arrived, connectivity, reached, stranded } = this.#arrays
    const { cellCount, originCount, timeCount } = this.layout
    const vectors: Vector[] = [
      timeVector(this.#plan, timeCount),
      classVector(this.#plan),
      ...cellVectors(cellCount, this.#coast.places),
      ...(this.#isConnected ? originVectors(this.#plan, originCount) : [])
    ]
    return [
      ...storeMetadata(BEACHING_STORE, storeAttributes(this.#plan, SUMMARY, gaps), [
        ...[stranded, arrived, reached, ...(this.#isConnected ? [connectivity] : [])],
        ...vectors.map(({ array }) => array)
      ]),
      ...vectors.flatMap((values) => vectorFiles(BEACHING_STORE, values))
    ]
  }

  add(member: number, time: number, output: Output): void {
    this.#counts.add(member, time, output.beached)
  }

  /** Files of one time chunk, which is complete and then forgotten. */
  *chunk(timeChunk: number): Iterable<FolderFile> {
    const { arrived, stranded } = this.#arrays
    for (let tile = 0; tile < this.layout.tileCount; tile += 1) {
      for (let classIndex = 0; classIndex < this.#plan.classes.length; classIndex += 1) {
        const sums = this.#counts.take(timeChunk, classIndex, tile)
        this.#keepEnding(timeChunk, tile, sums.stranded)
        const at = [classIndex, timeChunk, tile]
        yield this.#file(stranded, at, this.#meanOf(sums.stranded))
        yield this.#file(arrived, at, this.#meanOf(sums.arrived))
      }
    }
    this.#counts.drop(timeChunk)
  }

  /** Files of what is told about all times together, when they are complete. */
  *finish(): Iterable<FolderFile> {
    for (let tile = 0; tile < this.layout.tileCount; tile += 1) {
      yield this.#file(this.#arrays.reached, [tile], this.#meanOf(this.#counts.reached(tile)))
    }
    if (this.#isConnected) yield* this.#connectivity()
  }

  /** Particles stranded in each coastal cell at the end, mean over members. */
  ending(): Float32Array {
    return this.#ending
  }

  #file(array: ZarrArray, at: readonly number[], values: Float32Array): FolderFile {
    return chunkFile(BEACHING_STORE, array, at, valueBytes(values))
  }

  #meanOf(sums: Float64Array | Uint32Array): Float32Array {
    return Float32Array.from(sums, (sum) => sum / this.#plan.memberCount)
  }

  #keepEnding(timeChunk: number, tile: number, stranded: Float64Array): void {
    const { cellCount, cellsPerTile, timeCount, timesPerChunk } = this.layout
    const time = timeCount - 1 - timeChunk * timesPerChunk
    if (time < 0 || time >= timesPerChunk) return
    const first = tile * cellsPerTile
    for (let cell = 0; cell < Math.min(cellsPerTile, cellCount - first); cell += 1) {
      const mean = (stranded[time * cellsPerTile + cell] ?? 0) / this.#plan.memberCount
      this.#ending[first + cell] = (this.#ending[first + cell] ?? 0) + mean
    }
  }

  *#connectivity(): Iterable<FolderFile> {
    const { cellsPerTile, originCount, originsPerChunk, tileCount } = this.layout
    const chunks = new Map<number, Float32Array>()
    for (const { cell, count, origin } of this.#counts.connected()) {
      const tile = Math.floor(cell / cellsPerTile)
      const key = Math.floor(origin / originsPerChunk) * tileCount + tile
      const values = chunks.get(key) ?? new Float32Array(originsPerChunk * cellsPerTile)
      chunks.set(key, values)
      const place = (origin % originsPerChunk) * cellsPerTile + (cell % cellsPerTile)
      values[place] = count / this.#plan.memberCount
    }
    const { connectivity } = this.#arrays
    const empty = new Float32Array(originsPerChunk * cellsPerTile)
    for (let up = 0; up * originsPerChunk < originCount; up += 1) {
      for (let tile = 0; tile < tileCount; tile += 1) {
        yield this.#file(connectivity, [up, tile], chunks.get(up * tileCount + tile) ?? empty)
      }
    }
  }
}

/**
 * The stores of a product, fed output by output in any order and written whenever a stretch of
 * time is complete.
 */
import type { Gap } from '../../../coordinator/product/gaps.ts'
import type { TrackChunk } from '../../../coordinator/product/track-samples.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { type Output, STATUSES, type Status } from '../../../protocol/result.ts'
import type { Coast } from './coast.ts'
import { textFiles } from './folder/texts.ts'
import { hotspotFiles } from './formats/hotspots.ts'
import { layoutOf, type ProductLayout } from './layout.ts'
import { BeachingStore } from './zarr/beaching-store.ts'
import { DensityStore } from './zarr/density-store.ts'
import { TrajectoryStore } from './zarr/trajectory-store.ts'
import type { FolderFile } from './zarr/zarr.ts'

/** One position of a tracked particle; waiting particles have none. */
export interface TrackRow {
  readonly particle: number
  readonly member: number
  readonly timeSeconds: number
  readonly lon: number
  readonly lat: number
  readonly status: Status
}

export interface StoreInputs {
  readonly areasKm2: Float64Array
  /** Absent where the forcing knows none. */
  readonly coast: Coast | undefined
  readonly onTrack: ((row: TrackRow) => void) | undefined
}

export class ProductStores {
  readonly layout: ProductLayout
  readonly #plan: Plan
  readonly #density: DensityStore
  readonly #beaching: BeachingStore | undefined
  readonly #coast: Coast | undefined
  readonly #trajectories: TrajectoryStore | undefined
  readonly #onTrack: ((row: TrackRow) => void) | undefined
  #densityChunksDone = 0
  #beachingChunksDone = 0
  #trackChunksDone = 0

  constructor(plan: Plan, inputs: StoreInputs) {
    this.#plan = plan
    this.#onTrack = inputs.onTrack
    this.#coast = inputs.coast
    this.layout = layoutOf(plan)
    this.#density = new DensityStore(plan, this.layout, inputs.areasKm2)
    this.#beaching = inputs.coast && new BeachingStore(plan, inputs.coast)
    this.#trajectories =
      this.layout.trajectoryCount > 0 ? new TrajectoryStore(plan, this.layout) : undefined
  }

  /** Texts, metadata and coordinates. */
  *head(classes: Uint8Array, gaps: readonly Gap[]): Iterable<FolderFile> {
    yield* textFiles(this.#plan, { layout: this.layout, hasCoast: this.#coast !== undefined, gaps })
    yield* this.#density.head(gaps)
    if (this.#beaching !== undefined) yield* this.#beaching.head(gaps)
    if (this.#trajectories !== undefined) yield* this.#trajectories.head(classes, gaps)
  }

  add(member: number, time: number, output: Output): void {
    this.#density.add(member, time, output)
    this.#beaching?.add(member, time, output)
    this.#trajectories?.add(member, time, output)
  }

  /** Files of every time chunk that is complete once `timesDone` output times are. */
  *complete(timesDone: number): Iterable<FolderFile> {
    const { timeCount, timesPerChunk, trackTimesPerChunk } = this.layout
    const isDone = (chunksDone: number, times: number): boolean =>
      chunksDone * times < timeCount && Math.min((chunksDone + 1) * times, timeCount) <= timesDone
    while (isDone(this.#densityChunksDone, timesPerChunk)) {
      yield* this.#density.chunk(this.#densityChunksDone)
      this.#densityChunksDone += 1
    }
    const beaching = this.#beaching
    while (
      beaching !== undefined &&
      isDone(this.#beachingChunksDone, beaching.layout.timesPerChunk)
    ) {
      yield* beaching.chunk(this.#beachingChunksDone)
      this.#beachingChunksDone += 1
    }
    while (this.#trajectories !== undefined && isDone(this.#trackChunksDone, trackTimesPerChunk)) {
      const samples = this.#trajectories.take(this.#trackChunksDone)
      this.#report(this.#trackChunksDone, samples)
      yield* this.#trajectories.chunk(this.#trackChunksDone, samples)
      this.#trackChunksDone += 1
    }
  }

  /** Files that need all times, once they are complete. */
  *finish(): Iterable<FolderFile> {
    yield* this.#density.finish()
    if (this.#beaching !== undefined) yield* this.#beaching.finish()
    const places = this.#coast?.places
    const ending = this.#beaching?.ending()
    const beaching = places && ending && { places, ending }
    yield* hotspotFiles(this.#plan, this.#density.timeMean(), beaching)
  }

  #report(timeChunk: number, { lon, lat, status }: TrackChunk): void {
    if (this.#onTrack === undefined) return
    const { timeCount, trackedCount, trackTimesPerChunk, trajectoryCount } = this.layout
    const { outputEverySteps, startSeconds, stepSeconds } = this.#plan
    const first = timeChunk * trackTimesPerChunk
    for (let trajectory = 0; trajectory < trajectoryCount; trajectory += 1) {
      for (let time = first; time < Math.min(first + trackTimesPerChunk, timeCount); time += 1) {
        const place = trajectory * trackTimesPerChunk + (time - first)
        const name = STATUSES[status[place] ?? STATUSES.length]
        if (name === undefined || name === 'waiting') continue
        this.#onTrack({
          particle: trajectory % trackedCount,
          member: Math.floor(trajectory / trackedCount),
          timeSeconds: startSeconds + time * outputEverySteps * stepSeconds,
          lon: lon[place] ?? Number.NaN,
          lat: lat[place] ?? Number.NaN,
          status: name
        })
      }
    }
  }
}

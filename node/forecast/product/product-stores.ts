/**
 * The stores of a product, fed output by output in any order and written whenever a stretch of
 * time is complete.
 */
import type { Gap } from '../../../coordinator/product/gaps.ts'
import type { TrackChunk } from '../../../coordinator/product/track-samples.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { type Output, STATUSES, type Status } from '../../../protocol/result.ts'
import type { Blocks } from '../../store/blocks.ts'
import type { Coast } from './coast.ts'
import { catalogueOf, DESCRIPTIONS, type FolderItem } from './folder/catalogue.ts'
import type { SpooledLeaves } from './folder/spooled-file.ts'
import { textFiles } from './folder/texts.ts'
import { citationFile } from './formats/citation.ts'
import { densityGeotiff } from './formats/density-geotiff.ts'
import { ForecastNetcdf, netcdfShapeOf } from './formats/forecast-netcdf.ts'
import { hotspotFiles } from './formats/hotspots.ts'
import { TrackParquet } from './formats/track-parquet.ts'
import { layoutOf, type ProductLayout } from './layout.ts'
import { BeachingStore } from './zarr/beaching-store.ts'
import { DensityStore } from './zarr/density-store.ts'
import { TrajectoryStore } from './zarr/trajectory-store.ts'
import { emptyMaps } from './zarr/whole-maps.ts'
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
  /** Class of each tracked particle. */
  readonly classes: Uint8Array
  readonly gaps: readonly Gap[]
  readonly blocks: Pick<Blocks, 'put'>
  readonly signal: AbortSignal | undefined
  readonly onTrack: ((row: TrackRow) => void) | undefined
}

export class ProductStores {
  readonly layout: ProductLayout
  /** What the folder will hold, but for what describes it from outside. */
  readonly items: readonly FolderItem[]
  readonly #plan: Plan
  readonly #inputs: StoreInputs
  readonly #density: DensityStore
  readonly #netcdf: ForecastNetcdf | undefined
  readonly #beaching: BeachingStore | undefined
  readonly #tracks: { readonly store: TrajectoryStore; readonly table: TrackParquet } | undefined
  #densityChunksDone = 0
  #beachingChunksDone = 0
  #trackChunksDone = 0

  constructor(plan: Plan, inputs: StoreInputs) {
    const { areasKm2, blocks, classes, coast, gaps, signal } = inputs
    this.#plan = plan
    this.#inputs = inputs
    const layout = layoutOf(plan)
    this.layout = layout
    this.#density = new DensityStore(plan, layout, areasKm2)
    const shape = netcdfShapeOf(plan, layout, gaps)
    this.#netcdf = shape && new ForecastNetcdf(plan, { layout, shape }, blocks, signal)
    this.#beaching = coast && new BeachingStore(plan, coast)
    const hasTracks = layout.trajectoryCount > 0
    this.#tracks = hasTracks
      ? {
          store: new TrajectoryStore(plan, layout),
          table: new TrackParquet(plan, { classes, layout }, blocks, signal)
        }
      : undefined
    const hasCoast = coast !== undefined
    this.items = catalogueOf(plan, { hasCoast, hasTracks, hasNetcdf: shape !== undefined })
  }

  get coastalCellCount(): number {
    return this.#inputs.coast?.cellCount ?? 0
  }

  /** Texts, metadata and coordinates. */
  *head(): Iterable<FolderFile> {
    const { classes, gaps } = this.#inputs
    yield* textFiles(this.#plan, [...this.items, ...DESCRIPTIONS], gaps)
    yield citationFile(this.#plan)
    yield* this.#density.head(gaps)
    if (this.#beaching !== undefined) yield* this.#beaching.head(gaps)
    if (this.#tracks !== undefined) yield* this.#tracks.store.head(classes, gaps)
  }

  add(member: number, time: number, output: Output): void {
    this.#density.add(member, time, output)
    this.#beaching?.add(member, time, output)
    this.#tracks?.store.add(member, time, output)
  }

  /** Files of every time chunk that is complete once `timesDone` output times are. */
  async *complete(timesDone: number): AsyncIterable<FolderFile> {
    const { timeCount, timesPerChunk, trackTimesPerChunk } = this.layout
    const isDone = (chunksDone: number, times: number): boolean =>
      chunksDone * times < timeCount && Math.min((chunksDone + 1) * times, timeCount) <= timesDone
    for (; isDone(this.#densityChunksDone, timesPerChunk); this.#densityChunksDone += 1) {
      yield* this.#densityChunk(this.#densityChunksDone)
    }
    const beaching = this.#beaching
    const beachingTimes = beaching?.layout.timesPerChunk ?? timeCount
    for (; isDone(this.#beachingChunksDone, beachingTimes); this.#beachingChunksDone += 1) {
      if (beaching !== undefined) yield* beaching.chunk(this.#beachingChunksDone)
    }
    for (; isDone(this.#trackChunksDone, trackTimesPerChunk); this.#trackChunksDone += 1) {
      yield* this.#trackChunk(this.#trackChunksDone)
    }
  }

  /** Files that need all times, once they are complete. */
  async *finish(): AsyncIterable<FolderFile | SpooledLeaves> {
    yield* this.#density.finish()
    if (this.#netcdf !== undefined) yield await this.#netcdf.finish()
    if (this.#tracks !== undefined) yield await this.#tracks.table.finish()
    if (this.#beaching !== undefined) yield* this.#beaching.finish()
    const places = this.#inputs.coast?.places
    const ending = this.#beaching?.ending()
    const timeMean = this.#density.timeMean()
    yield densityGeotiff(this.#plan, timeMean)
    yield* hotspotFiles(this.#plan, timeMean, places && ending && { places, ending })
  }

  async *#densityChunk(timeChunk: number): AsyncIterable<FolderFile> {
    const netcdf = this.#netcdf
    const grid = this.#plan.products.density
    const maps = netcdf && emptyMaps(grid, this.layout.timesPerChunk)
    yield* this.#density.chunk(timeChunk, maps)
    if (maps !== undefined) await netcdf?.chunk(timeChunk, maps)
  }

  async *#trackChunk(timeChunk: number): AsyncIterable<FolderFile> {
    if (this.#tracks === undefined) return
    const { store, table } = this.#tracks
    const samples = store.take(timeChunk)
    this.#report(timeChunk, samples)
    yield* store.chunk(timeChunk, samples)
    await table.chunk(timeChunk, samples)
  }

  #report(timeChunk: number, { lon, lat, status }: TrackChunk): void {
    const { onTrack } = this.#inputs
    if (onTrack === undefined) return
    const { timeCount, trackedCount, trackTimesPerChunk, trajectoryCount } = this.layout
    const { outputEverySteps, startSeconds, stepSeconds } = this.#plan
    const first = timeChunk * trackTimesPerChunk
    for (let trajectory = 0; trajectory < trajectoryCount; trajectory += 1) {
      for (let time = first; time < Math.min(first + trackTimesPerChunk, timeCount); time += 1) {
        const place = trajectory * trackTimesPerChunk + (time - first)
        const name = STATUSES[status[place] ?? STATUSES.length]
        if (name === undefined || name === 'waiting') continue
        onTrack({
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

/**
 * `density.zarr`: particle counts per member, class, time and cell; what the members together say
 * per square kilometre; residence times; particles by status. Chunks are written as soon as their
 * times are complete, while their counts are in memory.
 */
import { DensityCounts, tilesAlong } from '../../../../coordinator/product/density-counts.ts'
import type { Gap } from '../../../../coordinator/product/gaps.ts'
import {
  type TileStatistics,
  tileStatistics
} from '../../../../coordinator/product/member-statistics.ts'
import { StatusCounts } from '../../../../coordinator/product/status-counts.ts'
import { TimeSums } from '../../../../coordinator/product/time-sums.ts'
import type { Plan } from '../../../../protocol/plan.ts'
import { type Output, STATUSES } from '../../../../protocol/result.ts'
import type { ProductLayout } from '../layout.ts'
import {
  axesOf,
  cellCentres,
  classVector,
  indexVector,
  MEMBER_ATTRIBUTES,
  outputSeconds,
  statusVector,
  storeAttributes,
  timeVector
} from './attributes.ts'
import { densityArrays, quantileVector, thresholdsOf, thresholdVector } from './density-arrays.ts'
import {
  chunkFile,
  type FolderFile,
  storeMetadata,
  type Vector,
  valueBytes,
  vector,
  vectorFiles,
  type ZarrArray
} from './zarr.ts'

const DENSITY_STORE = 'density.zarr'

const SUMMARY =
  'Floating particles per grid cell: counts by ensemble member and object class; mean, quantiles ' +
  'and exceedance over members per square kilometre with their confidence; residence times'

export class DensityStore {
  readonly #plan: Plan
  readonly #layout: ProductLayout
  readonly #areasKm2: Float64Array
  readonly #counts: DensityCounts
  readonly #statuses: StatusCounts
  readonly #sums: TimeSums
  readonly #thresholds: readonly number[]
  readonly #arrays: ReturnType<typeof densityArrays>

  constructor(plan: Plan, layout: ProductLayout, areasKm2: Float64Array) {
    this.#plan = plan
    this.#layout = layout
    this.#areasKm2 = areasKm2
    const { rows, columns } = plan.products.density
    const classCount = plan.classes.length
    const { memberCount } = plan
    this.#counts = new DensityCounts({ ...layout, rows, columns, memberCount, classCount })
    this.#statuses = new StatusCounts(memberCount, layout.timesPerChunk)
    this.#sums = new TimeSums(layout.tileRows * layout.tileColumns)
    this.#thresholds = thresholdsOf(plan)
    this.#arrays = densityArrays(plan, layout)
  }

  /** Metadata and coordinates. */
  head(gaps: readonly Gap[]): FolderFile[] {
    const plan = this.#plan
    const y = axesOf(plan).y.name
    const attributes = { long_name: 'area of a cell of this row', units: 'km2' }
    const vectors: Vector[] = [
      timeVector(plan, this.#layout.timeCount),
      cellCentres(plan, 'y'),
      cellCentres(plan, 'x'),
      indexVector('member', plan.memberCount, MEMBER_ATTRIBUTES),
      classVector(plan),
      statusVector(),
      quantileVector(),
      thresholdVector(plan),
      vector(
        { name: 'cell_area', dtype: '<f8', dimension: y, attributes },
        valueBytes(this.#areasKm2),
        this.#areasKm2.length
      )
    ]
    return [
      ...storeMetadata(DENSITY_STORE, storeAttributes(plan, SUMMARY, gaps), [
        ...Object.values(this.#arrays),
        ...vectors.map(({ array }) => array)
      ]),
      ...vectors.flatMap((values) => vectorFiles(DENSITY_STORE, values))
    ]
  }

  add(member: number, time: number, output: Output): void {
    this.#counts.add(member, time, output.density)
    this.#statuses.add(member, time, output.counts)
  }

  /** Files of one time chunk, which is complete and then forgotten. */
  *chunk(timeChunk: number): Iterable<FolderFile> {
    const { across, tileCount } = this.#tiling()
    const statuses = this.#statuses.take(timeChunk)
    const shares = this.#presentShares(statuses)
    const { tileRows, tileColumns, timesPerChunk } = this.#layout
    const empty = new Uint8Array(timesPerChunk * tileRows * tileColumns * 4)
    const { bytes: emptyBytes } = this.#file('density', [0, 0, 0], empty)
    for (let tile = 0; tile < tileCount; tile += 1) {
      const place = [Math.floor(tile / across), tile % across]
      yield* this.#countFiles(timeChunk, tile, place, emptyBytes)
      yield* this.#statisticsFiles(timeChunk, tile, place, shares, emptyBytes)
    }
    this.#counts.drop(timeChunk)
    yield* this.#statusFiles(timeChunk, statuses)
  }

  /** Files of what is told about all times together, when they are complete. */
  *finish(): Iterable<FolderFile> {
    const { across, tileCount } = this.#tiling()
    for (let tile = 0; tile < tileCount; tile += 1) {
      const { mean, residence } = this.#overTime(tile)
      const place = [Math.floor(tile / across), tile % across]
      yield this.#file('residence', place, valueBytes(residence))
      yield this.#file('timeMean', place, valueBytes(mean))
    }
  }

  /** Mean density of every cell over output times, rows from the south; after `finish`. */
  timeMean(): Float32Array {
    const { rows, columns } = this.#plan.products.density
    const { tileRows, tileColumns } = this.#layout
    const { across, tileCount } = this.#tiling()
    const whole = new Float32Array(rows * columns)
    for (let tile = 0; tile < tileCount; tile += 1) {
      if (this.#sums.tile(tile) === undefined) continue
      const { mean } = this.#overTime(tile)
      const [top, left] = [Math.floor(tile / across) * tileRows, (tile % across) * tileColumns]
      const width = Math.min(tileColumns, columns - left)
      for (let row = 0; row < Math.min(tileRows, rows - top); row += 1) {
        const from = mean.subarray(row * tileColumns, row * tileColumns + width)
        whole.set(from, (top + row) * columns + left)
      }
    }
    return whole
  }

  #overTime(tile: number): { residence: Float32Array; mean: Float32Array } {
    const plan = this.#plan
    const { tileRows, tileColumns, timeCount } = this.#layout
    const residence = new Float32Array(tileRows * tileColumns)
    const mean = new Float32Array(tileRows * tileColumns)
    const sums = this.#sums.tile(tile)
    const areaOf = this.#areaOf(Math.floor(tile / this.#tiling().across))
    for (let cell = 0; cell < residence.length; cell += 1) {
      const sum = sums?.[cell] ?? 0
      if (sum === 0) continue
      residence[cell] = (sum * outputSeconds(plan)) / (plan.particleCount * plan.memberCount)
      mean[cell] = sum / timeCount / plan.memberCount / areaOf(cell)
    }
    return { residence, mean }
  }

  #tiling() {
    const { rows, columns } = this.#plan.products.density
    const across = tilesAlong(columns, this.#layout.tileColumns)
    return { across, tileCount: across * tilesAlong(rows, this.#layout.tileRows) }
  }

  #file(name: keyof ReturnType<typeof densityArrays>, at: number[], data: Uint8Array): FolderFile {
    return chunkFile(DENSITY_STORE, this.#arrays[name], at, data)
  }

  /** A chunk of zeros, compressed before. */
  #emptyFile({ name }: ZarrArray, at: readonly number[], bytes: Uint8Array): FolderFile {
    return { path: `${DENSITY_STORE}/${name}/${at.join('/')}`, bytes }
  }

  #areaOf(tileRow: number): (index: number) => number {
    const { tileRows, tileColumns } = this.#layout
    return (index) => {
      const row = tileRow * tileRows + (Math.floor(index / tileColumns) % tileRows)
      return this.#areasKm2[row] ?? Number.NaN
    }
  }

  *#countFiles(
    timeChunk: number,
    tile: number,
    place: readonly number[],
    emptyBytes: Uint8Array
  ): Iterable<FolderFile> {
    for (let classIndex = 0; classIndex < this.#plan.classes.length; classIndex += 1) {
      for (let member = 0; member < this.#plan.memberCount; member += 1) {
        const counts = this.#counts.tile(timeChunk, member, classIndex, tile)
        const at = [classIndex, member, timeChunk, ...place]
        yield counts === undefined
          ? this.#emptyFile(this.#arrays.count, at, emptyBytes)
          : this.#file('count', at, valueBytes(counts))
      }
    }
  }

  *#statisticsFiles(
    timeChunk: number,
    tile: number,
    place: readonly number[],
    shares: readonly number[],
    emptyBytes: Uint8Array
  ): Iterable<FolderFile> {
    const made = this.#statistics(timeChunk, tile, place)
    if (made !== undefined) this.#sums.add(tile, made.total)
    const { density, exceedance, quantile } = this.#arrays
    const one = (array: ZarrArray, at: number[], values: Float32Array | undefined): FolderFile =>
      values === undefined
        ? this.#emptyFile(array, at, emptyBytes)
        : chunkFile(DENSITY_STORE, array, at, valueBytes(values))
    const at = [timeChunk, ...place]
    yield one(density, at, made?.mean)
    for (let which = 0; which < (quantile.shape[0] ?? 0); which += 1) {
      yield one(quantile, [which, ...at], made?.quantiles[which])
    }
    for (let which = 0; which < this.#thresholds.length; which += 1) {
      yield one(exceedance, [which, ...at], made?.exceedance[which])
    }
    yield this.#file('confidence', at, valueBytes(this.#confidence(made, shares)))
  }

  #statistics(
    timeChunk: number,
    tile: number,
    place: readonly number[]
  ): TileStatistics | undefined {
    const { memberCount } = this.#plan
    const { tileRows, tileColumns, timesPerChunk } = this.#layout
    const classCount = this.#plan.classes.length
    if (!this.#counts.hasTile(timeChunk, tile)) return
    return tileStatistics(
      {
        length: timesPerChunk * tileRows * tileColumns,
        memberCount,
        classCount,
        thresholds: this.#thresholds
      },
      (member, classIndex) => this.#counts.tile(timeChunk, member, classIndex, tile),
      this.#areaOf(place[0] ?? 0)
    )
  }

  #confidence(made: TileStatistics | undefined, shares: readonly number[]): Float32Array {
    const { tileRows, tileColumns, timesPerChunk } = this.#layout
    const cells = tileRows * tileColumns
    const confidence = made?.agreement ?? new Float32Array(timesPerChunk * cells).fill(1)
    for (const [time, share] of shares.entries()) {
      if (share === 1) continue
      for (let index = time * cells; index < (time + 1) * cells; index += 1) {
        confidence[index] = share * (confidence[index] ?? 0)
      }
    }
    return confidence
  }

  /** Share of the particles of all members that have a result, per time of a chunk. */
  #presentShares(statuses: Uint32Array): number[] {
    const { memberCount, particleCount } = this.#plan
    const { timesPerChunk } = this.#layout
    const perMember = timesPerChunk * STATUSES.length
    return Array.from({ length: timesPerChunk }, (_, time) => {
      let present = 0
      for (let member = 0; member < memberCount; member += 1) {
        const from = member * perMember + time * STATUSES.length
        for (let at = from; at < from + STATUSES.length; at += 1) present += statuses[at] ?? 0
      }
      return present / (memberCount * particleCount)
    })
  }

  *#statusFiles(timeChunk: number, statuses: Uint32Array): Iterable<FolderFile> {
    const counts = valueBytes(statuses)
    const memberBytes = this.#layout.timesPerChunk * STATUSES.length * 4
    const [membersPerChunk = 1] = this.#arrays.status.chunks
    for (let chunk = 0; chunk * membersPerChunk < this.#plan.memberCount; chunk += 1) {
      const bytes = new Uint8Array(membersPerChunk * memberBytes)
      const from = chunk * bytes.length
      bytes.set(counts.subarray(from, from + bytes.length))
      yield this.#file('status', [chunk, timeChunk, 0], bytes)
    }
  }
}

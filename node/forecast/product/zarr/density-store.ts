/**
 * `density.zarr`: particle counts per member, class, time and cell; what the members together say
 * per square kilometre; residence times; particles by status. Chunks are written as soon as their
 * times are complete, while their counts are in memory.
 */
import { presentShares, withShares } from '../../../../coordinator/product/confidence.ts'
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
import {
  densityArrays,
  QUANTILES,
  quantileVector,
  thresholdsOf,
  thresholdVector
} from './density-arrays.ts'
import { addStatuses, type ChunkMaps, placeTile } from './whole-maps.ts'
import {
  type FolderFile,
  storeMetadata,
  UniformChunks,
  type Vector,
  valueBytes,
  vector,
  vectorFiles
} from './zarr.ts'

const DENSITY_STORE = 'density.zarr'

const SUMMARY =
  'Floating particles per grid cell: counts by ensemble member and object class; mean, quantiles ' +
  'and exceedance over members per square kilometre with their confidence; residence times'

interface TileOfTimes {
  readonly timeChunk: number
  readonly tile: number
  readonly place: readonly [number, number]
  /** Share of results present, per time. */
  readonly shares: readonly number[]
  readonly maps: ChunkMaps | undefined
}

/** Row and column of a tile. */
const placeOf = (tile: number, across: number): [number, number] => [
  Math.floor(tile / across),
  tile % across
]

export class DensityStore {
  readonly #plan: Plan
  readonly #layout: ProductLayout
  readonly #areasKm2: Float64Array
  readonly #counts: DensityCounts
  readonly #statuses: StatusCounts
  readonly #sums: TimeSums
  readonly #thresholds: readonly number[]
  readonly #arrays: ReturnType<typeof densityArrays>
  readonly #uniform = new UniformChunks()

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

  /** Files of one time chunk, which is complete and then forgotten; `maps` take it whole. */
  *chunk(timeChunk: number, maps?: ChunkMaps): Iterable<FolderFile> {
    const { across, tileCount } = this.#tiling()
    const statuses = this.#statuses.take(timeChunk)
    const shares = presentShares(statuses, this.#plan)
    if (maps !== undefined) addStatuses(maps.statuses, statuses)
    const { tileRows, tileColumns, timesPerChunk } = this.#layout
    const empty = new Uint8Array(timesPerChunk * tileRows * tileColumns * 4)
    for (let tile = 0; tile < tileCount; tile += 1) {
      const place = placeOf(tile, across)
      yield* this.#countFiles(timeChunk, tile, place, empty)
      yield* this.#statisticsFiles({ timeChunk, tile, place, shares, maps }, empty)
    }
    this.#counts.drop(timeChunk)
    yield* this.#statusFiles(timeChunk, statuses)
  }

  /** Files of what is told about all times together, when they are complete. */
  *finish(): Iterable<FolderFile> {
    const { across, tileCount } = this.#tiling()
    for (let tile = 0; tile < tileCount; tile += 1) {
      const { mean, residence } = this.#overTime(tile)
      const place = placeOf(tile, across)
      yield this.#file('residence', place, valueBytes(residence))
      yield this.#file('timeMean', place, valueBytes(mean))
    }
  }

  /** Mean density of every cell over output times, rows from the south; after `finish`. */
  timeMean(): Float32Array {
    const tiling = this.#tiling()
    const { across, columns, rows, tileCount } = tiling
    const whole = new Float32Array(rows * columns)
    for (let tile = 0; tile < tileCount; tile += 1) {
      if (this.#sums.tile(tile) === undefined) continue
      placeTile(whole, this.#overTime(tile).mean, tiling, placeOf(tile, across))
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
    const { tileColumns, tileRows } = this.#layout
    const across = tilesAlong(columns, tileColumns)
    const tileCount = across * tilesAlong(rows, tileRows)
    return { across, columns, rows, tileColumns, tileCount, tileRows }
  }

  #file(name: keyof ReturnType<typeof densityArrays>, at: number[], data: Uint8Array): FolderFile {
    return this.#uniform.file(DENSITY_STORE, this.#arrays[name], at, data)
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
    empty: Uint8Array
  ): Iterable<FolderFile> {
    for (let classIndex = 0; classIndex < this.#plan.classes.length; classIndex += 1) {
      for (let member = 0; member < this.#plan.memberCount; member += 1) {
        const counts = this.#counts.tile(timeChunk, member, classIndex, tile)
        const at = [classIndex, member, timeChunk, ...place]
        yield this.#file('count', at, counts === undefined ? empty : valueBytes(counts))
      }
    }
  }

  *#statisticsFiles(
    { maps, place, shares, tile, timeChunk }: TileOfTimes,
    empty: Uint8Array
  ): Iterable<FolderFile> {
    const made = this.#statistics(timeChunk, tile, place)
    if (made !== undefined) this.#sums.add(tile, made.total)
    const bytesOf = (values: Float32Array | undefined): Uint8Array =>
      values === undefined ? empty : valueBytes(values)
    const at = [timeChunk, ...place]
    yield this.#file('density', at, bytesOf(made?.mean))
    for (const which of QUANTILES.keys()) {
      yield this.#file('quantile', [which, ...at], bytesOf(made?.quantiles[which]))
    }
    for (const which of this.#thresholds.keys()) {
      yield this.#file('exceedance', [which, ...at], bytesOf(made?.exceedance[which]))
    }
    const { tileRows, tileColumns, timesPerChunk } = this.#layout
    const length = timesPerChunk * tileRows * tileColumns
    const confidence = withShares(made?.agreement ?? new Float32Array(length).fill(1), shares)
    yield this.#file('confidence', at, valueBytes(confidence))
    if (maps === undefined) return
    if (made !== undefined) placeTile(maps.density, made.mean, this.#tiling(), place)
    placeTile(maps.confidence, confidence, this.#tiling(), place)
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

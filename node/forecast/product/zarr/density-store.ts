/**
 * `density.zarr`: particle counts per member, class, time and cell; their mean over members per
 * square kilometre; particles by status. Chunks are written as soon as their times are complete.
 */
import { DensityCounts, tilesAlong } from '../../../../coordinator/product/density-counts.ts'
import type { Gap } from '../../../../coordinator/product/gaps.ts'
import { StatusCounts } from '../../../../coordinator/product/status-counts.ts'
import type { Plan } from '../../../../protocol/plan.ts'
import { type Output, STATUSES } from '../../../../protocol/result.ts'
import type { ProductLayout } from '../layout.ts'
import {
  axesOf,
  cellCentres,
  classVector,
  indexVector,
  MEMBER_ATTRIBUTES,
  statusVector,
  storeAttributes,
  timeVector
} from './attributes.ts'
import {
  CHUNK_BYTES_MAX,
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
  'Floating particles per grid cell: counts by ensemble member and object class, and their mean ' +
  'over members per square kilometre'

function densityArrays(plan: Plan, layout: ProductLayout) {
  const { rows, columns } = plan.products.density
  const { timeCount, timesPerChunk, tileRows, tileColumns } = layout
  const { x, y } = axesOf(plan)
  const count: ZarrArray = {
    name: 'particle_count',
    dtype: '<u4',
    shape: [plan.classes.length, plan.memberCount, timeCount, rows, columns],
    chunks: [1, 1, timesPerChunk, tileRows, tileColumns],
    dimensions: ['class', 'member', 'time', y.name, x.name],
    fill: null,
    attributes: {
      long_name: 'number of particles afloat in the cell',
      units: '1',
      cell_methods: 'time: point area: sum'
    }
  }
  const density: ZarrArray = {
    name: 'particle_density',
    dtype: '<f4',
    shape: [timeCount, rows, columns],
    chunks: [timesPerChunk, tileRows, tileColumns],
    dimensions: ['time', y.name, x.name],
    fill: null,
    attributes: {
      long_name: 'particles afloat per square kilometre, all classes, mean over members',
      units: 'km-2',
      cell_methods: 'time: point area: mean realization: mean'
    }
  }
  const rowBytes = timesPerChunk * STATUSES.length * 4
  const status: ZarrArray = {
    name: 'status_count',
    dtype: '<u4',
    shape: [plan.memberCount, timeCount, STATUSES.length],
    chunks: [
      Math.min(plan.memberCount, Math.floor(CHUNK_BYTES_MAX / rowBytes)),
      timesPerChunk,
      STATUSES.length
    ],
    dimensions: ['member', 'time', 'status'],
    fill: null,
    attributes: { long_name: 'number of particles by status', units: '1' }
  }
  return { count, density, status }
}

export class DensityStore {
  readonly #plan: Plan
  readonly #layout: ProductLayout
  readonly #areasKm2: Float64Array
  readonly #counts: DensityCounts
  readonly #statuses: StatusCounts
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
    const { rows, columns } = this.#plan.products.density
    const { tileRows, tileColumns, timesPerChunk } = this.#layout
    const across = tilesAlong(columns, tileColumns)
    const empty = new Uint8Array(timesPerChunk * tileRows * tileColumns * 4)
    const emptyFile = chunkFile(DENSITY_STORE, this.#arrays.density, [0, 0, 0], empty)
    for (let tile = 0; tile < tilesAlong(rows, tileRows) * across; tile += 1) {
      const place = [Math.floor(tile / across), tile % across]
      for (let classIndex = 0; classIndex < this.#plan.classes.length; classIndex += 1) {
        for (let member = 0; member < this.#plan.memberCount; member += 1) {
          const counts = this.#counts.tile(timeChunk, member, classIndex, tile)
          const at = [classIndex, member, timeChunk, ...place]
          yield counts === undefined
            ? { ...emptyFile, path: `${DENSITY_STORE}/particle_count/${at.join('/')}` }
            : chunkFile(DENSITY_STORE, this.#arrays.count, at, valueBytes(counts))
        }
      }
      const mean = this.#density(timeChunk, tile, Math.floor(tile / across) * tileRows)
      const at = [timeChunk, ...place]
      yield chunkFile(DENSITY_STORE, this.#arrays.density, at, mean ? valueBytes(mean) : empty)
    }
    this.#counts.drop(timeChunk)
    yield* this.#statusFiles(timeChunk)
  }

  #density(timeChunk: number, tile: number, firstRow: number): Float32Array | undefined {
    const total = this.#counts.total(timeChunk, tile)
    if (total === undefined) return
    const { tileRows, tileColumns } = this.#layout
    const mean = new Float32Array(total.length)
    for (let index = 0; index < total.length; index += 1) {
      const sum = total[index] ?? 0
      if (sum === 0) continue
      const row = firstRow + (Math.floor(index / tileColumns) % tileRows)
      mean[index] = sum / this.#plan.memberCount / (this.#areasKm2[row] ?? Number.NaN)
    }
    return mean
  }

  *#statusFiles(timeChunk: number): Iterable<FolderFile> {
    const { status } = this.#arrays
    const counts = valueBytes(this.#statuses.take(timeChunk))
    const memberBytes = this.#layout.timesPerChunk * STATUSES.length * 4
    const [membersPerChunk = 1] = status.chunks
    for (let chunk = 0; chunk * membersPerChunk < this.#plan.memberCount; chunk += 1) {
      const bytes = new Uint8Array(membersPerChunk * memberBytes)
      const from = chunk * bytes.length
      bytes.set(counts.subarray(from, from + bytes.length))
      yield chunkFile(DENSITY_STORE, status, [chunk, timeChunk, 0], bytes)
    }
  }
}

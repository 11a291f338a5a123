/**
 * How the arrays of a plan's product are cut into chunks: a function of the plan's meaning alone,
 * so that memory and block limits hold and the bytes do not depend on who writes them.
 */
import { outputCount } from '../../../coordinator/product/timeline.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { STATUSES } from '../../../protocol/result.ts'
import { MeshError } from '../../mesh-error.ts'
import { CHUNK_BYTES_MAX, DIRECTORY_CHUNKS_MAX } from './zarr/zarr.ts'

const CHUNK_COUNTS = CHUNK_BYTES_MAX / 4
const CHUNK_POSITIONS = CHUNK_BYTES_MAX / 8
/** Buffers of one time chunk of counts, if every cell of every member were used. */
const COUNT_BUFFER_BYTES = 128 * 1024 * 1024
/** Buffers of one time chunk of tracks. */
const TRACK_BUFFER_BYTES = 64 * 1024 * 1024
const TRACK_BYTES = 17
/** Blocks of one array: a gateway lists and a peer provides them one by one. */
const ARRAY_CHUNKS_MAX = 200_000

export interface ProductLayout {
  readonly timeCount: number
  readonly timesPerChunk: number
  readonly tileRows: number
  readonly tileColumns: number
  /** Tracked particles of each member. */
  readonly trackedCount: number
  readonly trajectoryCount: number
  readonly trackTimesPerChunk: number
  readonly trajectoriesPerChunk: number
}

const clamp = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, Math.floor(value)))

/**
 * The layout of a plan's product.
 * @throws MeshError plan/refused when its grid is too fine to publish
 */
export function layoutOf(plan: Plan): ProductLayout {
  const { rows, columns } = plan.products.density
  const timeCount = outputCount(plan)
  const timesMin = Math.ceil(timeCount / DIRECTORY_CHUNKS_MAX)
  const cellsMax = Math.floor(CHUNK_COUNTS / timesMin)
  const side = Math.floor(Math.sqrt(cellsMax))
  const isWhole = rows * columns <= cellsMax
  const tileColumns = isWhole ? columns : Math.min(columns, side)
  const tileRows = isWhole ? rows : Math.min(rows, Math.floor(cellsMax / tileColumns))
  const fields = plan.memberCount * plan.classes.length
  const timesPerChunk = clamp(
    Math.min(
      CHUNK_COUNTS / (tileRows * tileColumns),
      CHUNK_COUNTS / STATUSES.length,
      COUNT_BUFFER_BYTES / (rows * columns * fields * 4)
    ),
    timesMin,
    timeCount
  )
  const trackedCount = Math.min(plan.products.trackedCount, plan.particleCount)
  const trajectoryCount = trackedCount * plan.memberCount
  const trackTimesPerChunk = clamp(
    Math.min(TRACK_BUFFER_BYTES / (TRACK_BYTES * Math.max(1, trajectoryCount)), CHUNK_POSITIONS),
    timesMin,
    timeCount
  )
  const trajectoriesPerChunk = clamp(CHUNK_POSITIONS / trackTimesPerChunk, 1, trajectoryCount || 1)
  const tilesUp = Math.ceil(rows / tileRows)
  const tilesAcross = Math.ceil(columns / tileColumns)
  const chunks = fields * Math.ceil(timeCount / timesPerChunk) * tilesUp * tilesAcross
  const widest = Math.max(tilesUp, tilesAcross, trajectoryCount / trajectoriesPerChunk)
  if (chunks > ARRAY_CHUNKS_MAX || widest > DIRECTORY_CHUNKS_MAX) {
    throw new MeshError(
      'plan/refused',
      `${rows} × ${columns} density cells, ${timeCount} output times, ${fields} member classes ` +
        `and ${trajectoryCount} tracks are too much to publish; choose a coarser resolution, ` +
        'rarer output or fewer tracks',
      { detail: { rows, columns, timeCount, fields, trajectoryCount, chunks } }
    )
  }
  return {
    timeCount,
    timesPerChunk,
    tileRows,
    tileColumns,
    trackedCount,
    trajectoryCount,
    trackTimesPerChunk,
    trajectoriesPerChunk
  }
}

/**
 * Maps of the whole grid put together from tiles, for the formats that are not tiled as the Zarr
 * stores are.
 */
import { STATUSES } from '../../../../protocol/result.ts'

export interface Tiling {
  readonly rows: number
  readonly columns: number
  readonly tileRows: number
  readonly tileColumns: number
}

/** Whole maps of one chunk of times: [time][row][column], rows from the south. */
export interface ChunkMaps {
  readonly density: Float32Array
  readonly confidence: Float32Array
  /** Particles of all members, [time][status]. */
  readonly statuses: Float64Array
}

export function emptyMaps(
  { columns, rows }: Pick<Tiling, 'columns' | 'rows'>,
  timesPerChunk: number
): ChunkMaps {
  const values = rows * columns * timesPerChunk
  return {
    density: new Float32Array(values),
    confidence: new Float32Array(values),
    statuses: new Float64Array(timesPerChunk * STATUSES.length)
  }
}

/** Copies the cells of a tile [time][row][column] to their places, its padding left out. */
export function placeTile(
  whole: Float32Array,
  tile: Float32Array,
  { columns, rows, tileColumns, tileRows }: Tiling,
  [tileRow, tileColumn]: readonly [number, number]
): void {
  const [top, left] = [tileRow * tileRows, tileColumn * tileColumns]
  const width = Math.min(tileColumns, columns - left)
  const height = Math.min(tileRows, rows - top)
  const times = tile.length / (tileRows * tileColumns)
  for (let time = 0; time < times; time += 1) {
    for (let row = 0; row < height; row += 1) {
      const from = (time * tileRows + row) * tileColumns
      const to = (time * rows + top + row) * columns + left
      whole.set(tile.subarray(from, from + width), to)
    }
  }
}

/** Adds the counts of all members, [member][time][status], to [time][status]. */
export function addStatuses(into: Float64Array, statuses: Uint32Array): void {
  for (const [at, count] of statuses.entries()) {
    const place = at % into.length
    into[place] = (into[place] ?? 0) + count
  }
}

/**
 * Cuts grids and series into tiles: raw blocks of little-endian values, each within the block
 * limit. The cut follows from the size of the grid alone, so equal data has equal tiles.
 */
import type { CID } from 'multiformats/cid'
import { type Block, toRawBlock } from '../../protocol/canonical.ts'
import type { FieldSeries } from '../../protocol/forcing.ts'
import { BLOCK_BYTES_MAX } from '../../protocol/limits.ts'
import type { Slice } from './slice.ts'

/** The metric has four f32 per node: a tile of nodes must fit one block with that. */
const TILE_NODES_MAX = BLOCK_BYTES_MAX / 16
/** Slices in one tile: a day of hours, so that a unit of one day does not fetch a month. */
const TILE_TIMES_MAX = 24
/** Values of one component that wait in memory for their tile: 64 MiB, unless one slice is more. */
const WAITING_VALUES_MAX = 16 * 1024 * 1024

export interface Tiling {
  readonly rows: number
  readonly columns: number
  readonly tileRows: number
  readonly tileColumns: number
  readonly tileTimesMax: number
}

export type Put = (block: Block) => Promise<void>

export function makeTiling(rows: number, columns: number): Tiling {
  const waiting = Math.floor(WAITING_VALUES_MAX / (rows * columns))
  const tileTimesMax = Math.max(1, Math.min(TILE_TIMES_MAX, waiting))
  const nodesMax = Math.min(TILE_NODES_MAX, Math.floor(BLOCK_BYTES_MAX / 4 / tileTimesMax))
  const tileColumns = Math.min(columns, Math.floor(Math.sqrt(nodesMax)))
  const tileRows = Math.min(rows, Math.floor(nodesMax / tileColumns))
  return { rows, columns, tileRows, tileColumns, tileTimesMax }
}

/** Links of the tiles of one grid, rows of tiles first; `perNode` bytes belong to each node. */
export async function tileGrid(
  bytes: Uint8Array,
  perNode: number,
  tiling: Tiling,
  put: Put
): Promise<CID[]> {
  const links: CID[] = []
  for (const window of windows(tiling)) links.push(await cut([bytes], perNode, window, tiling, put))
  return links
}

/** Consumes slices as they come and holds at most one tile's worth of times. */
export async function tileSeries(
  slices: AsyncIterable<Slice>,
  times: readonly number[],
  tiling: Tiling,
  put: Put
): Promise<FieldSeries> {
  const tileTimes = Math.min(tiling.tileTimesMax, times.length)
  const u: CID[] = []
  const v: CID[] = []
  const cutAll = async (fields: readonly Float32Array[], links: CID[]): Promise<void> => {
    const bytes = fields.map(littleEndian)
    for (const window of windows(tiling)) links.push(await cut(bytes, 4, window, tiling, put))
  }
  let waiting: Slice[] = []
  const flush = async (): Promise<void> => {
    await cutAll(
      waiting.map((slice) => slice.u),
      u
    )
    await cutAll(
      waiting.map((slice) => slice.v),
      v
    )
    waiting = []
  }
  for await (const slice of slices) {
    waiting.push(slice)
    if (waiting.length === tileTimes) await flush()
  }
  if (waiting.length > 0) await flush()
  return { times, tileTimes, u, v }
}

interface Window {
  readonly row: number
  readonly column: number
}

function* windows({ rows, columns, tileRows, tileColumns }: Tiling): Iterable<Window> {
  for (let row = 0; row < rows; row += tileRows) {
    for (let column = 0; column < columns; column += tileColumns) yield { row, column }
  }
}

async function cut(
  fields: readonly Uint8Array[],
  perNode: number,
  { row, column }: Window,
  { rows, columns, tileRows, tileColumns }: Tiling,
  put: Put
): Promise<CID> {
  const height = Math.min(tileRows, rows - row)
  const length = Math.min(tileColumns, columns - column) * perNode
  const tile = new Uint8Array(fields.length * height * length)
  let at = 0
  for (const field of fields) {
    for (let y = row; y < row + height; y++) {
      const start = (y * columns + column) * perNode
      tile.set(field.subarray(start, start + length), at)
      at += length
    }
  }
  const block = toRawBlock(tile)
  await put(block)
  return block.cid
}

const isLittleEndianHost = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** The bytes of f32, u32 or f64 values, little-endian on every host. */
export function littleEndian(values: Float32Array | Uint32Array | Float64Array): Uint8Array {
  if (isLittleEndianHost) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  const bytes = new Uint8Array(values.byteLength)
  const view = new DataView(bytes.buffer)
  const width = values.BYTES_PER_ELEMENT
  values.forEach((value, index) => {
    if (values instanceof Uint32Array) view.setUint32(index * width, value, true)
    else if (width === 4) view.setFloat32(index * width, value, true)
    else view.setFloat64(index * width, value, true)
  })
  return bytes
}

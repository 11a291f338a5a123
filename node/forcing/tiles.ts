/**
 * Cuts grids and series into tiles: raw blocks of little-endian values, and lists them by patch
 * (protocol/forcing.ts). The cut follows from the size of the grid and the spacing of the times
 * alone, so equal data has equal tiles. Memory holds a row of tiles, however large the grid.
 */
import type { CID } from 'multiformats/cid'
import { type Block, toBlock } from '../../protocol/canonical.ts'
import { PATCH_TILES } from '../../protocol/forcing.ts'
import { BLOCK_BYTES_MAX, LINKS_MAX } from '../../protocol/limits.ts'
import { MeshError } from '../mesh-error.ts'
import { rawBlockOf } from '../store/raw-block.ts'
import { openWaiting } from './waiting-slices.ts'

/**
 * Nodes along one side of a tile: a unit's region is some 100 nodes wide, larger tiles would mostly
 * hold what lies around it, smaller ones are more files than a disk takes at the speed of reading.
 */
const TILE_NODES = 64
/** A tile holds the slices of this time: a unit of one day needs parts of a day more at most. */
const TILE_SECONDS = 8 * 3600
/** Both components of one slice in one tile. */
const SLICE_BYTES = TILE_NODES * TILE_NODES * 2 * 4
const TILE_TIMES_MAX = BLOCK_BYTES_MAX / SLICE_BYTES
/** Tiles stored at the same time while the next are cut. */
const TILES_AT_ONCE = 16

export interface Tiling {
  readonly rows: number
  readonly columns: number
  readonly tileRows: number
  readonly tileColumns: number
}

export type Put = (block: Block) => Promise<void>

export const makeTiling = (rows: number, columns: number): Tiling => ({
  rows,
  columns,
  tileRows: Math.min(rows, TILE_NODES),
  tileColumns: Math.min(columns, TILE_NODES)
})

/** Slices in one tile of a series. */
export function tileTimesOf(times: readonly number[]): number {
  const steps = times.slice(1).map((seconds, index) => seconds - (times[index] ?? 0))
  const usual = steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? TILE_SECONDS
  const fitting = Math.min(Math.max(Math.floor(TILE_SECONDS / usual), 1), TILE_TIMES_MAX)
  return Math.min(fitting, times.length)
}

/** Link of the plane of one grid; `perNode` bytes belong to each node. */
export async function tileGrid(
  bytes: Uint8Array,
  perNode: number,
  tiling: Tiling,
  put: Put
): Promise<CID> {
  const rowBytes = tiling.columns * perNode
  return await tilePlane(perNode, tiling, put, async (row, height) => [
    bytes.subarray(row * rowBytes, (row + height) * rowBytes)
  ])
}

/**
 * Link of a series; undefined where the slices end before the times. Consumes slices (their
 * components) as they come; those of one tile wait in memory while they are small, else in a
 * temporary file.
 * @throws MeshError `plan/refused` when the series has more times than its list holds
 */
export async function tileSeries(
  slices: AsyncIterable<readonly Float32Array[]>,
  times: readonly number[],
  tiling: Tiling,
  put: Put
): Promise<CID | undefined> {
  const tileTimes = tileTimesOf(times)
  let sliceCount = 0
  const planes: CID[] = []
  const waiting = await openWaiting(tiling, tileTimes)
  const flush = async (): Promise<void> => {
    planes.push(await tilePlane(4, tiling, put, waiting.band))
    waiting.clear()
  }
  try {
    for await (const components of slices) {
      await waiting.add(components.map(littleEndian))
      sliceCount++
      if (waiting.count === tileTimes) await flush()
    }
    if (sliceCount < times.length) return undefined
    if (waiting.count > 0) await flush()
  } finally {
    await waiting.close()
  }
  const block = toBlock({ kind: 'forcing-series', times, tileTimes, planes })
  if (planes.length > LINKS_MAX || block.bytes.length > BLOCK_BYTES_MAX) {
    throw new MeshError(
      'plan/refused',
      `a field has ${times.length} times, more than one list holds; shorten the forecast`
    )
  }
  await put(block)
  return block.cid
}

/** Whole rows of the grid, one array for each part of a tile in order. */
type Band = (row: number, height: number) => Promise<readonly Uint8Array[]>

/** Link of a plane whose rows are made, or read, as they are cut. */
export async function tilePlane(
  perNode: number,
  tiling: Tiling,
  put: Put,
  band: Band
): Promise<CID> {
  const { rows, columns, tileRows, tileColumns } = tiling
  const links: CID[] = []
  let underWay: Promise<unknown> = Promise.resolve()
  for (let row = 0; row < rows; row += tileRows) {
    const height = Math.min(tileRows, rows - row)
    const parts = await band(row, height)
    for (let column = 0; column < columns; column += TILES_AT_ONCE * tileColumns) {
      const end = Math.min(column + TILES_AT_ONCE * tileColumns, columns)
      const blocks: Block[] = []
      for (let first = column; first < end; first += tileColumns) {
        const width = Math.min(tileColumns, columns - first)
        blocks.push(cut(parts, { first, width, height, columns }, perNode))
      }
      await underWay
      underWay = Promise.all(blocks.map(put))
      // A failure is met at the next await, not while the next tiles are cut.
      underWay.catch(() => undefined)
      for (const { cid } of blocks) links.push(cid)
    }
  }
  await underWay
  return listTiles(links, tiling, put)
}

interface Window {
  readonly first: number
  readonly width: number
  readonly height: number
  readonly columns: number
}

function cut(parts: readonly Uint8Array[], window: Window, perNode: number): Block {
  const { first, width, height, columns } = window
  const length = width * perNode
  const tile = new Uint8Array(parts.length * height * length)
  let at = 0
  for (const part of parts) {
    for (let row = 0; row < height; row++) {
      const start = (row * columns + first) * perNode
      tile.set(part.subarray(start, start + length), at)
      at += length
    }
  }
  return rawBlockOf(tile)
}

/** Lists tiles (rows from the south) by patch; the link of a lone patch is that of the plane. */
async function listTiles(links: readonly CID[], tiling: Tiling, put: Put): Promise<CID> {
  const across = Math.ceil(tiling.columns / tiling.tileColumns)
  const down = Math.ceil(tiling.rows / tiling.tileRows)
  const patches: CID[] = []
  for (let row = 0; row < down; row += PATCH_TILES) {
    for (let column = 0; column < across; column += PATCH_TILES) {
      const tiles: CID[] = []
      for (let y = row; y < Math.min(row + PATCH_TILES, down); y++) {
        const end = Math.min(column + PATCH_TILES, across)
        tiles.push(...links.slice(y * across + column, y * across + end))
      }
      const block = toBlock({ kind: 'tile-patch', tiles })
      await put(block)
      patches.push(block.cid)
    }
  }
  const [only] = patches
  if (patches.length === 1 && only !== undefined) return only
  const block = toBlock({ kind: 'tile-plane', patches })
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

/**
 * Cuts a box of nodes out of tiles: wraps around a periodic grid, repeats the edge elsewhere. Only
 * bytes are copied; the box's columns and rows may lie outside the grid.
 */
import type { CID } from 'multiformats/cid'
import type { CropCells } from '../../kernel/run.ts'
import { decode } from '../../protocol/canonical.ts'
import { type Forcing, PATCH_TILES, tilePatch, tilePlane } from '../../protocol/forcing.ts'
import { BLOCK_BYTES_MAX } from '../../protocol/limits.ts'
import { type Shape, ShapeError } from '../../protocol/shape.ts'
import { MeshError } from '../mesh-error.ts'

/** Tiles asked for at the same time: enough to hide a round trip, few enough to stay fair. */
const TILES_AT_ONCE = 16

export type FetchBlock = (cid: CID) => Promise<Uint8Array>

/** Consecutive nodes of one tile along one axis and where they go in the box. */
interface Span {
  readonly tile: number
  /** First node within the tile. */
  readonly from: number
  /** First node within the box. */
  readonly to: number
  readonly length: number
}

/** Cuts box coordinates along one axis into spans of tiles. */
function spansOf(
  first: number,
  count: number,
  nodes: number,
  tileNodes: number,
  isPeriodic: boolean
): Span[] {
  const spans: Span[] = []
  for (let to = 0; to < count; ) {
    const place = first + to
    const node = isPeriodic
      ? ((place % nodes) + nodes) % nodes
      : Math.min(Math.max(place, 0), nodes - 1)
    const tile = Math.floor(node / tileNodes)
    const end = Math.min((tile + 1) * tileNodes, nodes)
    const isRepeated = !isPeriodic && place !== node
    const length = isRepeated ? 1 : Math.min(end - node, count - to)
    spans.push({ tile, from: node - tile * tileNodes, to, length })
    to += length
  }
  return spans
}

export interface TiledPlane {
  /** Link of the plane (protocol/forcing.ts). */
  readonly plane: CID
  /** Parts in each tile: times of the first component, then of the next. */
  readonly parts: number
  readonly bytesPerNode: number
}

/** Finds the link of a tile; each list is fetched once, when the first of its tiles is wanted. */
function tileFinder(
  { columns, rows, tileColumns, tileRows }: Forcing,
  plane: CID,
  fetch: FetchBlock
): (tileRow: number, tileColumn: number) => Promise<CID> {
  const across = Math.ceil(columns / tileColumns)
  const down = Math.ceil(rows / tileRows)
  const patchesAcross = Math.ceil(across / PATCH_TILES)
  const patchCount = patchesAcross * Math.ceil(down / PATCH_TILES)
  const tilesOf = async (patch: CID): Promise<readonly CID[]> =>
    decodeForcing(tilePatch, await fetch(patch), 'its tiles').tiles
  const patches =
    patchCount === 1
      ? Promise.resolve([plane])
      : fetch(plane).then((bytes) => decodeForcing(tilePlane, bytes, 'its tiles').patches)
  const lists = new Map<number, Promise<readonly CID[]>>()
  return async (tileRow, tileColumn) => {
    const [patchRow, patchColumn] = [tileRow, tileColumn].map((tile) =>
      Math.floor(tile / PATCH_TILES)
    ) as [number, number]
    const number = patchRow * patchesAcross + patchColumn
    const patch = (await patches)[number]
    if (patch === undefined) throw malformed('has fewer patches than its grid')
    const list = lists.get(number) ?? tilesOf(patch)
    lists.set(number, list)
    const width = Math.min(PATCH_TILES, across - patchColumn * PATCH_TILES)
    const row = tileRow - patchRow * PATCH_TILES
    const tile = (await list)[row * width + tileColumn - patchColumn * PATCH_TILES]
    if (tile === undefined) throw malformed('has fewer tiles than its grid')
    return tile
  }
}

/**
 * The box of every part, C order.
 * @throws MeshError `forcing/not-understood` when a tile has the wrong size
 */
export async function cutPlanes(
  forcing: Forcing,
  box: CropCells,
  tiled: TiledPlane,
  fetch: FetchBlock
): Promise<Uint8Array<ArrayBuffer>[]> {
  const { columns, rows, tileColumns, tileRows, isPeriodic } = forcing
  const { bytesPerNode } = tiled
  const columnSpans = spansOf(box.column, box.columns, columns, tileColumns, isPeriodic)
  const rowSpans = spansOf(box.row, box.rows, rows, tileRows, false)
  if (tiled.parts * tileRows * tileColumns * bytesPerNode > BLOCK_BYTES_MAX) {
    throw malformed('its tiles are larger than a block')
  }
  const find = tileFinder(forcing, tiled.plane, fetch)
  const boxRowBytes = box.columns * bytesPerNode
  const planes = Array.from({ length: tiled.parts }, () => new Uint8Array(box.rows * boxRowBytes))

  const copyTile = async (tileRow: number, tileColumn: number): Promise<void> => {
    const link = await find(tileRow, tileColumn)
    const bytes = await fetch(link)
    const width = Math.min(tileColumns, columns - tileColumn * tileColumns)
    const height = Math.min(tileRows, rows - tileRow * tileRows)
    const planeBytes = width * height * bytesPerNode
    if (bytes.length !== planeBytes * tiled.parts) throw malformed(`tile ${link} has a wrong size`)
    for (const [index, plane] of planes.entries()) {
      for (const down of rowSpans.filter((span) => span.tile === tileRow)) {
        for (const across of columnSpans.filter((span) => span.tile === tileColumn)) {
          for (let row = 0; row < down.length; row++) {
            const node = (down.from + row) * width + across.from
            const start = index * planeBytes + node * bytesPerNode
            const end = start + across.length * bytesPerNode
            const at = (down.to + row) * boxRowBytes + across.to * bytesPerNode
            plane.set(bytes.subarray(start, end), at)
          }
        }
      }
    }
  }

  const tileRowsUsed = [...new Set(rowSpans.map((span) => span.tile))]
  const tileColumnsUsed = [...new Set(columnSpans.map((span) => span.tile))]
  const tiles = tileRowsUsed.flatMap((row) =>
    tileColumnsUsed.map((column): [number, number] => [row, column])
  )
  for (let i = 0; i < tiles.length; i += TILES_AT_ONCE) {
    await Promise.all(tiles.slice(i, i + TILES_AT_ONCE).map((tile) => copyTile(...tile)))
  }
  return planes
}

/** @throws MeshError `forcing/not-understood` */
export function decodeForcing<T>(shape: Shape<T>, bytes: Uint8Array, what: string): T {
  try {
    return decode(shape, bytes)
  } catch (cause) {
    if (!(cause instanceof ShapeError)) throw cause
    throw malformed(`${what}: ${cause.message}`, cause)
  }
}

export const malformed = (what: string, cause?: unknown): MeshError =>
  new MeshError('forcing/not-understood', `the forcing is not well-formed: ${what}`, { cause })

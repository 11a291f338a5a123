/**
 * Cuts a box of nodes out of tiles: wraps around a periodic grid, repeats the edge elsewhere. Only
 * bytes are copied; the box's columns and rows may lie outside the grid.
 */
import type { CID } from 'multiformats/cid'
import type { CropCells } from '../../kernel/run.ts'
import type { Forcing } from '../../protocol/forcing.ts'
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

export interface TiledPlanes {
  readonly links: readonly CID[]
  /** Tile row 0 of this time tile starts at this link. */
  readonly firstLink: number
  /** Planes (times) in each tile. */
  readonly planes: number
  readonly bytesPerNode: number
}

/**
 * The box of every plane, C order.
 * @throws MeshError `forcing/not-understood` when a tile has the wrong size
 */
export async function cutPlanes(
  forcing: Forcing,
  box: CropCells,
  tiled: TiledPlanes,
  fetch: FetchBlock
): Promise<Uint8Array<ArrayBuffer>[]> {
  const { columns, rows, tileColumns, tileRows, isPeriodic } = forcing
  const { bytesPerNode } = tiled
  const columnSpans = spansOf(box.column, box.columns, columns, tileColumns, isPeriodic)
  const rowSpans = spansOf(box.row, box.rows, rows, tileRows, false)
  const tilesPerRow = Math.ceil(columns / tileColumns)
  const boxRowBytes = box.columns * bytesPerNode
  const planes = Array.from({ length: tiled.planes }, () => new Uint8Array(box.rows * boxRowBytes))

  const copyTile = async (tileRow: number, tileColumn: number): Promise<void> => {
    const link = tiled.links[tiled.firstLink + tileRow * tilesPerRow + tileColumn]
    if (link === undefined) throw malformed('has fewer tiles than its grid')
    const bytes = await fetch(link)
    const width = Math.min(tileColumns, columns - tileColumn * tileColumns)
    const height = Math.min(tileRows, rows - tileRow * tileRows)
    const planeBytes = width * height * bytesPerNode
    if (bytes.length !== planeBytes * tiled.planes) throw malformed(`tile ${link} has a wrong size`)
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

const malformed = (what: string): MeshError =>
  new MeshError('forcing/not-understood', `the forcing is not well-formed: ${what}`)

/**
 * The coastal cells of a plan's forcing, as content knows them: where they are, how many metres of
 * coastline they have and whose.
 */
import type { CID } from 'multiformats/cid'
import { decode } from '../../../protocol/canonical.ts'
import { type Forcing, forcing as forcingShape } from '../../../protocol/forcing.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { ShapeError } from '../../../protocol/shape.ts'
import type { Blocks } from '../../store/blocks.ts'
import { cutPlanes, type FetchBlock } from '../../worker/crop-tiles.ts'
import { naming } from './naming.ts'

export interface CoastPlaces {
  readonly lon: Float64Array
  readonly lat: Float64Array
  readonly lengthMetres: Float32Array
  /** 1 + index in `countries`, 0 for none. */
  readonly countryOf: Uint32Array
  /** ISO 3166-1 numeric codes, empty where there is none. */
  readonly countries: readonly { readonly id: string; readonly name: string }[]
}

export interface Coast {
  readonly cellCount: number
  /** Absent where the grid lies on no globe. */
  readonly places: CoastPlaces | undefined
}

async function joined(
  links: readonly CID[],
  count: number,
  fetch: FetchBlock
): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(count * 4)
  let at = 0
  for (const link of links) {
    const block = await fetch(link)
    if (at + block.length > bytes.length) throw new ShapeError('coast.cells', 'are too many')
    bytes.set(block, at)
    at += block.length
  }
  if (at !== bytes.length) throw new ShapeError('coast.cells', `must be ${count}`)
  return bytes.buffer
}

/** A float64 of bytes that need not be aligned. */
const doubleAt = (bytes: Uint8Array, index: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getFloat64(index * 8, true)

/** Longitude and latitude of nodes, ascending; bands of rows keep what is read at once small. */
async function placesOf(forcing: Forcing, nodes: Uint32Array, fetch: FetchBlock) {
  const { columns, rows, latitudes, longitudes, tileRows } = forcing
  const lon = new Float64Array(nodes.length)
  const lat = new Float64Array(nodes.length)
  if (forcing.nodes === undefined) {
    if (longitudes?.length !== columns * 8 || latitudes?.length !== rows * 8) {
      throw new ShapeError('longitudes', 'must be those of the grid')
    }
    for (const [cell, node] of nodes.entries()) {
      lon[cell] = doubleAt(longitudes, node % columns)
      lat[cell] = doubleAt(latitudes, Math.floor(node / columns))
    }
    return { lon, lat }
  }
  for (let cell = 0; cell < nodes.length; ) {
    const row = Math.floor((nodes[cell] ?? 0) / columns / tileRows) * tileRows
    const box = { column: 0, columns, row, rows: Math.min(tileRows, rows - row) }
    const tiled = { plane: forcing.nodes, parts: 1, bytesPerNode: 16 }
    const [pairs = new Uint8Array()] = await cutPlanes(forcing, box, tiled, fetch)
    const end = (row + box.rows) * columns
    for (; cell < nodes.length && (nodes[cell] ?? 0) < end; cell += 1) {
      const place = (nodes[cell] ?? 0) - row * columns
      lon[cell] = doubleAt(pairs, 2 * place)
      lat[cell] = doubleAt(pairs, 2 * place + 1)
    }
  }
  return { lon, lat }
}

/** The coast of a plan; undefined where its forcing knows none. */
export function readCoast(
  plan: Plan,
  blocks: Blocks,
  signal?: AbortSignal
): Promise<Coast | undefined> {
  const fetch: FetchBlock = (cid) => blocks.get(cid, signal === undefined ? {} : { signal })
  return naming('forcing', async () => {
    const forcing = decode(forcingShape, await fetch(plan.forcing))
    const { coast } = forcing
    if (coast === undefined || coast.cellCount === 0) return
    const { cellCount, cells } = coast
    if (cells === undefined) return { cellCount, places: undefined }
    const nodes = new Uint32Array(await joined(cells.nodes, cellCount, fetch))
    const isOnGrid = nodes.every(
      (node, at) =>
        node < forcing.columns * forcing.rows && (at === 0 || node > (nodes[at - 1] ?? 0))
    )
    if (!isOnGrid) throw new ShapeError('coast.cells.nodes', 'must be nodes of the grid, ascending')
    return {
      cellCount,
      places: {
        ...(await placesOf(forcing, nodes, fetch)),
        lengthMetres: new Float32Array(await joined(cells.lengths, cellCount, fetch)),
        countryOf: new Uint32Array(await joined(cells.countryOf, cellCount, fetch)),
        countries: cells.countries
      }
    }
  })
}

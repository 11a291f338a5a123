/**
 * The forcing of the made-up world: only its grid and its coast are real, which is all a product
 * reads of it. Coastal cells lie along the eastern edge.
 */
import type { CID } from 'multiformats/cid'
import { type Block, toBlock, toRawBlock } from '../../../protocol/canonical.ts'

const NODES = 10
export const COASTAL_CELLS = 7
export const COUNTRIES = [
  { id: '380', name: 'Italy' },
  { id: '', name: 'Nowhere' }
]

const raw = (values: Uint32Array | Float32Array | Float64Array): Block =>
  toRawBlock(new Uint8Array(values.buffer))

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Node of a coastal cell. */
export const nodeOf = (cell: number): number => (cell + 1) * NODES + NODES - 1

/** What the world's axes say of a node. */
export const coastPlace = (cell: number) => ({
  lon: 8 + (nodeOf(cell) % NODES) * 0.25,
  lat: 42 + Math.floor(nodeOf(cell) / NODES) * 0.25
})

export const countryOf = (cell: number): number => cell % 3

/** Blocks of a forcing, its manifest first. */
export function makeForcing(isCoastless = false): { cid: CID; blocks: Block[] } {
  const blocks: Block[] = []
  const put = (block: Block): CID => {
    blocks.push(block)
    return block.cid
  }
  const cells = range(COASTAL_CELLS)
  const axis = (first: number) =>
    new Uint8Array(Float64Array.from(range(NODES), (index) => first + index * 0.25).buffer)
  const nothing = toRawBlock(Uint8Array.of(0)).cid
  const coast = {
    distance: nothing,
    cell: nothing,
    cellCount: COASTAL_CELLS,
    cells: {
      nodes: [put(raw(Uint32Array.from(cells, nodeOf)))],
      lengths: [put(raw(Float32Array.from(cells, (cell) => 1000 + cell)))],
      countryOf: [put(raw(Uint32Array.from(cells, countryOf)))],
      countries: COUNTRIES
    }
  }
  const manifest = toBlock({
    kind: 'forcing',
    columns: NODES,
    rows: NODES,
    isPeriodic: false,
    isFlat: false,
    longitudes: axis(8),
    latitudes: axis(42),
    tileRows: NODES,
    tileColumns: NODES,
    land: nothing,
    metric: nothing,
    current: nothing,
    ...(isCoastless ? {} : { coast })
  })
  return { cid: manifest.cid, blocks: [manifest, ...blocks] }
}

/**
 * The units table of a forecast: the signed verdict of every settled slot, cut into chunks of which
 * each fits one block. Its CID is part of what coordinators co-sign, so its order is fixed: by
 * window, then member, then block.
 */
import type { CID } from 'multiformats/cid'
import { type Block, toBlock } from './canonical.ts'
import { BLOCK_BYTES_MAX, LINKS_MAX } from './limits.ts'
import { bytes, link, list, object } from './shape.ts'

/** A verdict with quorum 2 is about 2 KiB; at the frame limit of 64 KiB ten still fit. */
const CHUNK_BYTES_MAX = BLOCK_BYTES_MAX - 65_536

export const unitsChunk = object('units-chunk', {
  verdicts: list(bytes(BLOCK_BYTES_MAX, 1), LINKS_MAX, 1)
})

export const unitsTable = object('units', { chunks: list(link, LINKS_MAX) })

/** Table and chunk blocks of verdict envelopes that are in slot order; the root comes first. */
export function unitsBlocks(verdicts: readonly Uint8Array[]): { cid: CID; blocks: Block[] } {
  const chunks: Block[] = []
  let open: Uint8Array[] = []
  let openBytes = 0
  const close = (): void => {
    if (open.length > 0) chunks.push(toBlock({ kind: 'units-chunk', verdicts: open }))
    open = []
    openBytes = 0
  }
  for (const verdict of verdicts) {
    if (openBytes + verdict.length > CHUNK_BYTES_MAX) close()
    open.push(verdict)
    openBytes += verdict.length + 5
  }
  close()
  const root = toBlock({ kind: 'units', chunks: chunks.map(({ cid }) => cid) })
  return { cid: root.cid, blocks: [root, ...chunks] }
}

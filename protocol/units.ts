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

export const attestationsChunk = object('attestations-chunk', {
  attestations: list(bytes(BLOCK_BYTES_MAX, 1), LINKS_MAX, 1)
})

/** Envelopes in order, cut into pieces that each fit a block. */
function pieces(envelopes: readonly Uint8Array[]): Uint8Array[][] {
  const cut: Uint8Array[][] = []
  let openBytes = CHUNK_BYTES_MAX
  for (const envelope of envelopes) {
    if (openBytes + envelope.length > CHUNK_BYTES_MAX) {
      cut.push([])
      openBytes = 0
    }
    cut.at(-1)?.push(envelope)
    openBytes += envelope.length + 5
  }
  return cut
}

/** Table and chunk blocks of verdict envelopes that are in slot order; the root comes first. */
export function unitsBlocks(verdicts: readonly Uint8Array[]): { cid: CID; blocks: Block[] } {
  const chunks = pieces(verdicts).map((piece) => toBlock({ kind: 'units-chunk', verdicts: piece }))
  const root = toBlock({ kind: 'units', chunks: chunks.map(({ cid }) => cid) })
  return { cid: root.cid, blocks: [root, ...chunks] }
}

/**
 * Blocks of attestation envelopes. They are not part of what coordinators sign: each names its
 * verdict and proves itself, and every coordinator may hold others of them.
 */
export const attestationBlocks = (attestations: readonly Uint8Array[]): Block[] =>
  pieces(attestations).map((piece) => toBlock({ kind: 'attestations-chunk', attestations: piece }))

/**
 * Blocks in memory: for `simulate`, single commands and tests. Nothing is fetched, nothing is kept.
 */
import type { CID } from 'multiformats/cid'
import type { Block } from '../../protocol/canonical.ts'
import { blockMissing, checkBlock } from './block-check.ts'
import type { Blocks } from './blocks.ts'

export interface MemoryBlocks extends Blocks {
  readonly blockCount: number
  readonly bytesCount: number
}

export function openMemoryBlocks(): MemoryBlocks {
  const held = new Map<string, Uint8Array>()
  let bytesCount = 0
  return {
    get blockCount() {
      return held.size
    },
    get bytesCount() {
      return bytesCount
    },
    put: async (block: Block) => {
      checkBlock(block.cid, block.bytes, 'memory')
      const key = block.cid.toString()
      if (held.has(key)) return
      held.set(key, block.bytes)
      bytesCount += block.bytes.byteLength
    },
    get: async (cid: CID, options) => {
      options?.signal?.throwIfAborted()
      const bytes = held.get(cid.toString())
      if (bytes === undefined) throw blockMissing(cid, 'memory')
      return bytes
    },
    has: async (cid: CID) => held.has(cid.toString())
  }
}

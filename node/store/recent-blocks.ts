/**
 * The last blocks stored or served, in memory. Bitswap reads what it sends one block after the
 * other, and what is asked for is mostly what was just stored: a result by its coordinator, an
 * input by every volunteer.
 */
import type { CID } from 'multiformats/cid'

/** A tenth of the memory a volunteer may use when idle (300 MB). */
const RECENT_BYTES_MAX = 32 * 1024 * 1024

export interface RecentBlocks {
  keep(cid: CID, bytes: Uint8Array): void
  get(cid: CID): Uint8Array | undefined
}

export function openRecentBlocks(): RecentBlocks {
  // a Map remembers the order of insertion: the first is the oldest
  const held = new Map<string, Uint8Array>()
  let bytesCount = 0
  return {
    keep: (cid, bytes) => {
      const key = cid.toString()
      if (held.has(key)) return
      held.set(key, bytes)
      bytesCount += bytes.byteLength
      for (const [oldest, { byteLength }] of held) {
        if (bytesCount <= RECENT_BYTES_MAX) break
        held.delete(oldest)
        bytesCount -= byteLength
      }
    },
    get: (cid) => held.get(cid.toString())
  }
}

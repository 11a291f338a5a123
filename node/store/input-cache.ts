/**
 * A limit to what a volunteer keeps of what it fetched: the blocks of its inputs stay on disk until
 * they are the longest unused and the limit is reached. What it made itself is never counted, so
 * never deleted. Which blocks were fetched, and when they were last used, is in level: written
 * before a fetch, so that a kill leaves no block that nobody counts.
 */
import { CID } from 'multiformats/cid'
import { BLOCK_BYTES_MAX } from '../../protocol/limits.ts'
import type { Blocks } from './blocks.ts'
import { openLevel, storeFailure } from './level-folder.ts'

/** Bytes of inputs a volunteer keeps by default (DESIGN §7). */
export const INPUT_BYTES_MAX = 2 * 1024 * 1024 * 1024
/** A use is written down when the last one written is this old: tiles are used in bursts. */
const USE_MS = 60_000
/** A full cache is emptied to this share, so that not every fetch deletes. */
const KEPT_SHARE = 0.9

export interface InputCache {
  /** Blocks as they were, and whatever is fetched through them is counted. */
  readonly blocks: Blocks
  /** Blocks and bytes counted. */
  count(): { readonly blocks: number; readonly bytes: number }
  close(): Promise<void>
}

export interface InputCacheInit {
  readonly blocks: Blocks
  /** Deletes a block from disk; one that is not there is no error. */
  readonly remove: (cid: CID) => Promise<void>
  readonly dir: string
  readonly bytesMax?: number
  readonly nowMs: () => number
}

interface Use {
  readonly bytes: number
  readonly usedAtMs: number
}

const USE_BYTES = 16

function encodeUse({ bytes, usedAtMs }: Use): Uint8Array {
  const value = new Uint8Array(USE_BYTES)
  const view = new DataView(value.buffer)
  view.setFloat64(0, usedAtMs)
  view.setFloat64(8, bytes)
  return value
}

function decodeUse(value: Uint8Array): Use {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  return { usedAtMs: view.getFloat64(0), bytes: view.getFloat64(8) }
}

/** @throws MeshError `store/locked`, `store/failed` */
export async function openInputCache(init: InputCacheInit): Promise<InputCache> {
  const { blocks, remove, dir, bytesMax = INPUT_BYTES_MAX, nowMs } = init
  const level = await openLevel(dir)
  /** Longest unused first. */
  const uses = new Map<string, Use>()
  let total = 0
  const stored: [string, Use][] = []
  for await (const [key, value] of level.iterator()) {
    if (value.byteLength === USE_BYTES) stored.push([key, decodeUse(value)])
  }
  for (const [key, use] of stored.sort((a, b) => a[1].usedAtMs - b[1].usedAtMs)) {
    uses.set(key, use)
    total += use.bytes
  }

  const write = async (key: string, use: Use): Promise<void> => {
    try {
      await level.put(key, encodeUse(use))
    } catch (cause) {
      throw storeFailure(`the list of inputs ${dir} cannot be written`, cause, { dir })
    }
  }
  const forget = async (key: string): Promise<void> => {
    total -= uses.get(key)?.bytes ?? 0
    uses.delete(key)
    await level.del(key)
  }
  const use = async (key: string, bytes: number): Promise<void> => {
    const known = uses.get(key)
    const now = { bytes, usedAtMs: nowMs() }
    uses.delete(key)
    uses.set(key, now)
    total += bytes - (known?.bytes ?? 0)
    const isNews = known?.bytes !== bytes || now.usedAtMs - known.usedAtMs >= USE_MS
    if (isNews) await write(key, now)
    else uses.set(key, { bytes, usedAtMs: known.usedAtMs })
  }
  let makingRoom: Promise<void> | undefined
  const makeRoom = async (): Promise<void> => {
    for (const key of uses.keys()) {
      if (total <= bytesMax * KEPT_SHARE) return
      // The block first: what is deleted and still counted is counted off at its next use.
      await remove(CID.parse(key))
      await forget(key)
    }
  }

  const get: Blocks['get'] = async (cid, options) => {
    const key = cid.toString()
    if (!uses.has(key)) {
      if (await blocks.has(cid)) return await blocks.get(cid, options)
      await use(key, BLOCK_BYTES_MAX)
    }
    const bytes = await blocks.get(cid, options).catch(async (cause) => {
      if (uses.has(key) && !(await blocks.has(cid))) await forget(key)
      throw cause
    })
    // Meanwhile it may have become our own, or been deleted for room.
    if (uses.has(key)) await use(key, bytes.byteLength)
    if (total > bytesMax) {
      makingRoom ??= makeRoom().finally(() => {
        makingRoom = undefined
      })
      await makingRoom
    }
    return bytes
  }
  return {
    blocks: {
      get,
      has: (cid) => blocks.has(cid),
      put: async (block, options) => {
        // What we make is ours to keep, though it was fetched before.
        const key = block.cid.toString()
        await makingRoom
        if (uses.has(key)) await forget(key)
        await blocks.put(block, options)
      }
    },
    count: () => ({ blocks: uses.size, bytes: total }),
    close: () => level.close()
  }
}

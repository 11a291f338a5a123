/**
 * Blocks in a folder, one file each, written atomically: the disk side of every store. Blocks are
 * checked against their CID when read, so that a damaged or tampered file is never served. Not
 * synced: a kill loses nothing, a power cut at worst blocks that are fetched or computed again.
 */
import { FsBlockstore } from 'blockstore-fs'
import toBuffer from 'it-to-buffer'
import type { CID } from 'multiformats/cid'
import type { Block } from '../../protocol/canonical.ts'
import { blockMissing, checkBlock } from './block-check.ts'
import type { Blocks } from './blocks.ts'
import { openGate } from './gate.ts'
import { storeFailure } from './level-folder.ts'

/** Files open at once: far below the 1024 a process may have, enough to keep a disk busy. */
const FILES_MAX = 64

export interface FolderBlocks extends Blocks {
  /**
   * The bytes, or undefined when the block is not here.
   * @throws MeshError `verify/mismatch`, `store/failed`
   */
  read(cid: CID, signal?: AbortSignal): Promise<Uint8Array | undefined>
  /** Deletes a block, if it is here. @throws MeshError `store/failed` */
  remove(cid: CID): Promise<void>
}

/** @throws MeshError `store/failed` when the folder cannot be made */
export async function openFolderBlocks(dir: string): Promise<FolderBlocks> {
  const files = new FsBlockstore(dir)
  try {
    await files.open()
  } catch (cause) {
    throw storeFailure(`${dir} cannot be opened`, cause, { dir })
  }
  const gate = openGate(() => FILES_MAX)
  // two writers of one block would share the library's temporary file
  const writing = new Map<string, Promise<void>>()

  const write = async ({ cid, bytes }: Block) => {
    if (await files.has(cid)) return
    try {
      await files.put(cid, bytes)
    } catch (cause) {
      throw storeFailure(`block ${cid} cannot be written to ${dir}`, cause, { dir, cid: `${cid}` })
    }
  }
  const read = (cid: CID, signal?: AbortSignal) =>
    gate(async () => {
      let bytes: Uint8Array
      try {
        bytes = await toBuffer(files.get(cid))
      } catch (cause) {
        // the library calls every failure "not found" and keeps the true one as text
        if (`${cause}`.includes('ENOENT')) return undefined
        throw storeFailure(`block ${cid} cannot be read`, cause, { dir, cid: `${cid}` })
      }
      checkBlock(cid, bytes, dir)
      return bytes
    }, signal)
  return {
    put: (block, options) => {
      const key = block.cid.toString()
      const underWay = writing.get(key)
      if (underWay !== undefined) return underWay
      const written = gate(async () => {
        checkBlock(block.cid, block.bytes, dir)
        await write(block)
      }, options?.signal).finally(() => writing.delete(key))
      writing.set(key, written)
      return written
    },
    read,
    get: async (cid, options) => {
      const bytes = await read(cid, options?.signal)
      if (bytes === undefined) throw blockMissing(cid, dir)
      return bytes
    },
    has: (cid) => gate(() => files.has(cid)),
    remove: (cid) =>
      gate(async () => {
        try {
          await files.delete(cid)
        } catch (cause) {
          throw storeFailure(`block ${cid} cannot be deleted`, cause, { dir, cid: `${cid}` })
        }
      })
  }
}

/**
 * The folder as Helia sees it. A damaged block is "not found" here: one bad file must not end a
 * bitswap answer that holds others, nor be sent to anyone.
 */
import { BaseBlockstore } from 'blockstore-core/base'
import toBuffer from 'it-to-buffer'
import type { CID } from 'multiformats/cid'
import { isMeshError } from '../mesh-error.ts'
import type { FolderBlocks } from './folder-blocks.ts'

/** Bitswap knows a missing block by this name. */
class NotFoundError extends Error {
  override readonly name = 'NotFoundError'
}

export class ServedBlocks extends BaseBlockstore {
  readonly #folder: FolderBlocks
  readonly #onDamaged: (cid: CID) => void

  constructor(folder: FolderBlocks, onDamaged: (cid: CID) => void) {
    super()
    this.#folder = folder
    this.#onDamaged = onDamaged
  }

  override async put(
    cid: CID,
    value: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  ): Promise<CID> {
    const bytes = value instanceof Uint8Array ? value : await toBuffer(value)
    await this.#folder.put({ cid, bytes })
    return cid
  }

  override async *get(cid: CID): AsyncGenerator<Uint8Array> {
    yield await this.#read(cid)
  }

  override has(cid: CID): Promise<boolean> {
    return this.#folder.has(cid)
  }

  async #read(cid: CID): Promise<Uint8Array> {
    try {
      const bytes = await this.#folder.read(cid)
      if (bytes !== undefined) return bytes
    } catch (error) {
      if (!isMeshError(error, 'verify/mismatch')) throw error
      this.#onDamaged(cid)
    }
    throw new NotFoundError(`block ${cid}`)
  }
}

/**
 * The folder as Helia sees it. A damaged block is "not found" here: one bad file must not end a
 * bitswap answer that holds others, nor be sent to anyone.
 */
import { BaseBlockstore } from 'blockstore-core/base'
import toBuffer from 'it-to-buffer'
import type { CID } from 'multiformats/cid'
import type { Block } from '../../protocol/canonical.ts'
import { isMeshError } from '../mesh-error.ts'
import type { FolderBlocks } from './folder-blocks.ts'
import { openRecentBlocks } from './recent-blocks.ts'

/** Bitswap knows a missing block by this name. */
class NotFoundError extends Error {
  override readonly name = 'NotFoundError'
}

/** Bytes of a block that is not in the folder. */
export type FindBlock = (cid: CID) => Uint8Array | undefined

export class ServedBlocks extends BaseBlockstore {
  readonly #folder: FolderBlocks
  readonly #onDamaged: (cid: CID) => void
  readonly #recent = openRecentBlocks()
  #also: FindBlock = () => undefined

  constructor(folder: FolderBlocks, onDamaged: (cid: CID) => void) {
    super()
    this.#folder = folder
    this.#onDamaged = onDamaged
  }

  serveAlso(find: FindBlock): void {
    this.#also = find
  }

  /** The bytes of a block that is here and whole, or undefined. */
  async find(cid: CID): Promise<Uint8Array | undefined> {
    const inMemory = this.#recent.get(cid) ?? this.#also(cid)
    if (inMemory !== undefined) return inMemory
    try {
      const bytes = await this.#folder.read(cid)
      if (bytes !== undefined) this.#recent.keep(cid, bytes)
      return bytes
    } catch (error) {
      if (!isMeshError(error, 'verify/mismatch')) throw error
      this.#onDamaged(cid)
      return undefined
    }
  }

  /** Stores a block; what is stored is likely to be asked for next. */
  async store(block: Block, options?: { signal?: AbortSignal }): Promise<void> {
    await this.#folder.put(block, options)
    this.#recent.keep(block.cid, block.bytes)
  }

  override async put(
    cid: CID,
    value: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  ): Promise<CID> {
    const bytes = value instanceof Uint8Array ? value : await toBuffer(value)
    await this.store({ cid, bytes })
    return cid
  }

  override async *get(cid: CID): AsyncGenerator<Uint8Array> {
    const bytes = await this.find(cid)
    if (bytes === undefined) throw new NotFoundError(`block ${cid}`)
    yield bytes
  }

  override async has(cid: CID): Promise<boolean> {
    const isInMemory = (this.#recent.get(cid) ?? this.#also(cid)) !== undefined
    return isInMemory || (await this.#folder.has(cid))
  }
}

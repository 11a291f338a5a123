/**
 * A large file written piece by piece: its leaves go into the store as they fill, so that a file of
 * a folder may be larger than memory and grow beside others. Its CID is that of the same bytes
 * written at once.
 */
import { createHash } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { toRawBlock } from '../../../../protocol/canonical.ts'
import { BLOCK_BYTES_MAX } from '../../../../protocol/limits.ts'
import type { Blocks } from '../../../store/blocks.ts'

export interface Leaf {
  readonly cid: CID
  readonly byteCount: number
}

/** A file whose leaves are in the store already. */
export interface SpooledLeaves {
  readonly path: string
  readonly leaves: readonly Leaf[]
  readonly byteCount: number
  readonly sha256: Uint8Array
}

export class SpooledFile {
  readonly #path: string
  readonly #blocks: Pick<Blocks, 'put'>
  readonly #signal: AbortSignal | undefined
  readonly #hash = createHash('sha256')
  readonly #leaves: Leaf[] = []
  #open = new Uint8Array(BLOCK_BYTES_MAX)
  #filled = 0
  #byteCount = 0

  constructor(path: string, blocks: Pick<Blocks, 'put'>, signal: AbortSignal | undefined) {
    this.#path = path
    this.#blocks = blocks
    this.#signal = signal
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    this.#byteCount += bytes.length
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + BLOCK_BYTES_MAX - this.#filled)
      this.#open.set(bytes.subarray(at, end), this.#filled)
      this.#filled += end - at
      at = end
      if (this.#filled === BLOCK_BYTES_MAX) await this.#flush()
    }
  }

  async finish(): Promise<SpooledLeaves> {
    if (this.#filled > 0) await this.#flush()
    return {
      path: this.#path,
      leaves: this.#leaves,
      byteCount: this.#byteCount,
      sha256: this.#hash.digest()
    }
  }

  async #flush(): Promise<void> {
    const block = toRawBlock(this.#open.subarray(0, this.#filled))
    const options = this.#signal === undefined ? {} : { signal: this.#signal }
    await this.#blocks.put(block, options)
    this.#leaves.push({ cid: block.cid, byteCount: this.#filled })
    // The store may keep what it was given.
    this.#open = new Uint8Array(BLOCK_BYTES_MAX)
    this.#filled = 0
  }
}

/**
 * The blocks port: where content-addressed bytes live. Adapters: memory (simulate, tests), folder
 * and Helia (mesh); all pass test/contract/blocks.ts.
 */
import type { CID } from 'multiformats/cid'
import type { Block } from '../../protocol/canonical.ts'

export interface GetOptions {
  readonly signal?: AbortSignal
  /** Keys of peers that have it, most likely first: asked before all others. */
  readonly holders?: readonly Uint8Array[]
}

export interface Blocks {
  /** Resolves when the block is stored; storing it again changes nothing. */
  put(block: Block, options?: { signal?: AbortSignal }): Promise<void>
  /**
   * The bytes under a CID, verified against it; from the network where the adapter has one.
   * @throws MeshError `net/block-missing` when nobody has it before the signal aborts or the
   *   adapter's deadline passes, `verify/mismatch` when stored bytes do not match their CID
   */
  get(cid: CID, options?: GetOptions): Promise<Uint8Array>
  /** Is it stored here? */
  has(cid: CID): Promise<boolean>
}

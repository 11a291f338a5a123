/**
 * Blocks of the mesh: a folder on disk, shared and fetched by bitswap through Helia on our own
 * libp2p. Works round what Helia leaves to its user (NETWORK §6).
 */
import type { OpenNet } from '../net/open-net.ts'
import type { Blocks } from './blocks.ts'

export interface HeliaBlocks extends Blocks {
  /** Stops bitswap; stop it before the net. */
  stop(): Promise<void>
}

export interface HeliaOptions {
  /** A block nobody delivers within this time is missing; default GET_DEADLINE_MS. */
  readonly getDeadlineMs?: number
}

export async function openHeliaBlocks(
  _net: OpenNet,
  _dir: string,
  _options?: HeliaOptions
): Promise<HeliaBlocks> {
  throw new Error('not written yet')
}

/**
 * Is this the block it says it is? Every adapter checks what it is given and what it reads.
 */
import { hash } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import { BLOCK_BYTES_MAX } from '../../protocol/limits.ts'
import { MeshError } from '../mesh-error.ts'

const SHA2_256_CODE = 0x12

/** @throws MeshError `verify/mismatch` when the bytes are not those of the CID or too many */
export function checkBlock(cid: CID, bytes: Uint8Array, where: string): void {
  if (cid.multihash.code !== SHA2_256_CODE) {
    throw mismatch(cid, `uses hash function ${cid.multihash.code}, only sha2-256 is known`, where)
  }
  if (bytes.byteLength > BLOCK_BYTES_MAX) {
    throw mismatch(cid, `has ${bytes.byteLength} bytes, a block at most ${BLOCK_BYTES_MAX}`, where)
  }
  if (!equals(hash('sha256', bytes, 'buffer'), cid.multihash.digest)) {
    throw mismatch(cid, 'does not match its bytes: they were damaged or tampered with', where)
  }
}

/** The same as an answer, for what a peer sent. */
export const isBlock = (cid: CID, bytes: Uint8Array): boolean =>
  cid.multihash.code === SHA2_256_CODE &&
  bytes.byteLength <= BLOCK_BYTES_MAX &&
  equals(hash('sha256', bytes, 'buffer'), cid.multihash.digest)

const mismatch = (cid: CID, what: string, where: string): MeshError =>
  new MeshError('verify/mismatch', `block ${cid} ${what} (${where})`, {
    detail: { cid: cid.toString(), where }
  })

/** The failure of a `get` that found nothing: `where` says who was asked. */
export const blockMissing = (cid: CID, where: string, cause?: unknown): MeshError =>
  new MeshError('net/block-missing', `block ${cid} is not to be had (${where})`, {
    detail: { cid: cid.toString(), where },
    retryable: true,
    cause
  })

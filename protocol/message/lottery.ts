/**
 * The lottery of policy throughput: whether a result is computed by a second operator is drawn from
 * a secret of the owner, sealed in the grant, and a nonce of the witness, drawn after it saw the
 * commit. Neither knows the draw before the commit, and everybody can check it after the verdict.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'

const DOMAIN = fromString('driftmesh/lottery/v1\0')

/**
 * Share of results that are computed twice even when the operator was right ever so often: with
 * less a sleeper would be caught too late.
 */
export const LOTTERY_SHARE_MIN = 0.05

/** What the grant shows of the secret. */
export const lotterySeal = (secret: Uint8Array): Uint8Array => sha256(secret)

/** The draw, in [0, 1): below the share a second operator computes it, too. */
export function lotteryDraw(secret: Uint8Array, nonce: Uint8Array): number {
  const digest = sha256(concat([DOMAIN, secret, nonce]))
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0) / 2 ** 32
}

/**
 * The seal of a commit: a hash over everything the reveal will say and over who says it. It is
 * bound to operator and peer, so a copied commit opens for nobody else (PROTOCOL §3).
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import type { Reveal } from './message/result.ts'

const DOMAIN = fromString('driftmesh/commit-digest/v1\0')

/** Unsigned 64-bit big-endian bytes of a safe integer. */
function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

/**
 * SHA-256(domain ‖ unit ‖ attempt ‖ operator ‖ peer ‖ result ‖ trace root ‖ fuel ‖ salt). Every
 * part but the CIDs has a fixed length and every CID states its own, so the bytes read one way
 * only.
 *
 */
export const commitDigest = (reveal: Omit<Reveal, 'kind' | 'lease'>): Uint8Array =>
  sha256(
    concat([
      DOMAIN,
      reveal.unit.bytes,
      u64(reveal.attempt),
      reveal.operator,
      reveal.peer,
      reveal.result.bytes,
      reveal.traceRoot,
      u64(reveal.fuel),
      reveal.salt
    ])
  )

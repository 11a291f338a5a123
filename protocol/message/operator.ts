/**
 * Operators: for whom a peer computes, and what lets a newcomer in.
 */
import { publicKey } from '../federation.ts'
import { bytes, type Infer, integer, object } from '../shape.ts'
import { peerKey, unixMs } from './parts.ts'

/** Signed by the operator key: this peer computes for this operator. */
export const binding = object('binding', {
  operator: publicKey,
  peer: peerKey,
  expiresAtMs: unixMs
})
export type Binding = Infer<typeof binding>

/**
 * Signed by the operator: it paid to take part in this epoch. The proof of work is in `nonce`
 * (admission-work.ts).
 */
export const admission = object('admission', {
  operator: publicKey,
  epoch: integer(),
  nonce: bytes(32, 8)
})
export type Admission = Infer<typeof admission>

/** Signed by a coordinator: it answers for this operator, which then needs no proof of work. */
export const vouch = object('vouch', { operator: publicKey, expiresAtMs: unixMs })
export type Vouch = Infer<typeof vouch>

/** The fields that messages of several topics have in common. */
import { publicKey } from '../federation.ts'
import { TEXT_MAX } from '../limits.ts'
import { bytes, fields, integer, list, text } from '../shape.ts'

export const hash = bytes(32, 32)
export const unixMs = integer()
export const durationMs = integer(30 * 86_400_000)
/** A peer is named by its Ed25519 public key (the libp2p peer id holds the same key). */
export const peerKey = publicKey
/** A Signed envelope's bytes, opened by the receiver. */
export const envelope = bytes(64 * 1024, 1)
/** A peer that holds blocks or answers questions, and where. */
export const holder = fields({ peer: peerKey, addresses: list(text(TEXT_MAX), 16) })

/**
 * Keys of the mesh as libp2p identities: an Ed25519 public key and a peer id hold the same bytes.
 */
import { generateKeyPairFromSeed, publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey, PeerId } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'

export const privateKeyOf = (secretKey: Uint8Array): Promise<Ed25519PrivateKey> =>
  generateKeyPairFromSeed('Ed25519', secretKey)

/** @throws Error when these are not 32 bytes of an Ed25519 key (a defect: callers check) */
export const peerIdOf = (key: Uint8Array): PeerId => peerIdFromPublicKey(publicKeyFromRaw(key))

/** The key behind a peer id; undefined for the other kinds of identity libp2p allows. */
export const keyOf = (peer: PeerId): Uint8Array | undefined =>
  peer.type === 'Ed25519' ? peer.publicKey.raw : undefined

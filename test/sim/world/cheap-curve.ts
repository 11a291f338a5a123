/**
 * Statements without curve arithmetic, for most seeds: the "signature" is a hash over public key
 * and message. Nobody in a simulated world forges one, so what is lost is only what Ed25519 has its
 * own tests for. A signature that was minted here is known again without hashing.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import type { Curve } from '../../../protocol/signed.ts'

const publicKeys = new WeakMap<Uint8Array, Uint8Array>()
/** Who made a signature is kept on its bytes: millions of them come and go. */
const SIGNER = Symbol('signer')
type Minted = Uint8Array & { [SIGNER]?: Uint8Array }

function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  const known = publicKeys.get(secretKey)
  if (known !== undefined) return known
  const key = sha256(secretKey)
  publicKeys.set(secretKey, key)
  return key
}

const tag = (publicKey: Uint8Array, message: Uint8Array): Uint8Array => {
  const half = sha256(concat([publicKey, message]))
  const whole = new Uint8Array(64)
  whole.set(half)
  whole.set(half, 32)
  return whole
}

export const cheapCurve: Curve = {
  publicKeyOf,
  sign: (message, secretKey) => {
    const key = publicKeyOf(secretKey)
    const signature: Minted = tag(key, message)
    signature[SIGNER] = key
    return signature
  },
  verify: (signature, message, publicKey) => {
    const signer = (signature as Minted)[SIGNER]
    return signer === undefined
      ? equals(signature, tag(publicKey, message))
      : equals(signer, publicKey)
  }
}

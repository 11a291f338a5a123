/**
 * Statements without curve arithmetic, for most seeds: the "signature" is the public key and a
 * checksum of the message. Nobody in a simulated world forges one, so what is lost is only what
 * Ed25519 has its own tests for. A signature that was minted here is known again without counting.
 */
import { sha256 } from '@noble/hashes/sha2.js'
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

/** The key, and what it signs in two checksums: FNV-1a, and one that also counts places. */
function tag(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  let [one, two] = [0x811c9dc5, 0x01000193]
  for (let index = 0; index < message.length; index += 1) {
    const byte = message[index] ?? 0
    one = Math.imul(one ^ byte, 0x01000193)
    two = Math.imul(two ^ (byte + index), 0x01000193)
  }
  const whole = new Uint8Array(64)
  whole.set(publicKey)
  const view = new DataView(whole.buffer)
  view.setUint32(32, one)
  view.setUint32(36, two)
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

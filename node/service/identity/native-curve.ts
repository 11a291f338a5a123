/**
 * Ed25519 by the host's own library, for what a node does thousands of times. It accepts exactly
 * what the reference in protocol/ accepts: signing is deterministic (RFC 8032), and a signature is
 * taken from the host's word only where that word implies ours. Everything else is asked of noble.
 */
import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signNatively,
  verify as verifyNatively
} from 'node:crypto'
import { concat } from 'uint8arrays/concat'
import { fromHex, toHex } from '../../../protocol/hex.ts'
import { type Curve, ed25519, isStrictKey } from '../../../protocol/signed.ts'

/** What stands before the 32 bytes of a key in PKCS #8 and SPKI (RFC 8410 §7 and §4). */
const PRIVATE_PREFIX = fromHex('302e020100300506032b657004220420')
const PUBLIC_PREFIX = fromHex('302a300506032b6570032100')
/** Signers remembered: the volunteers of a large coordinator; 1 KiB each. */
const SIGNERS_MAX = 4096
/** A scalar below 2²⁵² is below the order of the group, whatever the host thinks of larger ones. */
const SCALAR_TOP_BYTE_MAX = 0x0f

const der = (prefix: Uint8Array, key: Uint8Array): Buffer => Buffer.from(concat([prefix, key]))

/** The host's form of a key, if the host's "yes" to a signature of it means ours as well. */
function trustedKey(key: Uint8Array): KeyObject | undefined {
  if (!isStrictKey(key)) return undefined
  return createPublicKey({ key: der(PUBLIC_PREFIX, key), format: 'der', type: 'spki' })
}

/** One per node: it remembers the keys it met. */
export function openNativeCurve(): Curve {
  const signers = new Map<string, KeyObject | undefined>()
  const secrets = new WeakMap<Uint8Array, KeyObject>()

  const signerOf = (key: Uint8Array): KeyObject | undefined => {
    const name = toHex(key)
    if (signers.has(name)) return signers.get(name)
    const oldest = signers.keys().next()
    if (signers.size >= SIGNERS_MAX && !oldest.done) signers.delete(oldest.value)
    const found = trustedKey(key)
    signers.set(name, found)
    return found
  }
  const secretOf = (secretKey: Uint8Array): KeyObject => {
    const known = secrets.get(secretKey)
    if (known !== undefined) return known
    const key = der(PRIVATE_PREFIX, secretKey)
    const made = createPrivateKey({ key, format: 'der', type: 'pkcs8' })
    secrets.set(secretKey, made)
    return made
  }
  return {
    publicKeyOf: ed25519.publicKeyOf,
    sign: (message, secretKey) => new Uint8Array(signNatively(null, message, secretOf(secretKey))),
    verify: (signature, message, key) => {
      const isPlain = (signature[63] ?? 0xff) <= SCALAR_TOP_BYTE_MAX
      const signer = isPlain ? signerOf(key) : undefined
      const isTrue = signer !== undefined && verifyNatively(null, message, signer, signature)
      return isTrue || ed25519.verify(signature, message, key)
    }
  }
}

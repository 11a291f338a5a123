/**
 * The price of an operator identity: a hash with enough leading zero bits over network, operator
 * and epoch. It buys nothing else and can be bought by nobody for another key.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'

const DOMAIN = fromString('driftmesh/admission/v1\0')

/** What is hashed, without the nonce at its end. */
export function admissionPrefix(network: string, operator: Uint8Array, epoch: number): Uint8Array {
  const number = new Uint8Array(8)
  new DataView(number.buffer).setBigUint64(0, BigInt(epoch))
  return concat([DOMAIN, fromString(`${network}\0`), operator, number])
}

/** Leading zero bits of a hash. */
export function leadingZeros(hash: Uint8Array): number {
  let bits = 0
  for (const byte of hash) {
    if (byte !== 0) return bits + Math.clz32(byte) - 24
    bits += 8
  }
  return bits
}

/** Leading zero bits of SHA-256(domain ‖ network ‖ operator ‖ epoch u64be ‖ nonce). */
export const admissionWork = (
  network: string,
  { operator, epoch, nonce }: { operator: Uint8Array; epoch: number; nonce: Uint8Array }
): number => leadingZeros(sha256(concat([admissionPrefix(network, operator, epoch), nonce])))

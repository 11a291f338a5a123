/**
 * Merkle tree hashing of RFC 6962 §2.1: a leaf and a node have different prefixes, so that neither
 * can pass for the other. Traces of runs and the logs of coordinators use it.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'

const LEAF = new Uint8Array([0])
const NODE = new Uint8Array([1])

const leafHash = (data: Uint8Array): Uint8Array => sha256(concat([LEAF, data]))

/**
 * Root over the data of each leaf (RFC 6962 MTH; a trace's data are its segment hashes); an empty
 * list has the hash of nothing. The split is the largest power of two below the count.
 *
 */
export function merkleRoot(entries: readonly Uint8Array[]): Uint8Array {
  const [first] = entries
  if (first === undefined) return sha256(new Uint8Array(0))
  if (entries.length === 1) return leafHash(first)
  let split = 1
  while (split * 2 < entries.length) split *= 2
  return sha256(
    concat([NODE, merkleRoot(entries.slice(0, split)), merkleRoot(entries.slice(split))])
  )
}

/**
 * Who owns a slot: rendezvous hashing over the coordinators of the epoch. The windows of one block
 * of one member are a chain and stay with one owner; anyone can compute who that is.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import type { CID } from 'multiformats/cid'
import { compare } from 'uint8arrays/compare'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'

const DOMAIN = fromString('driftmesh/ownership/v1\0')

const words = (...values: number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(values.length * 4))
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value)
  return new Uint8Array(view.buffer)
}

/** Key of the coordinator whose hash with (plan, member, block) is the highest. */
export function ownerOf(
  coordinators: readonly Uint8Array[],
  plan: CID,
  place: { readonly member: number; readonly block: number }
): Uint8Array {
  const chain = concat([DOMAIN, plan.bytes, words(place.member, place.block)])
  let owner: Uint8Array | undefined
  let best = new Uint8Array(0)
  for (const key of coordinators) {
    const score = sha256(concat([chain, key]))
    if (owner === undefined || compare(score, best) > 0) {
      owner = key
      best = score
    }
  }
  if (owner === undefined) throw new RangeError('a federation has at least one coordinator')
  return owner
}

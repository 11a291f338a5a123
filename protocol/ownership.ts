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

/**
 * The coordinators in the order in which they own a chain: highest SHA-256 with (plan, member,
 * block) first. The term of a slot is the rank of its owner, so (slot, term) has one possible owner
 * for ever, and who comes next is known to everybody.
 */
export function rankedOwners(
  coordinators: readonly Uint8Array[],
  plan: CID,
  place: { readonly member: number; readonly block: number }
): readonly Uint8Array[] {
  const chain = concat([DOMAIN, plan.bytes, words(place.member, place.block)])
  return coordinators
    .map((key) => ({ key, score: sha256(concat([chain, key])) }))
    .sort((one, two) => compare(two.score, one.score))
    .map(({ key }) => key)
}

/** The first of {@link rankedOwners}: whose the chain is while nobody was deposed. */
export function ownerOf(
  coordinators: readonly Uint8Array[],
  plan: CID,
  place: { readonly member: number; readonly block: number }
): Uint8Array {
  const [owner] = rankedOwners(coordinators, plan, place)
  if (owner === undefined) throw new RangeError('a federation has at least one coordinator')
  return owner
}

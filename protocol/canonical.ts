/**
 * Canonical bytes and content identifiers. An id is the CID of the canonical dag-cbor bytes of an
 * object; decoding refuses bytes that are not the canonical form of what they hold, so that one
 * object has exactly one CID.
 */
import * as dagCbor from '@ipld/dag-cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import { CID } from 'multiformats/cid'
import * as digest from 'multiformats/hashes/digest'
import { equals } from 'uint8arrays/equals'
import { type Shape, ShapeError } from './shape.ts'

const RAW_CODE = 0x55
const SHA2_256_CODE = 0x12

/** A block: bytes under their CID. */
export interface Block {
  readonly cid: CID
  readonly bytes: Uint8Array
}

/** CIDv1 of dag-cbor bytes. */
export const cborCid = (bytes: Uint8Array): CID =>
  CID.createV1(dagCbor.code, digest.create(SHA2_256_CODE, sha256(bytes)))

/** CIDv1 of a raw block. */
export const rawCid = (bytes: Uint8Array): CID =>
  CID.createV1(RAW_CODE, digest.create(SHA2_256_CODE, sha256(bytes)))

/** Canonical dag-cbor bytes; `undefined` fields are left out. */
export const encode = (value: unknown): Uint8Array => dagCbor.encode(value)

/** Canonical bytes and their CID in one step. */
export const toBlock = (value: unknown): Block => {
  const bytes = encode(value)
  return { cid: cborCid(bytes), bytes }
}

/** A raw block of these bytes. */
export const toRawBlock = (bytes: Uint8Array): Block => ({ cid: rawCid(bytes), bytes })

/**
 * Decodes canonical bytes to a shaped object.
 * @throws ShapeError when the bytes are not dag-cbor, not canonical or not of this shape
 */
export function decode<T>(shape: Shape<T>, bytes: Uint8Array): T {
  let value: unknown
  try {
    value = dagCbor.decode(bytes)
  } catch (cause) {
    throw new ShapeError('', `is not dag-cbor (${cause instanceof Error ? cause.message : ''})`)
  }
  if (!equals(dagCbor.encode(value), bytes)) throw new ShapeError('', 'is not in canonical form')
  return shape(value)
}

/**
 * protocol/canonical.ts for long simulations: true bytes and true CIDs, but what was encoded in
 * this process is decoded by remembering it. Decisions are the same; what is not done is to check
 * the canonical form and the shape of what our own encoder just wrote.
 */
import { CID } from 'multiformats/cid'
import * as digest from 'multiformats/hashes/digest'
import type { Shape } from '../../../protocol/shape.ts'
import { encodeFast } from './encoder.ts'
import { sha256 } from './sha2.ts'
import { decodeTruly } from './true-decode.ts'

const RAW_CODE = 0x55
const DAG_CBOR_CODE = 0x71
const SHA2_256_CODE = 0x12
const HASH_BYTES = 32

export interface Block {
  readonly cid: CID
  readonly bytes: Uint8Array
}

/** What we know of bytes is kept on them: a WeakMap of a million costs more than hashing. */
const VALUE = Symbol('value')
const CID_OF = Symbol('cid')
type Known = Uint8Array & { [VALUE]?: unknown; [CID_OF]?: CID }

/** CIDv1 by SHA-256, put together without the detours of the general way. */
function cidOf(code: number, block: Uint8Array): CID {
  const bytes = new Uint8Array(4 + HASH_BYTES)
  bytes[0] = 1
  bytes[1] = code
  bytes[2] = SHA2_256_CODE
  bytes[3] = HASH_BYTES
  bytes.set(sha256(block), 4)
  const multihash = new digest.Digest(
    SHA2_256_CODE,
    HASH_BYTES,
    bytes.subarray(4),
    bytes.subarray(2)
  )
  return new CID(1, code, multihash, bytes)
}

export function cborCid(bytes: Uint8Array): CID {
  const known = bytes as Known
  known[CID_OF] ??= cidOf(DAG_CBOR_CODE, bytes)
  return known[CID_OF]
}

export const rawCid = (bytes: Uint8Array): CID => cidOf(RAW_CODE, bytes)

export const encode = (value: unknown): Uint8Array => {
  const bytes: Known = encodeFast(value)
  bytes[VALUE] = value
  return bytes
}

export const toBlock = (value: unknown): Block => {
  const bytes = encode(value)
  return { cid: cborCid(bytes), bytes }
}

export const toRawBlock = (bytes: Uint8Array): Block => ({ cid: rawCid(bytes), bytes })

export function decode<T>(shape: Shape<T>, bytes: Uint8Array): T {
  const known = bytes as Known
  known[VALUE] ??= decodeTruly(shape, bytes)
  return known[VALUE] as T
}

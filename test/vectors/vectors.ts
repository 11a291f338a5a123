/**
 * Test vectors of the wire, for whoever speaks the protocol in another language: of each statement
 * its body as DAG-JSON, the canonical bytes, their CID, and the signed envelope with its CID.
 */
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { cborCid, encode } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import type { StatementKind } from '../../protocol/message.ts'
import { keyringOf } from '../../protocol/signed.ts'
import { NETWORK, SECRETS } from './parts.ts'
import { samples } from './samples.ts'

export interface Vector {
  readonly kind: string
  readonly signer: string
  /** Links are `{"/": CID}`, bytes `{"/": {"hex": …}}`. */
  readonly body: unknown
  readonly bytes: string
  readonly cid: string
  readonly signature: string
  readonly envelope: string
  readonly envelopeCid: string
}

export interface Vectors {
  readonly network: string
  /** Ed25519 secret seeds by name, hex. */
  readonly secrets: Readonly<Record<string, string>>
  readonly statements: readonly Vector[]
}

const isCid = (value: object): value is CID => '/' in value && 'multihash' in value

/** Plain JSON of a value. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { '/': { hex: toHex(value) } }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  if (isCid(value)) return { '/': value.toString() }
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]))
}

function vectorOf(kind: StatementKind): Vector {
  const { signer, body } = samples[kind]
  const secret = new Uint8Array(32).fill(SECRETS[signer])
  const envelope = keyringOf(secret, NETWORK).sign(kind, body)
  const { signature } = dagCbor.decode<{ signature: Uint8Array }>(envelope)
  const bytes = encode(body)
  return {
    kind,
    signer,
    body: plain(body),
    bytes: toHex(bytes),
    cid: cborCid(bytes).toString(),
    signature: toHex(signature),
    envelope: toHex(envelope),
    envelopeCid: cborCid(envelope).toString()
  }
}

export const makeVectors = (): Vectors => ({
  network: NETWORK,
  secrets: Object.fromEntries(
    Object.entries(SECRETS).map(([name, byte]) => [name, toHex(new Uint8Array(32).fill(byte))])
  ),
  statements: (Object.keys(samples) as StatementKind[]).sort().map(vectorOf)
})

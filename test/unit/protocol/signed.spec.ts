/** Signatures: strict, bound to kind and network, over canonical envelopes only. */
import assert from 'node:assert/strict'
import { decode as decodeCbor } from '@ipld/dag-cbor'
import { encode } from '../../../protocol/canonical.ts'
import type { Heartbeat } from '../../../protocol/message/lease.ts'
import { ShapeError } from '../../../protocol/shape.ts'
import { bodyOf, ed25519, openStatement, signStatement } from '../../../protocol/signed.ts'

const SECRET = new Uint8Array(32).fill(7)
const BODY: Heartbeat = {
  kind: 'heartbeat',
  lease: new Uint8Array(32).fill(1),
  particleStepsDone: 5,
  atMs: 1_700_000_000_000
}
const ENVELOPE = signStatement('heartbeat', 'net', BODY, SECRET)

/** The order of the group of Ed25519, little-endian. */
const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n

interface Fields {
  type: string
  body: Uint8Array
  signer: Uint8Array
  signature: Uint8Array
  [other: string]: unknown
}

/** The envelope with some of its fields replaced. */
const forged = (change: (fields: Fields) => Partial<Fields>): Uint8Array => {
  const fields = decodeCbor(ENVELOPE) as Fields
  return encode({ ...fields, ...change(fields) })
}

const refuses = (envelope: Uint8Array, kind: 'heartbeat' | 'release' = 'heartbeat'): void =>
  assert.throws(() => openStatement(kind, 'net', envelope), ShapeError)

describe('signed statements', () => {
  it('open to what was signed', () => {
    const said = openStatement('heartbeat', 'net', ENVELOPE)
    assert.deepEqual(said.body, BODY)
    assert.deepEqual(said.signer, ed25519.publicKeyOf(SECRET))
    assert.deepEqual(bodyOf('heartbeat', ENVELOPE), BODY)
  })

  it('are bound to their network', () => {
    assert.throws(() => openStatement('heartbeat', 'other', ENVELOPE), ShapeError)
  })

  it('are bound to their kind, also when the body would fit', () => {
    refuses(ENVELOPE, 'release')
    refuses(
      forged(() => ({ type: 'release' })),
      'release'
    )
  })

  it('are refused with any bit of body, signer or signature changed', () => {
    for (const field of ['body', 'signer', 'signature'] as const) {
      const envelope = forged((fields) => {
        const bytes = fields[field].slice()
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
        return { [field]: bytes }
      })
      refuses(envelope)
    }
  })

  it('are refused with S + L in the place of S (RFC 8032 §5.1.7)', () => {
    const envelope = forged(({ signature }) => {
      const bytes = signature.slice()
      let scalar = bytes.slice(32).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n) + ORDER
      for (let index = 32; index < 64; index += 1) {
        bytes[index] = Number(scalar & 255n)
        scalar >>= 8n
      }
      return { signature: bytes }
    })
    refuses(envelope)
  })

  it('are refused from a key of small order, which would sign anything', () => {
    const identity = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 1 : 0))
    const signature = Uint8Array.from({ length: 64 }, (_, index) => (index === 0 ? 1 : 0))
    refuses(forged(() => ({ signer: identity, signature })))
  })

  it('are refused in bytes that are not canonical', () => {
    const indefinite = ENVELOPE.slice()
    assert.equal(indefinite[0], 0xa5)
    refuses(Uint8Array.of(0xbf, ...indefinite.slice(1), 0xff))
    refuses(Uint8Array.of(...ENVELOPE, 0))
    refuses(ENVELOPE.slice(0, -1))
  })
})

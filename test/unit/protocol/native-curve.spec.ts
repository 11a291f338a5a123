/**
 * Two libraries, one rule: whatever the reference accepts or refuses, the host's library wrapped
 * accepts or refuses, also where Ed25519 libraries are known to differ.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { hashes, Point } from '@noble/ed25519'
import fc from 'fast-check'
import { concat } from 'uint8arrays/concat'
import { openNativeCurve } from '../../../node/service/identity/native-curve.ts'
import { fromHex } from '../../../protocol/hex.ts'
import { ed25519 } from '../../../protocol/signed.ts'

const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n
const curve = openNativeCurve()
const secret = fc.uint8Array({ minLength: 32, maxLength: 32 })
const message = fc.uint8Array({ maxLength: 300 })

/** The eight points of small order, and other ways of writing some of them. */
const SMALL = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'
].map(fromHex)

const numberOf = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
const bytesOf = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 255n))

/** Both answers, which have to be one. */
function verdictOf(signature: Uint8Array, text: Uint8Array, key: Uint8Array): boolean {
  const expected = ed25519.verify(signature, text, key)
  assert.equal(curve.verify(signature, text, key), expected)
  return expected
}

/**
 * A signature with parts of small order in key and R: 8(SB − kA − R) = 0, but SB ≠ R + kA. Only
 * a verification with the cofactor accepts it.
 */
function withTorsion(text: Uint8Array, torsion: Point) {
  const scalar = 123_456_789n
  const nonce = 987_654_321n
  const key = Point.BASE.multiply(scalar).add(torsion).toBytes()
  const r = Point.BASE.multiply(nonce).add(torsion).toBytes()
  const hash = createHash('sha512')
    .update(concat([r, key, text]))
    .digest()
  const s = (nonce + (numberOf(hash) % ORDER) * scalar) % ORDER
  return { signature: concat([r, bytesOf(s)]), key }
}

describe("Ed25519 by the host's library", () => {
  it('is set up like the reference', () => assert.notEqual(hashes.sha512, undefined))

  it('signs the same bytes', () => {
    fc.assert(
      fc.property(secret, message, (secretKey, text) => {
        assert.deepEqual(curve.sign(text, secretKey), ed25519.sign(text, secretKey))
        assert.deepEqual(curve.publicKeyOf(secretKey), ed25519.publicKeyOf(secretKey))
      }),
      { numRuns: 50 }
    )
  })

  it('answers the same to true and to changed signatures', () => {
    const where = fc.nat({ max: 64 + 32 + 8 - 1 })
    fc.assert(
      fc.property(secret, where, fc.integer({ min: 1, max: 255 }), (secretKey, at, flip) => {
        const all = concat([new Uint8Array(64), ed25519.publicKeyOf(secretKey), new Uint8Array(8)])
        const split = () => [all.slice(0, 64), all.slice(96), all.slice(64, 96)] as const
        all.set(ed25519.sign(all.slice(96), secretKey))
        assert.equal(verdictOf(...split()), true)
        all[at] = (all[at] ?? 0) ^ flip
        assert.equal(verdictOf(...split()), false)
      }),
      { numRuns: 60 }
    )
  })

  it('refuses S + L, and lets the reference decide about scalars from 2²⁵² on', () => {
    const secretKey = new Uint8Array(32).fill(5)
    const key = curve.publicKeyOf(secretKey)
    const text = new Uint8Array(9)
    const signature = ed25519.sign(text, secretKey)
    const larger = concat([signature.slice(0, 32), bytesOf(numberOf(signature.slice(32)) + ORDER)])
    assert.equal(verdictOf(larger, text, key), false)
    for (const top of [0x10, 0x1f, 0x80, 0xff]) {
      const changed = signature.slice()
      changed[63] = top
      assert.equal(verdictOf(changed, text, key), false)
    }
  })

  it('refuses keys and R of small order, however they are written', () => {
    const text = new Uint8Array(3)
    for (const key of SMALL) {
      for (const r of SMALL) {
        for (const s of [0n, 1n]) verdictOf(concat([r, bytesOf(s)]), text, key)
      }
    }
    const [identity = new Uint8Array(32)] = SMALL
    assert.equal(verdictOf(concat([identity, bytesOf(0n)]), text, identity), false)
  })

  it('accepts what only a verification with the cofactor accepts, as the reference does', () => {
    const torsion = Point.fromBytes(SMALL[8] ?? new Uint8Array(32), false)
    const texts = Array.from({ length: 12 }, (_, index) => new Uint8Array(4).fill(index))
    const answers = texts.map((text) => {
      const { signature, key } = withTorsion(text, torsion)
      return verdictOf(signature, text, key)
    })
    assert.deepEqual(new Set(answers), new Set([true]))
  })
})

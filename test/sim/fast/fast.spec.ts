/** The fast encoding of long simulations gives the bytes of the true one. */
import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { rawCid } from '../../../protocol/canonical.ts'
import { encodeFast } from './encoder.ts'

const leaf = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'grapheme' }),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ maxLength: 8 }).map(rawCid)
)
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string({ maxLength: 6 }), tie('value'), { maxKeys: 6, noNullPrototype: true })
  )
}))

describe('fast encoding', () => {
  it('is that of dag-cbor', () => {
    fc.assert(
      fc.property(value, (one) => {
        assert.deepEqual([...encodeFast(one)], [...dagCbor.encode(one)])
      })
    )
  })
})

/** The fast encoding of long simulations gives the bytes of the true one, and its script runs. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
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

describe('npm run sim', function () {
  this.timeout(60_000)

  it('replays a seed with the fast modules in place of the true ones', async () => {
    const script = fileURLToPath(new URL('../../../scripts/sim.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--seed', '7'])
    assert.match(stdout, /0 failed/)
  })
})

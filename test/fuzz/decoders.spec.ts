/** Decoders against mutated bytes, short form; `npm run fuzz -- --inputs 1000000` for long. */
import assert from 'node:assert/strict'
import { Random } from '../sim/world/random.ts'
import { fuzzDecoders } from './decoders.ts'

describe('every decoder', function () {
  this.timeout(120_000)

  it('ends in a value or a ShapeError for 10,000 mutated inputs', () => {
    const { taken } = fuzzDecoders(new Random(1), 10_000)
    assert.ok(taken > 0, 'some mutations must still be well-formed')
  })
})

/** Shapes against hostile values: every statement and object survives its own bytes, and whatever
 * else arrives ends in a ShapeError, never in another error or a half-typed value. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decode, encode } from '../../../protocol/canonical.ts'
import { statement, statements } from '../../../protocol/message.ts'
import { plan } from '../../../protocol/plan.ts'
import { fields, integer, optional, type Shape, ShapeError } from '../../../protocol/shape.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'

/** Typed, or ShapeError. */
function survives(shape: Shape<unknown>, value: unknown): void {
  try {
    shape(value)
  } catch (error) {
    assert.ok(error instanceof ShapeError, String(error))
  }
}

const hostile = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnboxedProto: true
} as fc.ObjectConstraints)

describe('shapes', () => {
  for (const [kind, shape] of Object.entries(statements)) {
    it(`a hostile ${kind} is a ShapeError or typed`, () => {
      fc.assert(
        fc.property(hostile, fc.dictionary(fc.string(), hostile), (value, others) => {
          survives(shape, value)
          survives(shape, { ...others, kind })
        }),
        { numRuns: 60 }
      )
    })
  }

  it('hostile bytes are a ShapeError or typed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decode(statement, bytes)
        } catch (error) {
          assert.ok(error instanceof ShapeError, String(error))
        }
      })
    )
  })

  it('a plan with one field damaged is refused with the name of the field', () => {
    const whole = smallPlan()
    for (const name of Object.keys(whole)) {
      const damaged = { ...whole, [name]: Symbol.iterator }
      assert.throws(
        () => plan(damaged),
        (error) => error instanceof ShapeError && error.path.startsWith(name),
        name
      )
    }
  })

  it('a plan survives its own bytes, unknown fields kept', () => {
    const extended = { ...smallPlan(), later: 'version' }
    assert.deepEqual(decode(plan, encode(extended)), extended)
  })

  it('an absent optional field and an undefined one are the same', () => {
    const shape = fields({ a: integer(), b: optional(integer()) })
    assert.deepEqual(shape({ a: 1, b: undefined }), { a: 1 })
  })

  it('nesting as deep as a frame allows is no stack overflow', () => {
    const deep = new Uint8Array(100_000).fill(0x81)
    assert.throws(() => decode(statement, deep), ShapeError)
  })
})

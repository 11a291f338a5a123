/**
 * Answers of a data server are untrusted: whatever is changed in them ends in values or in one of
 * our errors, soon, and never in memory for what was not sent.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseDas } from '../../../node/data/opendap/das.ts'
import { parseDds } from '../../../node/data/opendap/dds.ts'
import { decodeDods } from '../../../node/data/opendap/xdr.ts'
import { longitudeRuns } from '../../../node/data/subset/axis-run.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { griddedAnswers } from './gridded-server.ts'
import { globe, range } from './subset-suite.ts'

const grid = globe({ longitudes: range(0, 30, 12), latitudes: range(-60, 30, 5), times: 2 })
const answers = griddedAnswers(grid, 'x')
const answer = (ending: string, query = ''): Buffer =>
  Buffer.from(answers(new URL(`http://h/x${ending}${query}`)) ?? '')
const DODS = answer('.dods', '?u%5B0:1:1%5D%5B0:1:0%5D%5B0:1:4%5D%5B0:1:11%5D')

/** Some bytes changed, and perhaps the end lost. */
const mutated = (bytes: Buffer) =>
  fc
    .record({
      changes: fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 8 }),
      length: fc.oneof(fc.constant(bytes.length), fc.nat(bytes.length))
    })
    .map(({ changes, length }) => {
      const copy = Buffer.from(bytes)
      for (const [at, value] of changes) copy[at] = value
      return copy.subarray(0, length)
    })

const onlyOurErrors = (read: () => unknown): void => {
  try {
    read()
  } catch (error) {
    if (!isMeshError(error)) throw error
  }
}

describe('hostile answers', function () {
  this.timeout(180_000)

  it('of DAP2 data end in values or in our error', () => {
    assert.equal(decodeDods(DODS).get('u')?.values.length, 120)
    fc.assert(fc.property(mutated(DODS), (bytes) => onlyOurErrors(() => decodeDods(bytes))))
  })

  it('of DAP2 structures and attributes too', () => {
    const [dds, das] = [answer('.dds'), answer('.das')]
    assert.ok(parseDds(`${dds}`).length > 3 && parseDas(`${das}`).size > 3)
    fc.assert(fc.property(mutated(dds), (bytes) => onlyOurErrors(() => parseDds(`${bytes}`))))
    fc.assert(fc.property(mutated(das), (bytes) => onlyOurErrors(() => parseDas(`${bytes}`))))
  })

  const REFUSED: readonly (readonly [string, string])[] = [
    [
      'a size of petabytes',
      'Dataset {\n Float64 u[x = 900719925474099];\n} s;\nData:\n\0\0\0\0\0\0\0\0'
    ],
    [
      'sizes whose product overflows',
      `Dataset {\n Byte u${'[x = 4294967296]'.repeat(40)};\n} s;\nData:\n`
    ],
    [
      'texts without end',
      `Dataset {\n String u[x = 900719925474099];\n} s;\nData:\n${'\0'.repeat(400)}`
    ],
    ['a negative size', 'Dataset {\n Byte u[x = -1];\n} s;\nData:\n'],
    ['a tower of structures', `Dataset {\n${'Structure {'.repeat(5000)}`],
    ['an error of the server', 'Error {\n code = 5;\n message = "No such variable";\n};'],
    ['nothing', '']
  ]
  for (const [name, text] of REFUSED) {
    it(`refuses ${name} at once`, () => {
      assert.throws(
        () => decodeDods(Buffer.from(text, 'latin1')),
        (error) => isMeshError(error)
      )
    })
  }

  it('longitudes of any axis are each asked for once, and all that the box holds', () => {
    const axis = fc.record({
      first: fc.integer({ min: -360, max: 360 }),
      step: fc.constantFrom(1, 2.5, 5, 10, 30),
      count: fc.integer({ min: 2, max: 80 }),
      isFalling: fc.boolean()
    })
    const box = fc.record({
      west: fc.integer({ min: -360, max: 360 }),
      width: fc.integer({ min: 1, max: 360 })
    })
    fc.assert(
      fc.property(axis, box, ({ first, step, count, isFalling }, { west, width }) => {
        const kept = Math.min(count, Math.floor(360 / step))
        const rising = range(first, step, kept)
        const values = isFalling ? rising.toReversed() : rising
        const runs = longitudeRuns(values, west, west + width)
        const indices = runs.flatMap((run) => range(run.first, 1, run.last - run.first + 1))
        assert.equal(new Set(indices).size, indices.length)
        const isGlobal = kept * step >= 360 - 1e-9
        for (const [index, value] of values.entries()) {
          const turned = west + ((((value - west) % 360) + 360) % 360)
          const isInside = turned <= west + width
          // A region may lie on both sides of a box wider than the rest of the globe.
          if (isInside && (isGlobal || width < 180 - step * kept)) {
            assert.ok(indices.includes(index), `${value} of ${west}+${width}`)
          }
        }
        const places = runs.flatMap((run) => {
          const own = values.slice(run.first, run.last + 1).map((each) => each + run.shiftDegrees)
          return isFalling ? own.toReversed() : own
        })
        assert.ok(places.every((each, at) => at === 0 || each > (places[at - 1] ?? 0)))
      })
    )
  })
})

/** The quorum rule: a truth table as text, and its laws. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { standingOf, type Vote } from '../../../coordinator/trust/quorum.ts'
import { DISTINCT_MAX, ERRORS_MAX, REPLICAS_MAX } from '../../../protocol/limits.ts'

/** One vote per letter, each by another operator: "aab" is two for a, one for b. */
const votes = (text: string): Vote[] =>
  [...text].map((value, index) => ({ replica: `r${index}`, operator: `o${index}`, value }))

const standing = (text: string, quorum = 2, tally = { replicas: 0, errors: 0 }) =>
  standingOf(
    {
      quorum,
      replicas: Math.max(tally.replicas, text.length),
      errors: tally.errors,
      hasCaps: true
    },
    votes(text)
  )

const TABLE = `
  -     2  need 2
  a     2  need 1
  aa    2  settled 2+0
  ab    2  need 1
  aab   2  settled 2+1
  aba   2  settled 2+1
  abc   2  need 1
  abcc  2  settled 2+2
  abcd  2  failed distinct
  aabb  2  need 1
  aabbb 2  settled 3+2
  -     1  need 1
  a     1  settled 1+0
  ab    1  need 1
  aa    3  need 1
  aaa   3  settled 3+0
  aabaa 3  settled 4+1
`

const textOf = (result: ReturnType<typeof standing>): string => {
  if (result.kind === 'settled')
    return `settled ${result.agreeing.length}+${result.dissenting.length}`
  return result.kind === 'failed' ? `failed ${result.reason}` : `need ${result.count}`
}

describe('quorum', () => {
  for (const line of TABLE.trim().split('\n')) {
    const [letters = '', quorum, ...expected] = line.trim().split(/\s+/)
    it(`${letters} with quorum ${quorum}: ${expected.join(' ')}`, () => {
      const text = letters === '-' ? '' : letters
      assert.equal(textOf(standing(text, Number(quorum))), expected.join(' '))
    })
  }

  it('errors and replicas end a slot that does not settle, never one that does', () => {
    assert.equal(textOf(standing('a', 2, { replicas: 3, errors: ERRORS_MAX })), 'failed errors')
    assert.equal(textOf(standing('a', 2, { replicas: 3, errors: ERRORS_MAX - 1 })), 'need 1')
    assert.equal(textOf(standing('a', 2, { replicas: REPLICAS_MAX, errors: 0 })), 'failed replicas')
    assert.equal(textOf(standing('a', 2, { replicas: REPLICAS_MAX - 1, errors: 0 })), 'need 1')
    assert.equal(
      textOf(standing('aa', 2, { replicas: REPLICAS_MAX, errors: ERRORS_MAX })),
      'settled 2+0'
    )
  })

  it('an operator with two votes is a defect', () => {
    const [one] = votes('a')
    assert.ok(one)
    assert.throws(() =>
      standingOf({ quorum: 2, replicas: 2, errors: 0, hasCaps: true }, [
        one,
        { ...one, replica: 'x' }
      ])
    )
  })

  const ballots = fc
    .array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 })
    .map((list) => list.join(''))

  it('does not depend on the order of votes', () => {
    fc.assert(
      fc.property(
        ballots,
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.nat()),
        (text, quorum, keys) => {
          const shuffled = [...text]
            .map((letter) => [keys.next().value, letter] as const)
            .sort((one, two) => one[0] - two[0])
            .map(([, letter]) => letter)
            .join('')
          assert.equal(textOf(standing(shuffled, quorum)), textOf(standing(text, quorum)))
        }
      )
    )
  })

  it('a further vote for the settled value keeps it settled', () => {
    fc.assert(
      fc.property(ballots, fc.integer({ min: 1, max: 4 }), (text, quorum) => {
        const before = standing(text, quorum)
        if (before.kind !== 'settled') return
        const winner = text[Number(before.agreeing[0]?.slice(1))] ?? ''
        const after = standing(text + winner, quorum)
        assert.equal(after.kind, 'settled')
        if (after.kind === 'settled')
          assert.equal(after.agreeing.length, before.agreeing.length + 1)
      })
    )
  })

  it('fewer than quorum equal votes never settle', () => {
    fc.assert(
      fc.property(ballots, fc.integer({ min: 1, max: 4 }), (text, quorum) => {
        const largest = Math.max(
          0,
          ...['a', 'b', 'c'].map((letter) => text.split(letter).length - 1)
        )
        if (largest < quorum) assert.notEqual(standing(text, quorum).kind, 'settled')
      })
    )
  })

  it('the cap on different results is the named one', () => {
    assert.equal(DISTINCT_MAX, 4)
  })
})

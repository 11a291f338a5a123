/**
 * Which slices a run loads and when; every one once, as long as it stays between the same two.
 */
import assert from 'node:assert/strict'
import { isMeshError } from '../../../node/mesh-error.ts'
import { bracketOf, secondsOf, slicesOf } from '../../../node/worker/schedule.ts'

const current = { role: 'current', times: [0, 3600, 7200, 10_800] } as const

describe('slice schedule', () => {
  it('brackets a time; a slice on the time is used alone', () => {
    assert.deepEqual(bracketOf(current, 0), { index: 0, needsNext: false })
    assert.deepEqual(bracketOf(current, 1), { index: 0, needsNext: true })
    assert.deepEqual(bracketOf(current, 3600), { index: 1, needsNext: false })
    assert.deepEqual(bracketOf(current, 10_800), { index: 3, needsNext: false })
    for (const seconds of [-1, 10_801]) {
      assert.throws(
        () => bracketOf(current, seconds),
        (error) => isMeshError(error, 'forcing/no-overlap')
      )
    }
  })

  it('counts steps of the plan, in half steps, forwards and backwards', () => {
    const clock = { startSeconds: 100, stepSeconds: 601, firstStep: 2, stepCount: 1 }
    assert.equal(secondsOf(clock, 1, 1), 100 + 3.5 * 601)
    assert.equal(secondsOf({ ...clock, stepSeconds: -600 }, 0, 2), 100 - 1800)
  })

  it('loads each slice once, in the order of first use, roles together', () => {
    const wind = { role: 'wind', times: [-3600, 7200, 20_000] } as const
    const clock = { startSeconds: 0, stepSeconds: 1800, firstStep: 0, stepCount: 5 }
    const uses = [...slicesOf(clock, [current, wind])].map(
      ({ role, index }) => `${role.slice(0, 1)}${index}`
    )
    assert.deepEqual(uses, ['c0', 'w0', 'w1', 'c1', 'c2', 'c3', 'w2'])
  })

  it('loads what a long step needs, and runs backwards', () => {
    const long = { startSeconds: 0, stepSeconds: 10_800, firstStep: 0, stepCount: 1 }
    const indexes = (clock: typeof long) => [...slicesOf(clock, [current])].map((use) => use.index)
    assert.deepEqual(indexes(long), [0, 1, 2, 3])
    const back = { startSeconds: 10_800, stepSeconds: -3600, firstStep: 0, stepCount: 3 }
    assert.deepEqual(indexes(back), [3, 2, 1, 0])
  })
})

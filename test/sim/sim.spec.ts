/**
 * The whole mesh in virtual time, from seeds. A failing seed prints itself, the virtual time, the
 * last events and the command that replays it; SIM_SEED=n runs that one alone, SIM_SEEDS=n that
 * many.
 *
 */
import assert from 'node:assert/strict'
import { smallPlan } from '../fixtures/plans/small-plan.ts'
import type { Conduct } from './roles/volunteer-role.ts'
import { CALM, STORM } from './world/faults.ts'
import { runWorld } from './world/run.ts'
import { enemiesOf, runSeed } from './world/seed.ts'

const SEEDS_DEFAULT = 50

const only = process.env.SIM_SEED
const seeds =
  only === undefined
    ? Array.from(
        { length: Number(process.env.SIM_SEEDS ?? SEEDS_DEFAULT) },
        (_, index) => index + 1
      )
    : [Number(only)]

describe('the mesh in virtual time', () => {
  for (const rngSeed of seeds) {
    const enemies = enemiesOf(rngSeed).join(', ') || 'no enemies'
    it(`seed ${rngSeed} in a storm settles every unit honestly (${enemies})`, () => {
      runSeed(rngSeed)
    })
  }

  it('one coordinator alone publishes', () => {
    const { slots, replicas } = runWorld({ rngSeed: 1, faults: CALM, coordinators: 1 })
    assert.equal(replicas, slots * 2)
  })

  it('several plans run at once, from different leads', () => {
    const plans = [1, 2, 3].map((word) => smallPlan({ rngSeed: [word, word] }))
    runWorld({ rngSeed: 2, faults: STORM, plans })
  })

  const catches: readonly (readonly [Conduct, string])[] = [
    ['wrong', 'wrong-result'],
    ['copy', 'unsealed'],
    ['no-reveal', 'no-reveal'],
    ['no-blocks', 'blocks-missing'],
    ['bad-blocks', 'blocks-invalid']
  ]
  for (const [conduct, reason] of catches) {
    it(`a volunteer with conduct ${conduct} is caught as ${reason}`, () => {
      const options = { rngSeed: 3, faults: CALM, honest: 3, hostile: [conduct] }
      const { faults, gaps } = runWorld({ ...options, plans: [smallPlan({ blockCount: 6 })] })
      assert.equal(gaps, 0)
      assert.ok(faults.length > 0, 'nobody was caught')
      // What else a convicted operator had under way does not count either.
      const own = faults.filter((fault) => fault !== 'convicted')
      assert.deepEqual([...new Set(own)], [reason])
    })
  }

  it('the same seed gives the same world', () => {
    const options = { rngSeed: 4, faults: STORM, hostile: ['wrong'] as const }
    assert.deepEqual(runWorld(options), runWorld(options))
  })
})

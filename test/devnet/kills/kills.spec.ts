/** kill -9 at random moments, short form; `npm run kills` does it 200 times. */
import assert from 'node:assert/strict'
import { runKills } from './run.ts'

describe('devnet: kill -9 at random moments', function () {
  this.timeout(1_200_000)

  it('of coordinators and volunteers loses and repeats nothing', async () => {
    const outcome = await runKills({ kills: 6, units: 12, rngSeed: 1, quietMs: 500_000 })
    assert.ok(outcome.ofCoordinators > 0 && outcome.ofVolunteers > 0)
    assert.ok(outcome.facts > 0 && outcome.forecasts > 0)
  })
})

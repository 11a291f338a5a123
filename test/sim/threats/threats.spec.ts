/** Each threat does its harm while its rule is off, and none while it is on. */
import assert from 'node:assert/strict'
import { judge } from './judge.ts'
import { THREATS } from './threats.ts'

describe('rules of trust, each switched off and on', () => {
  for (const threat of THREATS) {
    it(`${threat.rule}: ${threat.name}`, function test() {
      this.timeout(180_000)
      const judged = judge(threat)
      assert.ok(judged.without > threat.most, `without: ${judged.without} ${threat.harm}`)
      assert.ok(judged.with <= threat.most, `with: ${judged.with} ${threat.harm}`)
      assert.equal(judged.honestConvictions, 0)
    })
  }
})

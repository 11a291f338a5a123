/**
 * Segments alone, through the real pool: each reaches what the whole run reaches, from whatever
 * state on the way it starts, with every term of drift that has a state.
 */
import assert from 'node:assert/strict'
import { openKernelPool } from '../../../node/worker/kernel-pool.ts'
import { runSegment, segmentUnit } from '../../../node/worker/segment.ts'
import type { WorkUnit } from '../../../protocol/work-unit.ts'
import { PLAIN_PHYSICS } from '../../fixtures/plain-physics.ts'
import { openOcean } from './ocean.ts'

const KINDS: Readonly<Record<string, Partial<WorkUnit>>> = {
  plain: {},
  'windows that begin on the way': { firstStep: 60, stepCount: 61 },
  'ageing and thinning': {
    physics: { ...PLAIN_PHYSICS, halfLifeSeconds: 40_000, maxAgeSeconds: 60_000 }
  },
  backwards: {
    startSeconds: 86_400,
    stepSeconds: -600,
    physics: { ...PLAIN_PHYSICS, coast: 'hold' }
  }
}

describe('segments of a unit', function () {
  this.timeout(60_000)
  for (const [name, changes] of Object.entries(KINDS)) {
    it(`reach what the whole run reaches: ${name}`, async () => {
      const { blocks, unit } = await openOcean({ segmentCount: 7, ...changes })
      const pool = openKernelPool({ threads: 2, blocks })
      try {
        const whole = await pool.compute(unit)
        let state = unit.state
        let fuel = 0
        for (const [index, reached] of whole.result.states.entries()) {
          const ran = await runSegment(pool.compute, unit, index, state)
          assert.equal(`${ran.state}`, `${reached}`, `segment ${index}`)
          assert.deepEqual(ran.outputs, whole.result.segments[index])
          const again = await runSegment(pool.compute, unit, index, state)
          assert.equal(again.computed.cid.toString(), ran.computed.cid.toString())
          for (const block of ran.computed.blocks) await blocks.put(block)
          state = ran.state
          fuel += ran.computed.result.fuel
          if (index < 6) continue
          assert.deepEqual(ran.computed.result.counts, whole.result.counts)
          assert.deepEqual(ran.computed.result.bounds, whole.result.bounds)
        }
        assert.equal(fuel, whole.result.fuel)
      } finally {
        await pool.stop()
      }
    })
  }

  it('do not exist beyond the unit', async () => {
    const { unit } = await openOcean({ segmentCount: 7 })
    for (const index of [-1, 7, 0.5]) {
      assert.throws(() => segmentUnit(unit, index, unit.state), RangeError)
    }
  })

  it('from another state they reach another', async () => {
    const { blocks, unit } = await openOcean({ segmentCount: 7 })
    const pool = openKernelPool({ threads: 1, blocks })
    try {
      const whole = await pool.compute(unit)
      const wrong = await runSegment(pool.compute, unit, 3, unit.state)
      assert.notEqual(`${wrong.state}`, `${whole.result.states[3]}`)
    } finally {
      await pool.stop()
    }
  })
})

/**
 * Segments alone, through the real pool: each has the leaf of the whole run, from whatever state on
 * the way it starts, with every term of drift that has a state.
 */
import assert from 'node:assert/strict'
import { equals } from 'uint8arrays/equals'
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
    it(`have the leaves of the whole run: ${name}`, async () => {
      const { blocks, unit } = await openOcean({ segmentCount: 7, ...changes })
      const pool = openKernelPool({ threads: 2, blocks })
      try {
        const whole = await pool.compute(unit)
        let state = unit.state
        let fuel = 0
        for (const [index, leaf] of whole.result.leaves.entries()) {
          const ran = await runSegment(pool.compute, unit, index, state)
          assert.ok(equals(ran.leaf, leaf), `segment ${index}`)
          const again = await runSegment(pool.compute, unit, index, state)
          assert.equal(again.computed.cid.toString(), ran.computed.cid.toString())
          for (const block of ran.computed.blocks) await blocks.put(block)
          state = ran.state
          fuel += ran.computed.result.fuel
          if (index < 6) continue
          assert.deepEqual(ran.computed.result.counts, whole.result.counts)
          assert.deepEqual(ran.computed.result.bounds, whole.result.bounds)
        }
        assert.equal(state.toString(), whole.result.state.toString())
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

  it('another state has another leaf', async () => {
    const { blocks, unit } = await openOcean({ segmentCount: 7 })
    const pool = openKernelPool({ threads: 1, blocks })
    try {
      const whole = await pool.compute(unit)
      const wrong = await runSegment(pool.compute, unit, 3, unit.state)
      assert.ok(!equals(wrong.leaf, whole.result.leaves[3] ?? new Uint8Array(0)))
    } finally {
      await pool.stop()
    }
  })
})

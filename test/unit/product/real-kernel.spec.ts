/**
 * Verify with nothing made up: results of the real kernel, signed, published, and run again in
 * worker threads that read only what was published.
 */
import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unitName } from '../../../node/forecast/product/results.ts'
import { openKernelPool } from '../../../node/worker/kernel-pool.ts'
import type { World } from './assembled.ts'
import { computeWorld, writeTinyForecast } from './real-world.ts'
import { isMismatch, publishWorld, verifyWorld } from './signed-world.ts'
import { resultOf } from './world.ts'

describe('verify with the real kernel', function () {
  this.timeout(60_000)
  let dir = ''
  let world: World
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'driftmesh-verify-'))
    world = await computeWorld(await writeTinyForecast(dir))
  })
  after(() => rm(dir, { recursive: true, force: true }))

  it('runs every unit again and finds the same bits', async () => {
    const { blocks, forecast } = await publishWorld(world)
    const pool = openKernelPool({ threads: 2, blocks })
    try {
      const report = await verifyWorld(world, forecast, blocks, { compute: pool.compute })
      assert.equal(report.reexecuted.length, world.slots.length)
      assert.ok(world.slots.length >= 8)
      assert.equal(report.operators.length, 2)
      assert.equal(report.singleSource, false)
    } finally {
      await pool.stop()
    }
  })

  it('catches a result that a whole quorum and every coordinator made up', async () => {
    const honest = world.slots.find((slot) => unitName(slot) === '0/0/0')
    assert.ok(honest)
    const unit = [...world.computed].find(([, made]) => made.cid.equals(honest.result))
    assert.ok(unit)
    const invented = resultOf(world.plan, honest, unit[1].result.unit)
    const computed = new Map([...world.computed, [unit[0], invented]])
    const forged: World = {
      ...world,
      computed,
      slots: world.slots.map((slot) =>
        slot === honest ? { ...slot, result: invented.cid } : slot
      ),
      blocks: [
        ...world.blocks,
        ...[...world.computed.values(), invented].flatMap((made) => made.blocks)
      ]
    }
    const gaps = world.slots
      .filter((slot) => slot.member === 0 && slot.block === 0 && slot.window > 0)
      .map(({ member, block, window }) => ({ member, block, window }))
    const { blocks, forecast } = await publishWorld(forged, { gaps })
    const pool = openKernelPool({ threads: 1, blocks })
    try {
      const scope = { kind: 'unit', id: '0/0/0' } as const
      await assert.rejects(
        verifyWorld(forged, forecast, blocks, { compute: pool.compute, scope }),
        isMismatch(/unit 0\/0\/0 gives another result here: found bafy\w+, expected bafy/)
      )
    } finally {
      await pool.stop()
    }
  })
})

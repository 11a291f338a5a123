/**
 * Results that a quorum signed and that do not hold together: a reader finds out without running
 * anything again.
 */
import { strict as assert } from 'node:assert'
import type { CID } from 'multiformats/cid'
import type { UnitResult } from '../../../protocol/result.ts'
import { finalState, traceRootOf } from '../../../protocol/trace.ts'
import { buildWorld, type World } from './assembled.ts'
import { isMismatch, publishWorld, verifyWorld } from './signed-world.ts'

/** One unit of 20 particles, its result altered. */
const oneUnit = (alter?: (result: UnitResult) => UnitResult): World =>
  buildWorld({ particles: 20, members: 1 }, alter)

const honest = oneUnit()
const [ownBlock] = honest.plan.blocks
const [otherBlock] = buildWorld({ particles: 21, members: 1 }).plan.blocks
assert.ok(ownBlock && otherBlock)

/** The same trace up to another last state, its root right. */
function endingIn(result: UnitResult, state: CID): UnitResult {
  const states = [...result.states.slice(0, -1), state]
  return { ...result, states, traceRoot: traceRootOf({ ...result, states }) }
}

describe('verify refuses a result', () => {
  const bad: Record<string, [(result: UnitResult) => UnitResult, RegExp]> = {
    'whose trace root is not that of its trace': [
      (result) => ({ ...result, traceRoot: new Uint8Array(32) }),
      /unit 0\/0\/0: traceRoot: is not that of its states and segments/
    ],
    'that is of another unit': [
      (result) => ({ ...result, unit: finalState(result) }),
      /unit 0\/0\/0 is of another unit: found bafy\w+, expected bafy/
    ],
    'with other counts than its state has': [
      (result) => ({ ...result, counts: [...result.counts].reverse() }),
      /unit 0\/0\/0: counts: are not those of the final state/
    ],
    'whose final state is of other particles': [
      (result) => endingIn(result, otherBlock.state),
      /unit 0\/0\/0: state: holds other particles than the block/
    ],
    'whose trace ends in another state': [
      (result) => ({ ...result, states: [...result.states.slice(0, -1), ownBlock.state] }),
      /unit 0\/0\/0: traceRoot: is not that of its states and segments/
    ]
  }
  for (const [name, [alter, pattern]] of Object.entries(bad)) {
    it(name, async () => {
      const world = oneUnit(alter)
      const { blocks, forecast } = await publishWorld(world)
      for (const block of buildWorld({ particles: 21, members: 1 }).blocks) await blocks.put(block)
      await assert.rejects(verifyWorld(world, forecast, blocks), isMismatch(pattern))
    })
  }

  it('that says something else than its verdict', async () => {
    const { blocks, forecast } = await publishWorld(honest, { fuel: 1 })
    await assert.rejects(
      verifyWorld(honest, forecast, blocks),
      isMismatch(/unit 0\/0\/0 has another trace or fuel than its verdict/)
    )
  })

  it('with more bytes than its outputs can have', async () => {
    const flooded = oneUnit((result) => ({
      ...result,
      segments: result.segments.map((links) => Array.from({ length: 200 }, () => links).flat())
    }))
    await assert.rejects(publishWorld(flooded), isMismatch(/is larger than its outputs can be/))
  })
})

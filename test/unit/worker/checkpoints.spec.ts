/**
 * Units that are killed on the way go on from their last segment and have the same result; states
 * on the way can be had afterwards, from memory or by computing again.
 */
import assert from 'node:assert/strict'
import { isMeshError } from '../../../node/mesh-error.ts'
import type { Records } from '../../../node/store/records.ts'
import { resumable } from '../../../node/worker/checkpoints.ts'
import { keepStates } from '../../../node/worker/kept-states.ts'
import { type ComputeUnit, openKernelPool } from '../../../node/worker/kernel-pool.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { finalState } from '../../../protocol/trace.ts'
import type { WorkUnit } from '../../../protocol/work-unit.ts'
import { openOcean } from './ocean.ts'

const keyOf = (unit: WorkUnit): string => toBlock(unit).cid.toString()

/** Records in memory: what a killed process finds again. */
function memoryRecords(): Records & { readonly held: Map<string, Uint8Array> } {
  const held = new Map<string, Uint8Array>()
  return {
    held,
    put: async (key, value) => void held.set(key, value),
    delete: async (key) => void held.delete(key),
    all: async function* () {
      for (const [key, value] of held) yield { key, value }
    },
    close: async () => {}
  }
}

async function withPool(
  run: (ocean: Awaited<ReturnType<typeof openOcean>>, compute: ComputeUnit) => Promise<void>
): Promise<void> {
  const ocean = await openOcean({ segmentCount: 12 })
  const pool = openKernelPool({ threads: 1, blocks: ocean.blocks })
  try {
    await run(ocean, pool.compute)
  } finally {
    await pool.stop()
  }
}

describe('a unit that is killed on the way', function () {
  this.timeout(120_000)

  it('goes on from its last segment, wherever that is', () =>
    withPool(async ({ unit, blocks }, compute) => {
      const whole = await compute(unit)
      for (const killedAfter of [1, 4, 11]) {
        const records = memoryRecords()
        const deps = { records, blocks, keyOf, nowMs: () => 0, checkpointMs: 0 }
        const killed = new AbortController()
        const first = await resumable(compute, deps)
        const dying = first.compute(unit, {
          signal: killed.signal,
          onSegment: ({ states }) => {
            if (states.length === killedAfter) setImmediate(() => killed.abort())
          }
        })
        await dying.catch(() => undefined)
        const again = await resumable(compute, deps)
        const seen: number[] = []
        const resumed = await again.compute(unit, {
          onSegment: ({ states }) => seen.push(states.length)
        })
        assert.equal(`${resumed.cid}`, `${whole.cid}`)
        const ranBefore = (seen[0] ?? unit.segmentCount) - 1
        assert.ok(ranBefore >= killedAfter - 1, `${ranBefore} segments were not run again`)
        for (const { cid } of whole.blocks) {
          const isMade = resumed.blocks.some((block) => block.cid.equals(cid))
          assert.ok(isMade || (await blocks.has(cid)), `${cid} is there`)
        }
        await again.forget(toBlock(unit).cid)
        assert.equal(records.held.size, 0)
      }
    }))

  it('starts anew where its record was changed on disk', () =>
    withPool(async ({ unit, blocks }, compute) => {
      const whole = await compute(unit)
      const records = memoryRecords()
      const deps = { records, blocks, keyOf, nowMs: () => 0, checkpointMs: 0 }
      await (await resumable(compute, deps)).compute(unit)
      const saved = records.held.get(keyOf(unit)) ?? new Uint8Array()
      assert.ok(saved.length > 1000)
      for (const at of [3, 40, 300, saved.length - 1]) {
        const changed = saved.slice()
        changed[at] = (changed[at] ?? 0) ^ 4
        records.held.set(keyOf(unit), changed)
        const seen: number[] = []
        const resumed = await (await resumable(compute, deps)).compute(unit, {
          onSegment: ({ states }) => seen.push(states.length)
        })
        assert.equal(seen[0], 1)
        assert.equal(`${resumed.cid}`, `${whole.cid}`)
      }
    }))
})

describe('states on the way', function () {
  this.timeout(120_000)
  const { signal } = new AbortController()

  it('are what each segment starts from', () =>
    withPool(async ({ unit, blocks }, compute) => {
      const kept = keepStates(compute, keyOf, blocks)
      const { result } = await kept.compute(unit)
      assert.deepEqual(await kept.open(unit, result, 0, signal), [])
      for (let index = 1; index < unit.segmentCount; index += 1) {
        const [root] = await kept.open(unit, result, index, signal)
        assert.equal(`${root?.cid}`, `${result.states[index - 1]}`)
      }
      assert.ok(!finalState(result).equals(unit.state))
    }))

  it('are computed again where they are no longer kept', () =>
    withPool(async ({ unit, blocks }, compute) => {
      let runs = 0
      const counted: ComputeUnit = (...args) => {
        runs += 1
        return compute(...args)
      }
      const kept = keepStates(counted, keyOf, blocks, 40_000)
      const { result } = await kept.compute(unit)
      const [root] = await kept.open(unit, result, 7, signal)
      assert.equal(`${root?.cid}`, `${result.states[6]}`)
      assert.ok(runs > 1, 'the budget holds no state 7')
      kept.forget(toBlock(unit).cid)
      runs = 0
      assert.equal(`${(await kept.open(unit, result, 2, signal))[0]?.cid}`, `${result.states[1]}`)
      assert.equal(runs, 2)
    }))

  it('of a result that is not ours are refused', () =>
    withPool(async ({ unit, blocks }, compute) => {
      const kept = keepStates(compute, keyOf, blocks)
      const { result } = await compute(unit)
      const states = result.states.map((_, index) => result.states[(index + 1) % 12] ?? unit.state)
      await assert.rejects(kept.open(unit, { ...result, states }, 2, signal), (error) =>
        isMeshError(error, 'kernel/fault')
      )
    }))
})

/**
 * Running every unit of a plan: windows in order, chains side by side, the first failure reported
 * and everything beside it ended. The compute port is faked; the units are those of the plan.
 */
import assert from 'node:assert/strict'
import { runUnits } from '../../../node/forecast/run-units.ts'
import { isMeshError, MeshError } from '../../../node/mesh-error.ts'
import { openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import type { ComputeUnit } from '../../../node/worker/kernel-pool.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { type Plan, plan as planShape } from '../../../protocol/plan.ts'
import type { UnitResult } from '../../../protocol/result.ts'
import type { WorkUnit } from '../../../protocol/work-unit.ts'
import { PLAIN_PHYSICS, plainClass } from '../../fixtures/plain-physics.ts'

const link = (name: string) => toBlock(name).cid

/** 2 members × 3 blocks × 3 windows of 4, 4 and 2 steps on a grid of 5000 × 40 nodes. */
const PLAN: Plan = planShape({
  kind: 'plan',
  name: 'x',
  title: 'x',
  institution: '',
  license: '',
  attributions: [],
  kernel: link('kernel'),
  forcing: link('forcing'),
  startSeconds: 0,
  stepSeconds: 600,
  stepCount: 10,
  outputEverySteps: 2,
  windowSteps: 4,
  metric: 'wgs84',
  physics: PLAIN_PHYSICS,
  classes: [plainClass('low', [0, 0])],
  particleCount: 30,
  blocks: [0, 1, 2].map((index) => ({
    firstParticle: index * 10,
    particleCount: 10,
    state: link(`start ${index}`),
    crop: { column: 0, row: 0, columns: 20, rows: 20 }
  })),
  memberCount: 2,
  rngSeed: [0, 0],
  memberKeys: [
    [0, 1],
    [0, 2]
  ],
  perturbations: [],
  originStarts: [],
  levelCount: 1,
  reachCellsPerStep: 1,
  gridColumns: 5000,
  gridRows: 40,
  gridIsPeriodic: false,
  products: {
    density: {
      westDegrees: 0,
      southDegrees: 0,
      resolutionDegrees: 1,
      columns: 2,
      rows: 2
    },
    trackedCount: 0
  },
  mesh: { policy: 'quorum', quorum: 2, deadlineSeconds: 1, priority: 0 }
})

/** A result that names its unit, so that the next window shows where it came from. */
function resultOf(unit: WorkUnit, bounds: readonly number[]) {
  const block = toBlock(unit)
  const result: UnitResult = {
    kind: 'result',
    unit: block.cid,
    states: [toBlock([block.cid, 'end']).cid],
    segments: [[]],
    traceRoot: new Uint8Array(32),
    fuel: 1,
    counts: [0, 0, 0, 0, 0, 0],
    bounds
  }
  const root = toBlock(result)
  return { cid: root.cid, result, blocks: [root] }
}

describe('running every unit', () => {
  it('runs the windows of a chain in order, a chain per thread', async () => {
    const blocks = openMemoryBlocks()
    const units: WorkUnit[] = []
    let running = 0
    let most = 0
    const compute: ComputeUnit = async (unit, options) => {
      running += 1
      most = Math.max(most, running)
      await Promise.resolve()
      options?.onProgress?.(5)
      running -= 1
      units.push(unit)
      return resultOf(unit, [5, 5, 9, 9])
    }
    const seen: number[] = []
    const onProgress = (done: number, total: number) => {
      assert.equal(total, 600)
      seen.push(done)
    }
    const slots = await runUnits({ plan: PLAN, blocks, compute, threads: 2, onProgress })
    const names = slots.map(({ member, block, window }) => `${member}/${block}/${window}`)
    assert.equal(new Set(names).size, 18)
    assert.equal(most, 2)
    for (const slot of slots) assert.ok(await blocks.has(slot.result), 'results are stored')
    const later = units.filter(({ firstStep }) => firstStep === 4)
    const firsts = units.filter(({ firstStep }) => firstStep === 0)
    const ends = firsts.map((unit) => toBlock([toBlock(unit).cid, 'end']).cid.toString())
    assert.deepEqual(later.map(({ state }) => state.toString()).sort(), ends.sort())
    assert.deepEqual(later[0]?.crop, { column: 1, row: 1, columns: 14, rows: 14 })
    assert.equal(units.filter(({ firstStep }) => firstStep === 8)[0]?.stepCount, 2)
    assert.equal(seen.at(-1), 600)
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => a - b),
      'progress never goes back'
    )
  })

  it('reports the failure that came first and ends the units beside it', async () => {
    const aborted: boolean[] = []
    const compute: ComputeUnit = (unit, options) =>
      unit.state.equals(link('start 1'))
        ? Promise.reject(new MeshError('kernel/fault', 'reach exceeded'))
        : new Promise((_resolve, reject) => {
            options?.signal?.addEventListener('abort', () => {
              aborted.push(true)
              reject(options.signal?.reason)
            })
          })
    await assert.rejects(
      runUnits({ plan: PLAN, blocks: openMemoryBlocks(), compute, threads: 3 }),
      (error) => isMeshError(error, 'kernel/fault')
    )
    assert.deepEqual(aborted, [true, true])
  })

  it('passes an abort on untouched', async () => {
    const stop = new AbortController()
    const compute: ComputeUnit = (_unit, options) => {
      queueMicrotask(() => stop.abort())
      return new Promise((_resolve, reject) => {
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason))
      })
    }
    await assert.rejects(
      runUnits({
        plan: PLAN,
        blocks: openMemoryBlocks(),
        compute,
        threads: 2,
        signal: stop.signal
      }),
      { name: 'AbortError' }
    )
  })

  it('refuses a later window whose particles spread wider than a unit may be', async () => {
    const compute: ComputeUnit = async (unit) => resultOf(unit, [0, 0, 3000, 9])
    await assert.rejects(
      runUnits({ plan: PLAN, blocks: openMemoryBlocks(), compute, threads: 1 }),
      (error) =>
        isMeshError(error, 'plan/refused') && /block 0 of member 0 .* window 1/.test(error.message)
    )
  })
})

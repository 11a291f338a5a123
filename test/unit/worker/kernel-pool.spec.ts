/**
 * Units through the real pool: what a result holds, that it is the same however forcing is tiled,
 * cropped, threaded or cut in time, and that inputs which are not what they say are refused.
 */
import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import { concat } from 'uint8arrays/concat'
import { isMeshError } from '../../../node/mesh-error.ts'
import {
  type ComputedUnit,
  type KernelPool,
  openKernelPool
} from '../../../node/worker/kernel-pool.ts'
import { decode, rawCid, toBlock } from '../../../protocol/canonical.ts'
import { merkleRoot } from '../../../protocol/merkle.ts'
import { segmentOutputs, state } from '../../../protocol/result.ts'
import { finalState } from '../../../protocol/trace.ts'
import type { WorkUnit } from '../../../protocol/work-unit.ts'
import { drift, stateOf, WINDAGE_MAX } from '../../physics/sea.ts'
import { CLASSES, openOcean, PARTICLES, RECIPE } from './ocean.ts'

/** Bytes of a block of a result. */
function blockOf({ blocks }: ComputedUnit, cid: { toString(): string }): Uint8Array {
  const found = blocks.find((block) => block.cid.toString() === cid.toString())
  assert.ok(found, `block ${cid} is in the result`)
  return found.bytes
}

function finalBytes(computed: ComputedUnit): Uint8Array {
  const root = decode(state, blockOf(computed, finalState(computed.result)))
  return concat(root.chunks.map((cid) => blockOf(computed, cid)))
}

const outputsOf = (computed: ComputedUnit) =>
  computed.result.segments.map((links) => concat(links.map((cid) => blockOf(computed, cid))))

const rejectsWith = (promise: Promise<unknown>, code: string, message = /./): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(isMeshError(error), String(error))
    assert.equal(error.code, code, error.message)
    assert.match(error.message, message)
    return true
  })

describe('kernel pool', () => {
  const pools: KernelPool[] = []
  const compute = async (
    unit: WorkUnit,
    blocks: Awaited<ReturnType<typeof openOcean>>['blocks']
  ) => {
    const pool = openKernelPool({ threads: 2, blocks })
    pools.push(pool)
    return pool.compute(unit)
  }
  after(() => Promise.all(pools.map((pool) => pool.stop())))

  let plain: ComputedUnit
  before(async () => {
    const { unit, blocks } = await openOcean()
    plain = await compute(unit, blocks)
  })

  it('gives the state that the kernel gives alone', () => {
    const { current, wind } = RECIPE
    assert.ok(wind)
    const options = {
      state: stateOf(PARTICLES),
      stepSeconds: 600,
      stepCount: 120,
      diffusivity: 1,
      classes: CLASSES.map(() => ({
        windage: [0, WINDAGE_MAX] as const,
        riseVelocity: 0,
        depth: 0
      }))
    }
    const fields = { current, wind }
    const { state: alone, run } = drift({ ...RECIPE, metric: 'wgs84', fields }, options)
    assert.deepEqual(finalBytes(plain), alone)
    assert.equal(plain.result.fuel, run.fuel)
    assert.deepEqual(plain.result.counts, run.counts())
    assert.deepEqual(plain.result.bounds, run.bounds)
  })

  it('counts, density and tracks of every output agree', () => {
    const outputs = outputsOf(plain).flatMap((bytes) => decode(segmentOutputs, bytes).outputs)
    assert.deepEqual(
      outputs.map(({ step }) => step),
      Array.from({ length: 21 }, (_, i) => i * 6)
    )
    const statuses = new Set<number>()
    for (const { step, counts, density, tracks } of outputs) {
      assert.equal(
        counts.reduce((sum, count) => sum + count),
        100,
        `step ${step}`
      )
      assert.equal(counts[0], step < 30 ? 25 : 0, `waiting at step ${step}`)
      const triples = new Uint32Array(density.slice().buffer)
      let afloat = 0
      let before = -1
      for (let i = 0; i < triples.length; i += 3) {
        const place = (triples[i] ?? 0) * 2 + (triples[i + 1] ?? 0)
        assert.ok(place > before, `step ${step} is in order`)
        before = place
        afloat += triples[i + 2] ?? 0
      }
      assert.equal(afloat, counts[1], `step ${step}`)
      const view = new DataView(tracks.slice().buffer)
      assert.equal(tracks.length, 10 * 24)
      for (let i = 0; i < 10; i++) {
        assert.equal(view.getUint32(i * 24, true), i)
        statuses.add(view.getUint32(i * 24 + 4, true))
        const lon = view.getFloat64(i * 24 + 8, true)
        assert.ok(lon > 1 && lon < 4, `${lon}`)
      }
    }
    assert.ok(statuses.has(0) && statuses.has(1))
    const first = new DataView((outputs[0]?.tracks ?? new Uint8Array()).slice().buffer)
    assert.ok(Math.abs(first.getFloat64(8, true) - (1 + 20.25 * 0.05)) < 1e-12)
    assert.ok(Math.abs(first.getFloat64(16, true) - (2 + 20.5 * 0.05)) < 1e-12)
  })

  it('the trace root is the Merkle root over the links of states and outputs', () => {
    const { states, segments, traceRoot } = plain.result
    const leaves = states.map((state, index) => dagCbor.encode([state, segments[index]]))
    assert.deepEqual(traceRoot, merkleRoot(leaves))
    assert.equal(states.length, 32)
    assert.equal(new Set(states.map(String)).size, 32)
    assert.deepEqual(plain.cid, toBlock(plain.result).cid)
  })

  it('is the same content again, from a used thread, whatever the tiles', async () => {
    const { unit, blocks } = await openOcean()
    const pool = openKernelPool({ threads: 1, blocks })
    pools.push(pool)
    const [one, two] = await Promise.all([pool.compute(unit), pool.compute(unit)])
    assert.deepEqual(one.cid, plain.cid)
    assert.deepEqual(two.cid, plain.cid)
    for (const tiles of [
      { tileRows: 50, tileColumns: 60, tileTimes: 30 },
      { tileRows: 1, tileColumns: 60, tileTimes: 1 },
      { tileRows: 3, tileColumns: 5, tileTimes: 7 },
      { tileRows: 50, tileColumns: 1, tileTimes: 29 }
    ]) {
      const other = await openOcean({}, tiles)
      const computed = await compute(other.unit, other.blocks)
      assert.deepEqual(computed.result.traceRoot, plain.result.traceRoot, JSON.stringify(tiles))
    }
  })

  it('a smaller crop gives the same trace', async () => {
    const crop = { column: 6, row: 5, columns: 53, rows: 44 }
    const { unit, blocks } = await openOcean({ crop })
    const computed = await compute(unit, blocks)
    assert.deepEqual(computed.result.traceRoot, plain.result.traceRoot)
  })

  it('two windows give the state and outputs of one', async () => {
    const { unit, blocks } = await openOcean()
    const first = await compute({ ...unit, stepCount: 50, segmentCount: 32 }, blocks)
    for (const block of first.blocks) await blocks.put(block)
    const input = { state: finalState(first.result), firstStep: 50, stepCount: 70 }
    const second = await compute({ ...unit, ...input }, blocks)
    assert.deepEqual(second.result.states.at(-1), plain.result.states.at(-1))
    const outputs = (computed: ComputedUnit) =>
      outputsOf(computed).flatMap((bytes) => decode(segmentOutputs, bytes).outputs)
    assert.deepEqual([...outputs(first), ...outputs(second)], outputs(plain))
    assert.equal(first.result.fuel + second.result.fuel, plain.result.fuel)
  })

  it('a tile whose bytes were changed is a mismatch, not a result', async () => {
    const { unit, blocks } = await openOcean()
    let reads = 0
    const tampered = {
      get: async (...args: Parameters<typeof blocks.get>) => {
        const bytes = await blocks.get(...args)
        reads++
        if (bytes.length !== 2 * 7 * 17 * 23 * 4) return bytes
        const changed = bytes.slice()
        changed[100] = (changed[100] ?? 0) ^ 1
        return changed
      }
    }
    const pool = openKernelPool({ threads: 1, blocks: tampered })
    pools.push(pool)
    await rejectsWith(pool.compute(unit), 'verify/mismatch')
    assert.ok(reads > 3)
  })

  it('a block nobody has is named', async () => {
    const { unit, blocks } = await openOcean({ state: rawCid(new Uint8Array([1])) })
    await rejectsWith(compute(unit, blocks), 'net/block-missing')
  })

  it('forcing that ends before the unit is refused before it starts', async () => {
    const { unit, blocks } = await openOcean({ stepCount: 200 })
    await rejectsWith(compute(unit, blocks), 'forcing/no-overlap', /current/)
  })

  it('a crop that particles leave, and one outside the grid', async () => {
    const narrow = await openOcean({ crop: { column: 15, row: 15, columns: 18, rows: 20 } })
    await rejectsWith(compute(narrow.unit, narrow.blocks), 'kernel/fault', /larger crop/)
    const wide = await openOcean({ crop: { column: 15, row: 15, columns: 60, rows: 20 } })
    await rejectsWith(compute(wide.unit, wide.blocks), 'plan/refused')
  })
})

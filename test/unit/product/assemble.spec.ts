/**
 * The assembled product: its numbers against a direct count, and its CID against everything that
 * must not show in it (order, cutting into blocks and windows, who computed).
 */
import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { gunzipSync } from 'fflate'
import { outputCount } from '../../../coordinator/product/timeline.ts'
import { readFolderFile } from '../../../node/forecast/product/folder/folder.ts'
import type { TrackRow } from '../../../node/forecast/product/product-stores.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { toRawBlock } from '../../../protocol/canonical.ts'
import { STATUSES } from '../../../protocol/result.ts'
import { assembleWorld, buildWorld } from './assembled.ts'
import { classOf, GRID, makePlan, placeOf, type WorldOptions } from './world.ts'

describe('product assembly', () => {
  it('counts, densities and statuses are those of a direct count', async () => {
    const world = buildWorld({ cuts: [7, 20], windowSteps: 10 })
    const { assembled, blocks } = await assembleWorld(world)
    const { plan } = world
    const bytes = await readFolderFile(
      assembled.product,
      'density.zarr/particle_count/1/1/0/0/0',
      blocks
    )
    const counts = new Uint32Array(gunzipSync(bytes).buffer)
    const times = outputCount(plan)
    const expected = new Uint32Array(times * GRID.rows * GRID.columns)
    for (let particle = 0; particle < plan.particleCount; particle += 1) {
      if (classOf(particle, 2) !== 1) continue
      for (let time = 0; time < times; time += 1) {
        const { lat, lon, status } = placeOf(particle, 1, time * plan.outputEverySteps)
        if (STATUSES[status] !== 'afloat') continue
        const cell = Math.floor((lat - 42) / 0.25) * GRID.columns + Math.floor((lon - 8) / 0.25)
        const place = time * GRID.rows * GRID.columns + cell
        expected[place] = (expected[place] ?? 0) + 1
      }
    }
    assert.deepEqual(counts, expected)
    assert.ok(counts.some((count) => count > 0))
    const total = Object.values(assembled.status).reduce((sum, count) => sum + count, 0)
    assert.equal(total, assembled.particles)
    assert.equal(assembled.particles, plan.particleCount * plan.memberCount)
    assert.equal(assembled.particleSteps, assembled.particles * plan.stepCount)
  })

  it('has a CID that is a fixed vector', async () => {
    const { assembled } = await assembleWorld(buildWorld())
    assert.equal(assembled.product.toString(), VECTOR)
  })

  it('does not depend on order, blocks or windows', async () => {
    const whole = await assembleWorld(buildWorld())
    const options = fc.record({
      cuts: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 4 }),
      windowSteps: fc.integer({ min: 1, max: 24 }),
      order: fc.infiniteStream(fc.nat())
    })
    const law = fc.asyncProperty(options, async ({ cuts, order, windowSteps }) => {
      const world = buildWorld({ cuts, windowSteps })
      const slots = world.slots
        .map((slot) => ({ slot, key: order.next().value ?? 0 }))
        .sort((left, right) => left.key - right.key)
        .map(({ slot }) => slot)
      const { assembled } = await assembleWorld({ ...world, slots })
      assert.equal(assembled.product.toString(), whole.assembled.product.toString())
      assert.deepEqual(assembled.status, whole.assembled.status)
    })
    await fc.assert(law, { numRuns: 12 })
  })

  it('changes with anything that is part of the forecast', async () => {
    const base = (await assembleWorld(buildWorld())).assembled.product.toString()
    const others: Record<string, WorldOptions> = {
      particles: { particles: 41 },
      members: { members: 1 },
      classes: { classNames: ['bottle', 'rope'] },
      output: { outputEverySteps: 4 },
      tracked: { tracked: 3 },
      grid: { grid: { ...GRID, southDegrees: 41.75 } }
    }
    for (const [name, options] of Object.entries(others)) {
      const { assembled } = await assembleWorld(buildWorld(options))
      assert.notEqual(assembled.product.toString(), base, name)
    }
  })

  it('reports tracks by member, particle and time, from release to the end', async () => {
    const rows: TrackRow[] = []
    const world = buildWorld({ cuts: [4], windowSteps: 7 })
    await assembleWorld(world, (row) => rows.push(row))
    const { plan } = world
    const expected: TrackRow[] = []
    for (let member = 0; member < plan.memberCount; member += 1) {
      for (let particle = 0; particle < plan.products.trackedCount; particle += 1) {
        for (let time = 0; time < outputCount(plan); time += 1) {
          const step = time * plan.outputEverySteps
          const { status, ...place } = placeOf(particle, member, step)
          const name = STATUSES[status]
          if (name === undefined || name === 'waiting') continue
          const timeSeconds = plan.startSeconds + step * plan.stepSeconds
          expected.push({ particle, member, timeSeconds, ...place, status: name })
        }
      }
    }
    assert.deepEqual(rows, expected)
  })

  it('names gaps the same however the particles are cut', async () => {
    const lacking = async (options: WorldOptions, blocks: readonly number[], window: number) => {
      const world = buildWorld({ ...options, windowSteps: 8 })
      const slots = world.slots.filter(
        (slot) => slot.member !== 1 || slot.window < window || !blocks.includes(slot.block)
      )
      const { assembled, blocks: store } = await assembleWorld({ ...world, slots })
      const readme = await readFolderFile(assembled.product, 'README.md', store)
      assert.match(new TextDecoder().decode(readme), /particles 10 to 29 of member 1 from/)
      return assembled.product.toString()
    }
    const oneBlock = await lacking({ cuts: [10, 20] }, [1], 1)
    assert.equal(await lacking({ cuts: [10, 5, 15] }, [1, 2], 1), oneBlock)
    assert.notEqual(await lacking({ cuts: [10, 20] }, [1], 2), oneBlock)
  })

  it('names the unit whose result is missing or not what it had to be', async () => {
    const world = buildWorld({ cuts: [20] })
    const [slot] = world.slots
    assert.ok(slot)
    const absent = toRawBlock(Uint8Array.of(9))
    const missing = { ...world, slots: [{ ...slot, result: absent.cid }] }
    await assert.rejects(assembleWorld(missing), (error) => {
      assert.ok(isMeshError(error, 'net/block-missing'))
      return error.message.startsWith('unit 0/0/0:')
    })
    const odd = buildWorld({ cuts: [19] })
    await assert.rejects(
      assembleWorld({ ...world, blocks: [...world.blocks, ...odd.blocks], slots: odd.slots }),
      (error) => isMeshError(error, 'verify/mismatch') && error.message.startsWith('unit 0/0/0')
    )
  })

  it('refuses a grid that cannot be published', async () => {
    const grid = { ...GRID, resolutionDegrees: 0.001, columns: 90_000, rows: 90_000 }
    const { blocks, plan } = makePlan({ grid, particles: 4 })
    await assert.rejects(assembleWorld({ plan, blocks, slots: [] }), (error) =>
      isMeshError(error, 'plan/refused')
    )
  })
})

const VECTOR = 'bafybeihz6yl7arugbwohjc6kavvsifq6ee66qjfroeyd77pevgbjjy7nea'

/**
 * Blocks and seeding: ids in file order, points dealt round-robin however blocks are cut, and a
 * point that cannot be seeded named by its place in the file.
 */
import assert from 'node:assert/strict'
import type { Kernel } from '../../../kernel/kernel.ts'
import {
  cutBlocks,
  type SeedingContext,
  seedBlock,
  seedRange
} from '../../../node/forecast/seeding.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import { decode } from '../../../protocol/canonical.ts'
import {
  STATE_CELLS_OFFSET,
  STATE_CHUNK_PARTICLES,
  STATE_CLASS_OFFSET,
  STATE_PARTICLE_BYTES,
  state
} from '../../../protocol/result.ts'
import { definitionOf } from './definition-text.ts'

const ranges = (changes: Record<string, string>) =>
  cutBlocks(definitionOf(changes)).map(({ firstParticle, particleCount }) => [
    firstParticle,
    particleCount
  ])

const particles = (count: number) => ({
  seeding: `[{ kind: points, at: [[1, 2]], particles: ${count}, class: low }]`
})

/** A kernel that writes, per particle, where it was told to seed: whole degrees as cells. */
const kernel = {
  seedPoints: ({
    points,
    firstParticle,
    particleCount,
    releaseStep,
    classIndex
  }: Parameters<Kernel['seedPoints']>[0]) => {
    const land = points.findIndex(([lon]) => lon === 99)
    if (land >= 0) {
      return { state: new Uint8Array(), failedPoint: { index: land, why: 'land' as const } }
    }
    const view = new DataView(new ArrayBuffer(particleCount * STATE_PARTICLE_BYTES))
    for (let i = 0; i < particleCount; i += 1) {
      const [lon, lat] = points[i % points.length] ?? [0, 0]
      view.setUint32(i * STATE_PARTICLE_BYTES + 4, firstParticle + i, true)
      view.setInt16(i * STATE_PARTICLE_BYTES + STATE_CELLS_OFFSET, lon, true)
      view.setInt16(i * STATE_PARTICLE_BYTES + STATE_CELLS_OFFSET + 2, lat, true)
      view.setUint16(i * STATE_PARTICLE_BYTES + 12, releaseStep, true)
      view.setUint8(i * STATE_PARTICLE_BYTES + STATE_CLASS_OFFSET, classIndex)
    }
    return { state: new Uint8Array(view.buffer) }
  }
}

const contextOf = (seeding: string): SeedingContext => ({
  definition: definitionOf({ seeding }),
  grid: {
    longitudes: Float64Array.of(0, 100),
    latitudes: Float64Array.of(0, 50),
    isPeriodic: false,
    land: new Uint8Array(4)
  },
  kernel,
  stepSeconds: 600
})

const TWO_ENTRIES =
  '[{ kind: points, at: [[1, 1], [2, 1], [3, 1]], particles: 7, class: low },' +
  ' { kind: points, at: [[-355, 2], [6, 2]], particles: 5, class: high,' +
  ' release: 2020-01-01T01:00:00Z }]'

describe('blocks of a plan', () => {
  it('are at least twelve where that leaves them a thousand particles', () => {
    assert.equal(ranges(particles(100_000)).length, 12)
    assert.deepEqual(ranges(particles(2500)), [
      [0, 1000],
      [1000, 1000],
      [2000, 500]
    ])
    assert.equal(ranges(particles(10_000_000)).length, 100)
  })

  it('are as large as the file says', () => {
    assert.deepEqual(ranges({ ...particles(5), mesh: '{ unitParticles: 2 }' }), [
      [0, 2],
      [2, 2],
      [4, 1]
    ])
  })

  it('are refused beyond the limit of a plan', () => {
    assert.throws(
      () => cutBlocks(definitionOf({ ...particles(20_001), mesh: '{ unitParticles: 2 }' })),
      (error) =>
        isMeshError(error, 'plan/refused') &&
        error.message ===
          'f.yaml:8:26 spec.mesh.unitParticles cuts 20001 particles into 10001 blocks, ' +
            'more than 10000; use 3 or more'
    )
  })
})

describe('seeding', () => {
  it('deals points and numbers ids the same however blocks are cut', () => {
    const context = contextOf(TWO_ENTRIES)
    const whole = seedRange({ firstParticle: 0, particleCount: 12 }, context)
    for (const size of [1, 2, 5, 8]) {
      const cut = Array.from({ length: Math.ceil(12 / size) }, (_, index) =>
        seedRange(
          { firstParticle: index * size, particleCount: Math.min(size, 12 - index * size) },
          context
        )
      )
      assert.deepEqual(Buffer.concat(cut), Buffer.from(whole), `blocks of ${size}`)
    }
    const view = new DataView(whole.buffer)
    const column = (at: number) =>
      Array.from({ length: 12 }, (_, i) => view.getUint16(i * STATE_PARTICLE_BYTES + at, true))
    assert.deepEqual(column(STATE_CELLS_OFFSET), [1, 2, 3, 1, 2, 3, 1, 5, 6, 5, 6, 5], 'points')
    assert.deepEqual(column(4), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 'ids')
    assert.deepEqual(column(12), [0, 0, 0, 0, 0, 0, 0, 6, 6, 6, 6, 6], 'release steps')
  })

  it('stores a state in chunks of which each fits a block', async () => {
    const count = STATE_CHUNK_PARTICLES + 10
    const context = contextOf(`[{ kind: points, at: [[1, 4], [3, 2]], particles: ${count} }]`)
    const blocks = openMemoryBlocks()
    const range = { firstParticle: 0, particleCount: count }
    const seeded = await seedBlock(range, context, { blocks })
    assert.deepEqual(seeded.bounds, [1, 2, 3, 4])
    const root = decode(state, await blocks.get(seeded.state))
    const sizes = await Promise.all(
      root.chunks.map(async (cid) => (await blocks.get(cid)).length / STATE_PARTICLE_BYTES)
    )
    assert.deepEqual(sizes, [STATE_CHUNK_PARTICLES, 10])
  })

  it('names the place of a point on land', () => {
    const context = contextOf(
      '[{ kind: points, at: [[1, 1], [99, 1]], particles: 8, radius: 2 km, class: low }]'
    )
    const second = { firstParticle: 1, particleCount: 3 }
    for (const range of [{ firstParticle: 0, particleCount: 8 }, second]) {
      assert.throws(
        () => seedRange(range, context),
        (error) =>
          isMeshError(error, 'forecast/invalid') &&
          error.message ===
            'f.yaml:7:42 spec.seeding[0].at[1] point [99, 1] (with 2000 m around it) ' +
              'is on land in the current data: move it to sea'
      )
    }
  })
})

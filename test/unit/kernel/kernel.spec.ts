/**
 * The functions of the module outside a run: metric, areas, keys, seeding.
 */
import assert from 'node:assert/strict'
import { loadKernel, type SeedPoints } from '../../../kernel/kernel.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'
import { axis, placesOf } from '../../physics/sea.ts'

const kernel = loadKernel(builtInKernel().bytes)

const seeding = (changes: Partial<SeedPoints> = {}): SeedPoints => ({
  longitudes: axis(10, 0.1, 41),
  latitudes: axis(40, 0.1, 31),
  isPeriodic: false,
  land: new Uint8Array(41 * 31),
  metric: 'wgs84',
  points: [[12, 41.5]],
  radiusMetres: 0,
  firstParticle: 0,
  particleCount: 10,
  rngSeed: [42, 0],
  releaseStep: 3,
  classIndex: 1,
  ...changes
})

describe('kernel: metric and areas', () => {
  it('cells per metre of WGS84, sphere1852 and flat', () => {
    const at = (metric: 'wgs84' | 'sphere1852' | 'flat'): number[] => [
      ...kernel.nodeMetric(axis(0, 0.5, 3), axis(59.5, 0.5, 3), metric).subarray(16, 20)
    ]
    const near = (actual: readonly number[], expected: readonly number[]): void => {
      for (const [i, value] of expected.entries()) {
        const error = Math.abs((actual[i] ?? 0) - value)
        assert.ok(error <= Math.abs(value) * 1.2e-7, `${actual} is not ${expected}`)
      }
    }
    // One degree at 60° N: 55 800.0016 m along the parallel, 111 412.2875 m along the meridian.
    near(at('wgs84'), [2 / 55_800.00157, 0, 0, 2 / 111_412.28746])
    near(at('sphere1852'), [2 / 55_560, 0, 0, 2 / 111_120])
    near(at('flat'), [2, 0, 0, 2])
  })

  it('areas add up to the surface of the ellipsoid, 510 065 621.7 km²', () => {
    const rows = kernel.rowAreasKm2(-90, 1, 1, 180, 'wgs84')
    const total = rows.reduce((sum, area) => sum + area) * 360
    assert.ok(Math.abs(total - 510_065_621.7241) < 0.1, `${total}`)
    const sphere = kernel.rowAreasKm2(0, 0.5, 0.25, 2, 'sphere1852')
    const expected = (111.12 ** 2 * 0.25 * 180 * Math.sin(Math.PI / 360)) / Math.PI
    assert.ok(Math.abs((sphere[0] ?? 0) - expected) < 1e-9)
    assert.deepEqual([...kernel.rowAreasKm2(0, 2000, 500, 2, 'flat')], [1, 1])
  })

  it('member keys differ by seed and member', () => {
    const keys = [
      kernel.memberKey([42, 0], 0),
      kernel.memberKey([42, 0], 1),
      kernel.memberKey([43, 0], 0),
      kernel.memberKey([42, 1], 0)
    ].map(String)
    assert.equal(new Set(keys).size, 4)
  })
})

describe('kernel: seeding', () => {
  it('puts particles on their points, round-robin, with class, release and windage', () => {
    const points = [
      [12, 41.5],
      [13.05, 42.25]
    ] as const
    const { state, failedPoint } = kernel.seedPoints(seeding({ points }))
    assert.equal(failedPoint, undefined)
    const view = new DataView(state.buffer)
    const places = placesOf(state)
    const windages = new Set<number>()
    for (const [i, place] of places.entries()) {
      assert.ok(Math.abs(place.x - (i % 2 === 0 ? 20 : 30.5)) < 1e-6, `${i}: ${place.x}`)
      assert.ok(Math.abs(place.y - (i % 2 === 0 ? 15 : 22.5)) < 1e-6, `${i}: ${place.y}`)
      assert.equal(place.status, 0)
      assert.equal(view.getUint16(i * 18 + 12, true), 3)
      assert.equal(view.getUint8(i * 18 + 17), 1)
      windages.add(view.getUint16(i * 18 + 14, true))
    }
    assert.equal(windages.size, 10)
  })

  it('fills a disc uniformly: half of it within 1/√2 of the radius', () => {
    const radiusMetres = 20_000
    const { state } = kernel.seedPoints(seeding({ radiusMetres, particleCount: 20_000 }))
    const metres = placesOf(state).map(({ x, y }) =>
      Math.hypot((x - 20) * 0.1 * 83_500, (y - 15) * 0.1 * 111_080)
    )
    assert.ok(Math.max(...metres) < radiusMetres * 1.01)
    const inner = metres.filter((distance) => distance < radiusMetres / Math.SQRT2).length
    assert.ok(Math.abs(inner / 20_000 - 0.5) < 0.015, `${inner}`)
  })

  it('does not depend on how an entry is cut', () => {
    const whole = kernel.seedPoints(seeding({ radiusMetres: 5000 })).state
    const tail = kernel.seedPoints(
      seeding({ radiusMetres: 5000, firstParticle: 6, particleCount: 4 })
    ).state
    assert.deepEqual(tail, whole.subarray(6 * 18))
  })

  it('draws again ashore, and names a point that has no sea', () => {
    const land = Uint8Array.from({ length: 41 * 31 }, (_, node) => Number(node % 41 > 20))
    const { state } = kernel.seedPoints(seeding({ land, radiusMetres: 20_000, particleCount: 500 }))
    assert.ok(placesOf(state).every(({ x }) => x < 20.5))
    const failing = (changes: Partial<SeedPoints>) =>
      kernel.seedPoints(seeding({ land, ...changes })).failedPoint
    assert.deepEqual(
      failing({
        points: [
          [12, 41],
          [13.5, 41]
        ]
      }),
      { index: 1, why: 'land' }
    )
    assert.deepEqual(failing({ points: [[13.5, 41]], radiusMetres: 9000 }), {
      index: 0,
      why: 'land'
    })
    assert.deepEqual(failing({ points: [[9, 41]] }), { index: 0, why: 'outside' })
    assert.deepEqual(failing({ points: [[12, 50]], radiusMetres: 10 }), {
      index: 0,
      why: 'outside'
    })
  })

  it('reads longitudes of either convention', () => {
    const at = (lon: number) => kernel.seedPoints(seeding({ points: [[lon, 41.5]] })).state
    assert.deepEqual(at(12 - 360), at(12))
    assert.deepEqual(at(12 + 360), at(12))
  })
})

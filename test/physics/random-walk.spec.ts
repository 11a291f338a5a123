/**
 * Horizontal diffusion: known answer of the generator, moments of the walk, independence of draws
 * from everything but key, particle and step.
 */
import assert from 'node:assert/strict'
import { loadKernel } from '../../kernel/kernel.ts'
import { builtInKernel } from '../../node/worker/kernel-file.ts'
import { axis, drift, type Placed, type Sea, steadyTimes } from './sea.ts'
import { moments } from './terms/moments.ts'

const DAY = 86_400
const CELL = 4096
const sea = (east: number): Sea => ({
  longitudes: axis(0, CELL, 20),
  latitudes: axis(0, CELL, 20),
  metric: 'flat',
  times: steadyTimes(DAY),
  fields: { current: () => [east, 0] }
})

const metresFrom = (places: readonly Placed[], key: 'x' | 'y', start: number): number[] =>
  places.map((place) => (place[key] - start) * CELL)

describe('physics: random walk', () => {
  it('Threefry2x32-20: key 0, counter 0', () => {
    const kernel = loadKernel(builtInKernel().bytes)
    assert.deepEqual(kernel.memberKey([0, 0], 0), [0x6b200159, 0x99ba4efe])
  })

  // K = 100 m²/s, 24 h: √(2·100·86400) = 4156.92 m per axis.
  it('has the deviation, mean and kurtosis of diffusion, both axes, 10⁵ particles', () => {
    const particles = Array.from({ length: 100_000 }, () => ({ x: 9.5, y: 9.5 }))
    const { places } = drift(sea(0), {
      particles,
      stepSeconds: 600,
      stepCount: DAY / 600,
      diffusivity: 100
    })
    for (const key of ['x', 'y'] as const) {
      const { mean, deviation, kurtosis } = moments(metresFrom(places, key, 9.5))
      assert.ok(Math.abs(deviation - 4156.92) < 40, `${key}: deviation ${deviation}`)
      assert.ok(Math.abs(mean) < 55, `${key}: mean ${mean}`)
      assert.ok(Math.abs(kurtosis - 3) < 0.1, `${key}: kurtosis ${kurtosis}`)
    }
    const xs = metresFrom(places, 'x', 9.5)
    const ys = metresFrom(places, 'y', 9.5)
    const covariance = xs.reduce((sum, x, i) => sum + x * (ys[i] ?? 0), 0) / xs.length
    assert.ok(Math.abs(covariance) / 4156.92 ** 2 < 0.015, `covariance ${covariance}`)
  })

  it('adds to the current', () => {
    const particles = Array.from({ length: 20_000 }, () => ({ x: 5.5, y: 9.5 }))
    const options = { particles, stepSeconds: 600, stepCount: 144, diffusivity: 100 }
    const { mean } = moments(metresFrom(drift(sea(0.2), options).places, 'x', 5.5))
    assert.ok(Math.abs(mean - 0.2 * DAY) < 120, `mean ${mean}`)
  })

  it('differs by member key, particle and step, and repeats for the same ones', () => {
    const walk = (rngKey: readonly [number, number], firstStep = 0, firstParticle = 0): number[] =>
      drift(sea(0), {
        particles: [
          { x: 9.5, y: 9.5 },
          { x: 9.5, y: 9.5 }
        ],
        stepSeconds: 600,
        stepCount: 1,
        firstStep,
        firstParticle,
        diffusivity: 100,
        rngKey
      }).places.map((place) => place.x)
    const plain = walk([1, 2])
    assert.deepEqual(walk([1, 2]), plain)
    assert.notEqual(plain[0], plain[1], 'particles')
    assert.notEqual(walk([1, 3])[0], plain[0], 'key')
    assert.notEqual(walk([1, 2], 1)[0], plain[0], 'step')
    assert.equal(walk([1, 2], 0, 1)[0], plain[1], 'the id decides, not the place in the unit')
  })
})

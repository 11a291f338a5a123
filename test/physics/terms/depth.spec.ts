/**
 * Below the surface: Stokes drift and currents at the depth a particle has, mixing by the wind.
 */
import assert from 'node:assert/strict'
import type { Drift, RunClass } from '../../../kernel/drift.ts'
import { loadKernel } from '../../../kernel/kernel.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'
import { axis, drift, type Field, type Sea, steadyTimes } from '../sea.ts'
import { moments } from './moments.ts'

const CELL = 1000
const HOURS_6 = { stepSeconds: 600, stepCount: 36 }
const SECONDS = 6 * 3600
const kernel = loadKernel(builtInKernel().bytes)

const sea = (fields: Sea['fields']): Sea => ({
  longitudes: axis(0, CELL, 61),
  latitudes: axis(0, CELL, 61),
  metric: 'flat',
  times: steadyTimes(SECONDS),
  fields
})
const at = (depth: number, riseVelocity = 0): RunClass => ({
  windage: [0, 0],
  riseVelocity,
  depth
})
const speedOf = (fields: Sea['fields'], kind: RunClass, terms: Partial<Drift> = {}): number => {
  const { places } = drift(sea(fields), {
    particles: [{ x: 20.3, y: 20.7 }],
    classes: [kind],
    drift: terms,
    ...HOURS_6
  })
  assert.equal(places[0]?.status, 1)
  return (((places[0]?.x ?? 0) - 20.3) * CELL) / SECONDS
}
const close = (actual: number, expected: number, tolerance = 2e-6): void =>
  assert.ok(Math.abs(actual - expected) < tolerance, `${actual} m/s, expected ${expected}`)

describe('physics: fixed depth', () => {
  const still: Field = () => [0, 0]
  const stokes: Field = () => [0.1, 0]
  const wind: Field = () => [10, 0]

  it('Stokes drift of a given, a forced and a wind-grown period', () => {
    for (const depth of [1, 5, 20]) {
      const given = speedOf({ current: still, stokes }, at(depth), { wavePeriodSeconds: 8 })
      close(given, 0.1 * kernel.stokesShare(depth, 8))
      const forced = speedOf({ current: still, stokes, wavePeriod: () => [8, 0] }, at(depth))
      close(forced, 0.1 * kernel.stokesShare(depth, 8))
      const grown = speedOf({ current: still, stokes, wind }, at(depth))
      close(grown, 0.1 * kernel.stokesShare(depth, kernel.periodOfWind(10)))
    }
  })

  it('parameterised Stokes drift: 0.016 of the wind, also relative and at depth', () => {
    const stokesIs = { stokes: 'parameterised' as const }
    close(speedOf({ current: still, wind }, at(0), stokesIs), 0.16)
    const half: Field = () => [0.5, 0]
    const relative = { ...stokesIs, isWindRelative: true }
    const kind = { ...at(0), windage: [0.02, 0.02] as const }
    close(speedOf({ current: half, wind: () => [10, 0] }, kind, relative), 0.85, 1e-5)
    const deep = speedOf({ current: still, wind }, at(5), stokesIs)
    close(deep, 0.16 * kernel.stokesShare(5, kernel.periodOfWind(10)))
  })

  it('currents of several levels, linear between them, the nearest beyond them', () => {
    const fields = {
      current: (() => [0.5, 0]) as Field,
      level1: (() => [0.3, 0]) as Field,
      level2: (() => [-0.1, 0]) as Field
    }
    const levels = { levelDepths: [0.5, 10, 30] }
    for (const [depth, speed] of [
      [0, 0.5],
      [0.5, 0.5],
      [5.25, 0.4],
      [10, 0.3],
      [20, 0.1],
      [30, -0.1],
      [500, -0.1]
    ] as const) {
      close(speedOf(fields, at(depth), levels), speed, 1e-5)
    }
  })

  it('the general path at the surface drifts as the fast one does', () => {
    const eddy: Field = (x, y, t) => [
      0.3 * Math.sin(y / 9000 + t / 40_000),
      0.3 * Math.cos(x / 7000)
    ]
    const breeze: Field = (x) => [6 * Math.cos(x / 20_000), 3]
    const particles = Array.from({ length: 200 }, (_, i) => ({
      x: 15 + i / 8,
      y: 45 - i / 9,
      windage: 0.02
    }))
    const fields = { current: eddy, wind: breeze }
    const fast = drift(sea(fields), { particles, ...HOURS_6 }).places
    const withLevels = { ...fields, level1: eddy }
    const slow = drift(sea(withLevels), {
      particles,
      ...HOURS_6,
      drift: { levelDepths: [0, 10] }
    }).places
    for (const [i, { x, y }] of fast.entries()) {
      const away = Math.hypot(x - (slow[i]?.x ?? 0), y - (slow[i]?.y ?? 0)) * CELL
      assert.ok(away < 0.05, `particle ${i}: ${away} m`)
    }
  })
})

describe('physics: mixed by the wind', () => {
  const N = 4000
  /** Speed tells depth: the current falls linearly to 0 at 100 m. */
  const shear = {
    current: (() => [1, 0]) as Field,
    level1: (() => [0, 0]) as Field,
    wind: (() => [10, 0]) as Field
  }
  const rise = 0.01
  const mixed: Partial<Drift> = { vertical: 'mixed', levelDepths: [0, 100] }

  it('well mixed: depths are exponential with the e-folding of Kukulka, step by step', () => {
    const depths: number[] = []
    let before = Array.from({ length: N }, () => 20)
    drift(sea(shear), {
      particles: before.map((x) => ({ x, y: 20 })),
      classes: [at(0, rise)],
      drift: mixed,
      stepSeconds: 600,
      stepCount: 12,
      onStep: (run) => {
        const view = new DataView(run.state().slice().buffer)
        const now = before.map(
          (_x, i) => view.getInt16(i * 18 + 8, true) + view.getUint32(i * 18, true) / 2 ** 32
        )
        for (const [i, x] of now.entries()) {
          depths.push(100 * (1 - ((x - (before[i] ?? 0)) * CELL) / 600))
        }
        before = now
      }
    })
    const scale = kernel.mixingDepth(10, rise)
    const { mean, deviation } = moments(depths)
    const error = scale / Math.sqrt(depths.length)
    assert.ok(Math.abs(mean - scale) < 4 * error, `mean ${mean}, scale ${scale}`)
    assert.ok(Math.abs(deviation - scale) < 12 * error, `deviation ${deviation}`)
    // Deciles of the exponential law.
    for (let decile = 1; decile < 10; decile++) {
      const limit = -Math.log(1 - decile / 10) * scale
      const share = depths.filter((depth) => depth < limit).length / depths.length
      const tolerance = 4 * Math.sqrt((share * (1 - share)) / depths.length)
      assert.ok(Math.abs(share - decile / 10) < tolerance + 0.002, `${decile}: ${share}`)
    }
    // One step's depth says nothing of the next.
    const pairs = depths
      .slice(0, -N)
      .map((depth, i) => (depth - mean) * ((depths[i + N] ?? 0) - mean))
    const correlation = pairs.reduce((sum, p) => sum + p, 0) / pairs.length / deviation ** 2
    assert.ok(Math.abs(correlation) < 4 / Math.sqrt(pairs.length), `correlation ${correlation}`)
  })

  it('calm air leaves all at the surface; a class with a depth keeps it', () => {
    const calm = { ...shear, wind: (() => [0, 0]) as Field }
    close(speedOf(calm, at(0, rise), mixed), 1, 1e-5)
    close(speedOf(shear, at(40, rise), mixed), 0.6, 1e-5)
  })

  it('wind unknown where it decides the depth makes a particle missing', () => {
    const holed = { ...shear, wind: (() => [1e30, 1e30]) as Field }
    const { places } = drift(sea(holed), {
      particles: [{ x: 20, y: 20 }],
      classes: [at(0, rise)],
      drift: mixed,
      ...HOURS_6
    })
    assert.deepEqual(places[0], { x: 20, y: 20, status: 5 })
  })
})

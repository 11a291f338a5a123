/**
 * All terms at once: what must not change a bit of any particle, that each is where its status says,
 * and that what is too fast or too far fails loudly.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { equals } from 'uint8arrays/equals'
import type { Drift } from '../../../kernel/drift.ts'
import { KernelFault } from '../../../kernel/fault.ts'
import {
  axis,
  type DriftOptions,
  drift,
  type Field,
  NOISY_STATE_BYTES,
  type Particle,
  type Sea,
  STATE_BYTES,
  stateOf,
  WINDAGE_MAX
} from '../sea.ts'

const HOUR = 3600
const DAY = 24 * HOUR
const current: Field = (lon, lat, t) => [
  0.4 * Math.sin(lat * 3) * Math.cos(lon * 2 + t / 40_000) + 0.1,
  0.4 * Math.cos(lat * 3) * Math.sin(lon * 2 + t / 40_000)
]
const deeper: Field = (lon, lat, t) => current(lon, lat, t).map((u) => u / 2) as [number, number]
const sea: Sea = {
  longitudes: axis(5, 0.05, 100),
  latitudes: axis(41, 0.05, 80),
  metric: 'wgs84',
  isLand: (column, row) => Math.hypot(column - 60, row - 30) < 5,
  times: [...axis(-2 * DAY, HOUR, 97)],
  fields: {
    current,
    level1: deeper,
    wind: (lon, _lat, t) => [8 * Math.cos(t / 20_000), 5 * Math.sin(lon)],
    stokes: (lon, lat) => [0.05 * Math.cos(lon), 0.05 * Math.sin(lat)],
    diffusivity: (lon) => [10 + 5 * Math.sin(lon * 4), 0],
    wavePeriod: (_lon, lat) => [7 + Math.sin(lat), 0]
  }
}
const coast = (column: number, row: number): [number, number] => [
  4000 * (Math.hypot(column - 60, row - 30) - 5),
  Math.floor((Math.atan2(row - 30, column - 60) + 4) * 3)
]
const range = { windage: [0, WINDAGE_MAX] as const }
const ALL: Partial<Drift> = {
  diffusivity: 1,
  isDiffusivityField: true,
  isWindRelative: true,
  vertical: 'mixed',
  coast: 'probabilistic',
  beaching: { beachingSeconds: DAY / 4, refloatSeconds: DAY / 2, zoneMetres: 8000 },
  halfLifeSeconds: 5 * DAY,
  maxAgeSeconds: 0.9 * DAY,
  noise: { deviationMetresPerSecond: 0.05, timescaleSeconds: 6 * HOUR },
  levelDepths: [0, 20],
  originStarts: [100, 350]
}
const CLASSES: DriftOptions['classes'] = [
  { ...range, riseVelocity: 0.01, depth: 0 },
  { ...range, riseVelocity: 0, depth: 15 },
  { ...range, riseVelocity: 0.002, depth: 0 }
]
const COUNT = 700
const particles: Particle[] = Array.from({ length: COUNT }, (_, i) => ({
  x: 48 + (i % 28) * 0.9 + 0.37,
  y: 20 + Math.floor(i / 28) + 0.61,
  windage: 0.01 + (i % 5) / 100,
  releaseStep: i % 7 === 0 ? 20 : 0,
  classIndex: i % 3
})).filter(({ x, y }) => Math.hypot(x - 60, y - 30) > 5.8)
const KINDS = {
  'fast path, chance at the coast': {
    ...ALL,
    isDiffusivityField: false,
    diffusivity: 5,
    vertical: 'surface' as const,
    levelDepths: [0]
  },
  'all terms': ALL,
  'all terms backwards': { ...ALL, coast: 'hold' as const, halfLifeSeconds: 0 }
}

for (const [name, terms] of Object.entries(KINDS)) {
  const isFast = name.startsWith('fast')
  const { noise: _, ...calm } = terms
  const drifting: Partial<Drift> = isFast ? calm : terms
  const bytes = isFast ? STATE_BYTES : NOISY_STATE_BYTES
  const classes = isFast ? CLASSES?.map((each) => ({ ...each, depth: 0 })) : CLASSES
  const stepSeconds = name.endsWith('backwards') ? -600 : 600
  const { level1: __, diffusivity: ___, wavePeriod: ____, ...plain } = sea.fields
  const ocean: Sea = isFast ? { ...sea, fields: plain } : sea
  const options = {
    stepSeconds,
    stepCount: 144,
    coast,
    drift: drifting,
    rngKey: [7, 9] as const,
    ...(classes === undefined ? {} : { classes })
  }
  const first = (count: number, from = 0) => particles.slice(from, from + count)

  describe(`physics: ${name}`, () => {
    const whole = drift(ocean, { ...options, particles })
    const states = (list: readonly Particle[]) => stateOf(list, WINDAGE_MAX, bytes)

    it('does everything in the run it is compared with', () => {
      const counts = whole.run.counts()
      assert.ok((counts[1] ?? 0) > 10 && (counts[4] ?? 0) > 10, counts.join())
      if (drifting.coast === 'probabilistic') assert.ok((counts[2] ?? 0) > 5, counts.join())
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        particles.length
      )
    })

    it('the unit: 2 or 7 units, in any order', () => {
      for (const units of [2, 7]) {
        const size = Math.ceil(particles.length / units)
        for (let unit = units - 1; unit >= 0; unit--) {
          const from = unit * size
          const part = first(size, from)
          const { state } = drift(ocean, { ...options, particles: part, firstParticle: from })
          const expected = whole.state.subarray(from * bytes, (from + part.length) * bytes)
          assert.ok(equals(state, expected), `unit ${unit} of ${units}`)
        }
      }
    })

    it('the cut in time, from any state on the way', () => {
      for (const cuts of [[72], [1, 30, 31, 140]]) {
        let state = states(particles)
        let firstStep = 0
        for (const end of [...cuts, 144]) {
          const part = { ...options, state, firstStep, stepCount: end - firstStep }
          state = drift(ocean, part).state.slice()
          firstStep = end
        }
        assert.ok(equals(state, whole.state), `cut at ${cuts}`)
      }
    })

    it('the crop', () => {
      for (const crop of [
        { column: 1, row: 1, columns: 99, rows: 79 },
        { column: 7, row: 5, columns: 92, rows: 72 }
      ]) {
        const { state } = drift(ocean, { ...options, particles, crop })
        assert.ok(equals(state, whole.state), JSON.stringify(crop))
      }
    })

    it('members differ, and repeat', () => {
      const member = (key: number, currentFactor = 1) =>
        drift(ocean, {
          ...options,
          particles: first(50),
          rngKey: [key, 9],
          drift: {
            ...drifting,
            perturbation: {
              currentFactor,
              windageFactor: 1,
              diffusivityFactor: 1,
              releaseShiftSteps: 0
            }
          }
        }).state
      assert.ok(equals(member(7), whole.state.subarray(0, 50 * bytes)))
      assert.ok(!equals(member(8), member(7)))
      assert.ok(!equals(member(7, 1.1), member(7)))
    })
  })
}

describe('physics: any sea', () => {
  const speed = fc.double({ min: -1.5, max: 1.5, noNaN: true })
  const law = fc.record({
    u: speed,
    v: speed,
    swirl: speed,
    wind: fc.double({ min: -20, max: 20, noNaN: true }),
    k: fc.double({ min: 0, max: 300, noNaN: true }),
    hole: fc.boolean(),
    coast: fc.constantFrom('strand', 'slide', 'hold', 'probabilistic' as const),
    depth: fc.constantFrom(0, 7),
    mixed: fc.boolean(),
    noisy: fc.boolean(),
    maxAgeSeconds: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
    backwards: fc.boolean()
  })

  it('no particle ever leaves with NaN, and a status explains every stop', () => {
    fc.assert(
      fc.property(law, (given) => {
        const CELL = 5000
        const isLand = (column: number, row: number): boolean => column > 22 && row > 8
        const ocean: Sea = {
          longitudes: axis(0, CELL, 31),
          latitudes: axis(0, CELL, 31),
          metric: 'flat',
          isLand,
          times: axis(-10 * HOUR, HOUR, 21) as unknown as number[],
          fields: {
            current: (x, y, t) =>
              given.hole && x > 20 * CELL && y < 4 * CELL
                ? [1e30, 1e30]
                : [
                    given.u + given.swirl * Math.sin(y / 20_000 + t / 9000),
                    given.v + given.swirl * Math.cos(x / 20_000)
                  ],
            wind: () => [given.wind, given.wind / 2],
            stokes: () => [0.05, 0.02]
          }
        }
        const start = Array.from({ length: 40 }, (_, i) => ({
          x: 2 + (i % 8) * 2.4,
          y: 2 + Math.floor(i / 8) * 1.2,
          windage: (i % 3) / 100,
          releaseStep: i % 5
        }))
        const terms: Partial<Drift> = {
          coast: given.coast,
          beaching: { beachingSeconds: 9000, refloatSeconds: 9000, zoneMetres: 9000 },
          vertical: given.mixed ? 'mixed' : 'surface',
          ...(given.maxAgeSeconds === undefined ? {} : { maxAgeSeconds: given.maxAgeSeconds }),
          ...(given.noisy
            ? { noise: { deviationMetresPerSecond: 0.2, timescaleSeconds: 9000 } }
            : {})
        }
        const before = start.map(({ x, y }) => ({ x, y }))
        const { run, places, state } = drift(ocean, {
          particles: start,
          classes: [{ windage: [0, WINDAGE_MAX], riseVelocity: 0.01, depth: given.depth }],
          diffusivity: given.k,
          coast: (column, row) => [1000 * (22.5 - Math.max(column, row)), 0],
          drift: terms,
          trackedCount: 40,
          stepSeconds: given.backwards ? -600 : 600,
          stepCount: 50
        })
        assert.equal(run.counts()[0], 0, 'all are released')
        const tracks = new DataView(run.output().tracks.slice().buffer)
        for (const [i, { x, y, status }] of places.entries()) {
          const lon = tracks.getFloat64(i * 24 + 8, true)
          const lat = tracks.getFloat64(i * 24 + 16, true)
          assert.ok(Number.isFinite(lon) && Number.isFinite(lat), `particle ${i}`)
          const isIn = x >= 0 && x <= 30 && y >= 0 && y <= 30
          assert.equal(status === 3, !isIn, `outside: ${status} at ${x}, ${y}`)
          const isAshore = isIn && isLand(Math.round(x), Math.round(y))
          const mayBeAshore = status === 2 && given.coast === 'strand'
          assert.ok(!isAshore || mayBeAshore, `ashore with status ${status} at ${x}, ${y}`)
          if (status === 4) assert.ok(given.maxAgeSeconds !== undefined)
          if (status === 5) assert.ok(given.hole)
          if (status === 2) assert.ok(given.coast === 'strand' || given.coast === 'probabilistic')
        }
        assert.equal(before.length, state.length / (given.noisy ? 22 : 18))
      }),
      { numRuns: 60 }
    )
  })

  it('too fast and too far fail loudly, on both paths', () => {
    for (const depth of [0, 5]) {
      const ocean = (u: number): Sea => ({
        longitudes: axis(0, 1000, 61),
        latitudes: axis(0, 1000, 61),
        metric: 'flat',
        times: [0, DAY],
        fields: { current: () => [u, 0] }
      })
      const run = (
        u: number,
        crop: DriftOptions['crop'] = { column: 10, row: 10, columns: 40, rows: 40 }
      ) =>
        drift(ocean(u), {
          particles: [{ x: 30, y: 30 }],
          classes: [{ windage: [0, 0], riseVelocity: 0, depth }],
          crop,
          stepSeconds: 600,
          stepCount: 100
        })
      const fails = (code: string, act: () => void): void =>
        assert.throws(act, (error) => error instanceof KernelFault && error.code === code)
      fails('speed', () => run(1.7))
      fails('reach', () => run(0.5))
      fails('reach', () => run(0.1, { column: 31, row: 10, columns: 20, rows: 40 }))
    }
  })

  it('a hundred days of solid rotation neither gain nor lose', () => {
    const omega = (2 * Math.PI) / (5 * DAY)
    const ocean: Sea = {
      longitudes: axis(0, 1000, 81),
      latitudes: axis(0, 1000, 81),
      metric: 'flat',
      times: [0, 100 * DAY],
      fields: { current: (x, y) => [-omega * (y - 40_000), omega * (x - 40_000)] }
    }
    const start = Array.from({ length: 40 }, (_, i) => ({ x: 40 + 1 + i * 0.7, y: 40 }))
    for (const depth of [0, 5]) {
      const { places } = drift(ocean, {
        particles: start,
        classes: [{ windage: [0, 0], riseVelocity: 0, depth }],
        stepSeconds: 1800,
        stepCount: 4800
      })
      for (const [i, { x, y }] of places.entries()) {
        const radius = 1 + i * 0.7
        const change = Math.hypot(x - 40, y - 40) / radius - 1
        assert.ok(Math.abs(change) < 2e-4, `radius ${radius}: ${change}`)
      }
    }
  })
})

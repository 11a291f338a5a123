/**
 * All terms at once: what must not change a bit of any particle.
 */
import assert from 'node:assert/strict'
import { equals } from 'uint8arrays/equals'
import type { Drift } from '../../../kernel/drift.ts'
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

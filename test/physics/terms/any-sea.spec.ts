/**
 * Seas made by chance, with any rule: each particle is where its status says, and what is too fast
 * or too far fails loudly. And a hundred days of rotation.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Drift } from '../../../kernel/drift.ts'
import { KernelFault } from '../../../kernel/fault.ts'
import {
  axis,
  type DriftOptions,
  drift,
  type Field,
  type Placed,
  type Sea,
  WINDAGE_MAX
} from '../sea.ts'

const HOUR = 3600
const DAY = 24 * HOUR
const CELL = 5000
const [OUTSIDE, STRANDED, RETIRED, MISSING] = [3, 2, 4, 5]

const speed = fc.double({ min: -1.5, max: 1.5, noNaN: true })
const law = fc.record({
  u: speed,
  v: speed,
  swirl: speed,
  wind: fc.double({ min: -20, max: 20, noNaN: true }),
  k: fc.double({ min: 0, max: 300, noNaN: true }),
  hole: fc.boolean(),
  coast: fc.constantFrom('strand' as const, 'slide', 'hold', 'probabilistic'),
  depth: fc.constantFrom(0, 7),
  mixed: fc.boolean(),
  noisy: fc.boolean(),
  maxAgeSeconds: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
  backwards: fc.boolean()
})
type Given = typeof law extends fc.Arbitrary<infer T> ? T : never

const isLand = (column: number, row: number): boolean => column > 22 && row > 8

function oceanOf(given: Given): Sea {
  const current: Field = (x, y, t) => {
    if (given.hole && x > 20 * CELL && y < 4 * CELL) return [1e30, 1e30]
    const u = given.u + given.swirl * Math.sin(y / 20_000 + t / 9000)
    return [u, given.v + given.swirl * Math.cos(x / 20_000)]
  }
  return {
    longitudes: axis(0, CELL, 31),
    latitudes: axis(0, CELL, 31),
    metric: 'flat',
    isLand,
    times: [...axis(-10 * HOUR, HOUR, 21)],
    fields: { current, wind: () => [given.wind, given.wind / 2], stokes: () => [0.05, 0.02] }
  }
}

function termsOf({ coast, mixed, maxAgeSeconds, noisy }: Given): Partial<Drift> {
  return {
    coast,
    beaching: { beachingSeconds: 9000, refloatSeconds: 9000, zoneMetres: 9000 },
    vertical: mixed ? 'mixed' : 'surface',
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    ...(noisy ? { noise: { deviationMetresPerSecond: 0.2, timescaleSeconds: 9000 } } : {})
  }
}

/** Is a particle where its status says, and is there a reason for the status? */
function checkPlace({ x, y, status }: Placed, given: Given): void {
  const isIn = x >= 0 && x <= 30 && y >= 0 && y <= 30
  assert.equal(status === OUTSIDE, !isIn, `outside: ${status} at ${x}, ${y}`)
  const isAshore = isIn && isLand(Math.round(x), Math.round(y))
  const mayBeAshore = status === STRANDED && given.coast === 'strand'
  assert.ok(!isAshore || mayBeAshore, `ashore with status ${status} at ${x}, ${y}`)
  const mayEnd = new Map([
    [RETIRED, given.maxAgeSeconds !== undefined],
    [MISSING, given.hole],
    [STRANDED, given.coast === 'strand' || given.coast === 'probabilistic']
  ])
  assert.ok(mayEnd.get(status) ?? true, `status ${status} without a reason`)
}

describe('physics: any sea', () => {
  it('no particle ever leaves with NaN, and a status explains every stop', () => {
    const start = Array.from({ length: 40 }, (_, i) => ({
      x: 2 + (i % 8) * 2.4,
      y: 2 + Math.floor(i / 8) * 1.2,
      windage: (i % 3) / 100,
      releaseStep: i % 5
    }))
    const property = fc.property(law, (given) => {
      const { run, places } = drift(oceanOf(given), {
        particles: start,
        classes: [{ windage: [0, WINDAGE_MAX], riseVelocity: 0.01, depth: given.depth }],
        diffusivity: given.k,
        coast: (column, row) => [1000 * (22.5 - Math.max(column, row)), 0],
        drift: termsOf(given),
        trackedCount: start.length,
        stepSeconds: given.backwards ? -600 : 600,
        stepCount: 50
      })
      assert.equal(run.counts()[0], 0, 'all are released')
      const tracks = new DataView(run.output().tracks.slice().buffer)
      for (const [i, place] of places.entries()) {
        const lon = tracks.getFloat64(i * 24 + 8, true)
        const lat = tracks.getFloat64(i * 24 + 16, true)
        assert.ok(Number.isFinite(lon) && Number.isFinite(lat), `particle ${i}`)
        checkPlace(place, given)
      }
    })
    fc.assert(property, { numRuns: 60 })
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

/**
 * Random terms beyond a constant diffusivity: a field of it with its gradient term, and
 * autoregressive noise with its state.
 */
import assert from 'node:assert/strict'
import type { Drift } from '../../../kernel/drift.ts'
import { axis, drift, type Field, NOISY_STATE_BYTES, type Sea, steadyTimes } from '../sea.ts'
import { moments } from './moments.ts'

const CELL = 1000
const DAY = 86_400
const still: Field = () => [0, 0]
const sea = (fields: Sea['fields'], columns = 61, days = 30): Sea => ({
  longitudes: axis(0, CELL, columns),
  latitudes: axis(0, CELL, 61),
  metric: 'flat',
  times: steadyTimes(days * DAY),
  fields
})

describe('physics: diffusivity from a field', () => {
  it('constant over the sea it is the constant walk: 4156.92 m a day at 100 m²/s', () => {
    const { places } = drift(sea({ current: still, diffusivity: () => [100, 0] }), {
      particles: Array.from({ length: 20_000 }, () => ({ x: 30, y: 30 })),
      drift: { diffusivity: 1, isDiffusivityField: true },
      stepSeconds: 600,
      stepCount: 144
    })
    for (const key of ['x', 'y'] as const) {
      const { mean, deviation, kurtosis } = moments(places.map((p) => (p[key] - 30) * CELL))
      assert.ok(Math.abs(deviation - 4156.92) < 85, `${key}: ${deviation}`)
      assert.ok(Math.abs(mean) < 120, `${key}: ${mean}`)
      assert.ok(Math.abs(kurtosis - 3) < 0.15, `${key}: ${kurtosis}`)
    }
  })

  // K has its least value 6 m²/s at the middle and its largest at both ends, where it is flat, so
  // that walls which reflect (a walk held at an edge of the sea) do not matter to the middle.
  it('well mixed: what is uniform stays uniform, where K falls tenfold', () => {
    const k: Field = (x) => [60 * (1 - 0.9 * Math.cos(((x / CELL - 30) * Math.PI) / 30) ** 2), 0]
    const N = 12_000
    const particles = Array.from({ length: N }, (_, i) => ({ x: 0.001 + (i * 59.998) / N, y: 30 }))
    const options = {
      particles,
      drift: { diffusivity: 1, isDiffusivityField: true, coast: 'hold' } as Partial<Drift>,
      stepSeconds: 900,
      stepCount: 672
    }
    const walled: Sea = {
      ...sea({ current: still, diffusivity: (x, y, t) => k(x - 2 * CELL, y, t) }, 65),
      isLand: (column) => column < 2 || column > 62
    }
    const inner = particles.map(({ x, y }) => ({ x: x + 2, y }))
    const { places } = drift(walled, { ...options, particles: inner })
    const bins = new Float64Array(12)
    for (const { x } of places) {
      const bin = Math.min(11, Math.max(0, Math.floor((x - 2) / 5)))
      bins[bin] = (bins[bin] ?? 0) + 1
    }
    // Ten inner bins: rejection at a wall is not reflection.
    for (const [bin, count] of [...bins].slice(1, 11).entries()) {
      const away = count / (N / 12) - 1
      assert.ok(Math.abs(away) < 0.12, `bin ${bin + 1}: ${count} of ${N / 12}`)
    }
  })

  it('the mean moves up the gradient at dK/dx', () => {
    const { places } = drift(sea({ current: still, diffusivity: (x) => [x / 500, 0] }), {
      particles: Array.from({ length: 40_000 }, () => ({ x: 30, y: 30 })),
      drift: { diffusivity: 1, isDiffusivityField: true },
      stepSeconds: 600,
      stepCount: 144
    })
    const { mean, deviation } = moments(places.map(({ x }) => (x - 30) * CELL))
    const expected = DAY / 500
    assert.ok(Math.abs(mean - expected) < (4 * deviation) / 200, `${mean}, expected ${expected}`)
  })

  it('a hole in the diffusivity makes a particle missing', () => {
    const { places } = drift(sea({ current: still, diffusivity: () => [1e30, 0] }), {
      particles: [{ x: 30, y: 30 }],
      drift: { diffusivity: 1, isDiffusivityField: true },
      stepSeconds: 600,
      stepCount: 3
    })
    assert.equal(places[0]?.status, 5)
  })
})

describe('physics: autoregressive noise', () => {
  const noise = { deviationMetresPerSecond: 0.05, timescaleSeconds: 6 * 3600 }
  const N = 4000
  const series: number[][] = []
  before(() => {
    drift(sea({ current: still }), {
      particles: Array.from({ length: N }, () => ({ x: 30, y: 30 })),
      drift: { noise },
      stepSeconds: 600,
      stepCount: 72,
      onStep: (run) => {
        const view = new DataView(run.state().slice().buffer)
        const values: number[] = []
        for (let i = 0; i < N; i++) values.push(view.getInt16(i * NOISY_STATE_BYTES + 18, true))
        series.push(values.map((value) => (value * 4 * noise.deviationMetresPerSecond) / 32_767))
      }
    })
  })

  it('has the stationary variance from the first step to the last', () => {
    for (const step of [0, 10, 71]) {
      const { mean, deviation } = moments(series[step] ?? [])
      assert.ok(Math.abs(deviation / 0.05 - 1) < 4 / Math.sqrt(2 * N), `${step}: ${deviation}`)
      assert.ok(Math.abs(mean) < (4 * 0.05) / Math.sqrt(N), `${step}: ${mean}`)
    }
  })

  it('forgets at its time scale: correlation e^(−lag/T)', () => {
    for (const lag of [1, 12, 36, 71]) {
      const from = series[0] ?? []
      const to = series[lag] ?? []
      const sum = from.reduce((total, value, i) => total + value * (to[i] ?? 0), 0)
      const expected = Math.exp((-lag * 600) / noise.timescaleSeconds)
      const error = Math.sqrt((1 + expected ** 2) / N)
      const correlation = sum / N / 0.05 ** 2
      assert.ok(Math.abs(correlation - expected) < 4 * error, `${lag}: ${correlation}, ${expected}`)
    }
  })

  it('moves particles by what it is: the path is the sum of its steps', () => {
    const { state, places } = drift(sea({ current: still }), {
      particles: [{ x: 30, y: 30 }],
      drift: { noise },
      stepSeconds: 600,
      stepCount: 1
    })
    const view = new DataView(state.buffer)
    for (const [key, at] of [
      ['x', 18],
      ['y', 20]
    ] as const) {
      const metres = ((view.getInt16(at, true) * 4 * 0.05) / 32_767) * 600
      assert.ok(Math.abs(((places[0]?.[key] ?? 0) - 30) * CELL - metres) < 0.01)
    }
  })

  it('never passes four deviations, so that the planner can bound it', () => {
    const most = Math.max(...series.map((values) => Math.max(...values.map(Math.abs))))
    assert.ok(most <= 0.2 && most > 0.15, `${most}`)
  })
})

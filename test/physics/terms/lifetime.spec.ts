/**
 * How long particles are followed, and backwards in time.
 */
import assert from 'node:assert/strict'
import { axis, drift, type Field, type Sea } from '../sea.ts'

const CELL = 1000
const DAY = 86_400
const [STRANDED, RETIRED] = [2, 4]
const still: Field = () => [0, 0]
const sea = (current: Field, days = 10): Sea => ({
  longitudes: axis(0, CELL, 61),
  latitudes: axis(0, CELL, 61),
  metric: 'flat',
  times: [-days * DAY, 0, days * DAY],
  fields: { current }
})

describe('physics: retirement', () => {
  it('at the greatest age since release, on the step', () => {
    const retired: number[] = []
    drift(sea(still), {
      particles: [0, 10, 200].map((releaseStep) => ({ x: 30, y: 30, releaseStep })),
      drift: { maxAgeSeconds: 20 * 600 - 1 },
      stepSeconds: 600,
      stepCount: 144,
      onStep: (run, step) => {
        while (retired.length < (run.counts()[RETIRED] ?? 0)) retired.push(step)
      }
    })
    assert.deepEqual(retired, [20, 30])
  })

  it('a delay of releases delays the age', () => {
    const { places } = drift(sea(still), {
      particles: [{ x: 30, y: 30 }],
      drift: {
        maxAgeSeconds: 6000,
        perturbation: {
          currentFactor: 1,
          windageFactor: 1,
          diffusivityFactor: 1,
          releaseShiftSteps: 5
        }
      },
      stepSeconds: 600,
      stepCount: 14
    })
    assert.equal(places[0]?.status, 1)
  })

  it('by chance, half within each half-life, 4 standard errors', () => {
    const N = 20_000
    const left = new Map<number, number>()
    drift(sea(still), {
      particles: Array.from({ length: N }, () => ({ x: 30, y: 30 })),
      drift: { halfLifeSeconds: 2 * DAY },
      stepSeconds: 3600,
      stepCount: 6 * 24,
      onStep: (run, step) => left.set(step / 24, N - (run.counts()[RETIRED] ?? 0))
    })
    for (const days of [1, 2, 4, 6]) {
      const expected = 2 ** (-days / 2)
      const error = Math.sqrt((expected * (1 - expected)) / N)
      const share = (left.get(days) ?? 0) / N
      assert.ok(Math.abs(share - expected) < 4 * error, `${days} d: ${share}`)
    }
  })

  it('what is stranded keeps its status', () => {
    const shore: Sea = { ...sea(() => [0.5, 0]), isLand: (column) => column >= 35 }
    const { places } = drift(shore, {
      particles: [
        { x: 34, y: 30 },
        { x: 5, y: 30 }
      ],
      drift: { maxAgeSeconds: 6000 },
      stepSeconds: 600,
      stepCount: 30
    })
    assert.deepEqual(
      places.map(({ status }) => status),
      [STRANDED, RETIRED]
    )
  })
})

describe('physics: backtracking', () => {
  const eddy: Field = (x, y, t) => [
    0.06 * Math.sin(y / 9000 + t / 90_000) + 0.01,
    0.06 * Math.cos(x / 7000 - t / 70_000)
  ]

  for (const general of [false, true]) {
    it(`returns home without diffusion, ${general ? 'general' : 'fast'} path`, () => {
      const fields: Sea['fields'] = general ? { current: eddy, level1: eddy } : { current: eddy }
      const moving: Sea = { ...sea(eddy), times: [...axis(0, 3600, 73)], fields }
      const terms = general ? { drift: { levelDepths: [0, 10] } } : {}
      const particles = Array.from({ length: 100 }, (_, i) => ({
        x: 20 + (i % 10) * 2 + 0.3,
        y: 20 + Math.floor(i / 10) * 2 + 0.7
      }))
      const there = drift(moving, { particles, stepSeconds: 300, stepCount: 864, ...terms })
      // Step 864 of a plan that runs backwards from the end is the start: its clock is shifted.
      const turned: Sea = {
        ...moving,
        times: [...axis(-72 * 3600, 3600, 73)],
        fields: Object.fromEntries(
          Object.keys(fields).map((role) => [
            role,
            ((x, y, t) => eddy(x, y, t + 72 * 3600)) as Field
          ])
        )
      }
      const back = drift(turned, {
        state: there.state.slice(),
        stepSeconds: -300,
        stepCount: 864,
        ...terms
      })
      const far = there.places.map(({ x, y }, i) =>
        Math.hypot(x - (particles[i]?.x ?? 0), y - (particles[i]?.y ?? 0))
      )
      assert.ok(there.places.every(({ status }) => status === 1))
      assert.ok(Math.max(...far) > 5, 'they went somewhere')
      for (const [i, { x, y }] of back.places.entries()) {
        const away = Math.hypot(x - (particles[i]?.x ?? 0), y - (particles[i]?.y ?? 0)) * CELL
        assert.ok(away < 0.5, `particle ${i}: ${away} m from home`)
      }
    })
  }

  it('diffusion stays, beaching is off, age counts', () => {
    const shore: Sea = { ...sea(() => [-0.1, 0]), isLand: (column) => column >= 35 }
    const { places } = drift(shore, {
      particles: Array.from({ length: 50 }, () => ({ x: 33, y: 30 })),
      diffusivity: 5,
      drift: { coast: 'hold', maxAgeSeconds: 5 * DAY },
      stepSeconds: -600,
      stepCount: 700
    })
    assert.ok(places.every(({ status, x }) => status === 1 && x < 34.5))
    assert.ok(new Set(places.map(({ y }) => y)).size > 40)
  })
})

/**
 * The step rule: the longest divisor of every period that keeps particles within one cell, and a
 * given step is refused with the numbers that break the bound.
 */
import assert from 'node:assert/strict'
import { fullMetric } from '../../../node/forcing/grids/node-metric.ts'
import {
  planStep,
  reachCells,
  type SpeedBounds,
  smallestCell
} from '../../../node/forecast/step-plan.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { definitionOf } from './definition-text.ts'

const BOUNDS: SpeedBounds = {
  current: 1,
  stokes: 0,
  wind: 0,
  windage: 0,
  isWindRelative: false,
  diffusivity: 0,
  diffusivityGradient: 0,
  noise: 0,
  cellsPerMetre: { vector: 1 / 5000, both: 1 / 5000 }
}

const refusal = (changes: Record<string, string>, bounds: SpeedBounds): string => {
  try {
    planStep(definitionOf(changes), bounds)
  } catch (error) {
    assert.ok(isMeshError(error, 'plan/refused'), String(error))
    return error.message
  }
  throw new assert.AssertionError({ message: 'the step was accepted' })
}

describe('step rule', () => {
  it('takes at most an hour on slow water', () => {
    const { stepSeconds, stepCount } = planStep(definitionOf({ output: 'PT6H' }), BOUNDS)
    assert.deepEqual([stepSeconds, stepCount], [3600, 24])
  })

  it('takes the longest divisor that keeps particles within one cell', () => {
    // 5 km at 2 m/s: at most 2497 s (with the room for rounding), of the divisors of 3600: 1800.
    const step = planStep(definitionOf(), { ...BOUNDS, current: 2 })
    assert.equal(step.stepSeconds, 1800)
    assert.equal(step.reachCellsPerStep, Math.ceil(0.72072 * 1024) / 1024)
  })

  const divisors: readonly (readonly [string, Record<string, string>, number])[] = [
    ['output', { output: 'PT45M', duration: 'PT3H' }, 2700],
    ['window', { mesh: '{ window: PT40M }' }, 1200],
    ['duration', { duration: 'PT25H50M' }, 600],
    [
      'release',
      {
        seeding:
          '[{ kind: points, at: [[1, 2]], particles: 1, class: low,' +
          ' release: 2020-01-01T00:50:00Z }]'
      },
      600
    ]
  ]
  for (const [name, changes, seconds] of divisors) {
    it(`divides ${name}`, () =>
      assert.equal(planStep(definitionOf(changes), BOUNDS).stepSeconds, seconds))
  }

  it('counts waves, the wind on the largest windage and the longest stride of the walk', () => {
    const all = { ...BOUNDS, stokes: 0.5, wind: 20, windage: 0.05, diffusivity: 3 }
    assert.ok(Math.abs(reachCells(1000, all) - (1.001 * (2500 + Math.sqrt(36_000))) / 5000) < 1e-12)
    const relative = { ...all, isWindRelative: true }
    assert.ok(reachCells(1000, relative) > reachCells(1000, all))
  })

  it('takes the smallest cell of the sea and its shore, not of the land behind', () => {
    // One row of sea, shore, inland, inland with ever smaller cells.
    const metric = Float32Array.of(1, 0, 0, 2, 3, 4, 0, 0, 9, 0, 0, 9, 9, 0, 0, 9)
    assert.deepEqual(smallestCell(fullMetric(metric, 4), Uint8Array.of(0, 1, 1, 1), 4), {
      vector: 5,
      both: 7
    })
    // Two rows of three: the start of the second row is not beside the end of the first.
    const rows = Float32Array.from([1, 1, 1, 9, 1, 1].flatMap((cells) => [cells, 0, 0, cells]))
    assert.equal(smallestCell(fullMetric(rows, 3), Uint8Array.of(1, 1, 0, 1, 1, 1), 3).vector, 1)
    assert.equal(smallestCell(fullMetric(rows, 3), Uint8Array.of(1, 0, 1, 1, 1, 1), 3).vector, 9)
  })

  it('keeps a given step that holds, also a longer one than an hour', () => {
    const slow = { ...BOUNDS, current: 0.1 }
    const step = planStep(definitionOf({ step: 'PT2H', output: 'PT2H' }), slow)
    assert.equal(step.stepSeconds, 7200)
  })

  it('refuses a given step that breaks the bound, with numbers and the step to take', () => {
    const message = refusal({ step: 'PT1H' }, { ...BOUNDS, current: 2.5 })
    assert.equal(
      message,
      'f.yaml:8:9 spec.step in a step of 3600 s a particle can cross 1.80 cells ' +
        '(2.50 m/s of current on cells of 5000 m), at most 1 is allowed; ' +
        'use PT1800S or leave step out'
    )
  })

  it('refuses a grid too fine for any step', () => {
    const fine = { ...BOUNDS, cellsPerMetre: { vector: 2, both: 2 } }
    assert.match(refusal({}, fine), /^f\.yaml:5:13 spec\.duration no step of whole seconds/)
  })

  it('refuses more steps than a unit may have', () => {
    assert.match(
      refusal({ duration: 'P10000D', step: 'PT1H' }, BOUNDS),
      /240000 steps of 3600 s are more than 60000/
    )
  })
})

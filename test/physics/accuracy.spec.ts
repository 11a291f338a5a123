/**
 * Thirty days of chaotic eddies (PHYSICS §5): the kernel's f32 and quanta against the same scheme
 * in f64, and hourly steps against f64 RK4 of ten minutes. `scripts/accuracy.ts` is the long form.
 */
import assert from 'node:assert/strict'
import { loadKernel } from '../../kernel/kernel.ts'
import { builtInKernel } from '../../node/worker/kernel-file.ts'
import { measureAccuracy } from '../oracle/accuracy.ts'

const DAYS = 30
const SIDE = 12
const STEPS = [600, 3600]

describe('physics: accuracy over thirty days', () => {
  const kernel = loadKernel(builtInKernel().bytes)
  let measured: ReturnType<typeof measureAccuracy> = []
  before(() => {
    measured = measureAccuracy(kernel, SIDE, DAYS, STEPS)
  })

  for (const [index, stepSeconds] of STEPS.entries()) {
    it(`steps of ${stepSeconds} s: same scheme in f64, median ≤ 0.3 m, 99 % ≤ 10 m`, () => {
      const { median = Number.NaN, p99 = Number.NaN } = measured[index]?.sameScheme ?? {}
      assert.ok(median <= 0.3 && p99 <= 10, `median ${median} m, 99 % ${p99} m`)
      assert.ok(median > 0, 'they are not the same computation')
    })

    it(`steps of ${stepSeconds} s: f64 RK4 with steps of 600 s, median ≤ 10 m`, () => {
      const median = measured[index]?.fineSteps.median ?? Number.NaN
      assert.ok(median <= 10 && median > 0, `median ${median} m`)
    })
  }
})

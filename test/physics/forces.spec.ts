/**
 * Current, wind and waves: each adds what its rule says, per particle, whatever its neighbours do.
 */
import assert from 'node:assert/strict'
import { equals } from 'uint8arrays/equals'
import { axis, drift, type Field, type Sea, STATE_BYTES, steadyTimes, WINDAGE_MAX } from './sea.ts'

const CELL = 1000
const HOURS_6 = { stepSeconds: 600, stepCount: 36 }
const SECONDS = 6 * 3600

const sea = (fields: Sea['fields'], cell = CELL): Sea => ({
  longitudes: axis(0, cell, 41),
  latitudes: axis(0, cell, 41),
  metric: 'flat',
  times: steadyTimes(SECONDS),
  fields
})
const metresEast = (fields: Sea['fields'], options = {}): number => {
  const particles = [{ x: 20, y: 20, windage: 0.03 }]
  const { places } = drift(sea(fields), { particles, ...HOURS_6, ...options })
  return ((places[0]?.x ?? 0) - 20) * CELL
}
const close = (a: number, b: number): void =>
  assert.ok(Math.abs(a - b) < 0.05, `${a} m, expected ${b} m`)

describe('physics: current, wind and waves', () => {
  const current: Field = () => [0.1, 0]
  const wind: Field = () => [5, 0]
  const stokes: Field = () => [0.05, 0]

  it('add up: u + u_stokes + c·wind', () => {
    close(metresEast({ current }), 0.1 * SECONDS)
    close(metresEast({ current, stokes }), 0.15 * SECONDS)
    close(metresEast({ current, wind }), (0.1 + 0.15) * SECONDS)
    close(metresEast({ current, wind, stokes }), 0.3 * SECONDS)
  })

  it('relative windage acts on wind minus current, not minus Stokes drift', () => {
    const isWindRelative = true
    close(metresEast({ current, wind, stokes }, { isWindRelative }), (0.3 - 0.003) * SECONDS)
  })

  it('Stokes drift folded into the current is the sum of both fields', () => {
    // Cells of 1024 m and speeds in 1/512 m/s: quanta per step are exact, one by one and summed.
    const exact = (speed: number): number => Math.round(speed * 512) / 512
    const eddy: Field = (x, y) => [
      exact(0.25 * Math.sin(y / 9000)),
      exact(0.25 * Math.cos(x / 7000))
    ]
    const wave: Field = (x) => [exact(0.0625), exact(0.03125 * Math.sin(x / 5000))]
    const both: Field = (x, y) => {
      const [u, v] = eddy(x, y, 0)
      const [us, vs] = wave(x, y, 0)
      return [u + us, v + vs]
    }
    const particles = Array.from({ length: 50 }, (_, i) => ({ x: 15 + i / 5, y: 18 + i / 10 }))
    const folded = drift(sea({ current: eddy, stokes: wave }, 1024), { particles, ...HOURS_6 })
    const summed = drift(sea({ current: both }, 1024), { particles, ...HOURS_6 })
    assert.ok(equals(folded.state, summed.state))
    const alone = drift(sea({ current: eddy }, 1024), { particles, ...HOURS_6 })
    assert.ok(!equals(alone.state, summed.state))
  })

  it('a particle whose neighbour has no waves still feels its own', () => {
    const fields = { current, stokes: ((x) => [x < 20_000 ? 0 : 0.2, 0]) as Field }
    const calm = { x: 5, y: 20 }
    const wavy = { x: 25, y: 20 }
    const pair = drift(sea(fields), { particles: [calm, wavy], ...HOURS_6 })
    const alone = drift(sea(fields), { particles: [wavy], ...HOURS_6, firstParticle: 1 })
    assert.ok(equals(pair.state.subarray(STATE_BYTES), alone.state))
    close(((pair.places[1]?.x ?? 0) - 25) * CELL, 0.3 * SECONDS)
    close(((pair.places[0]?.x ?? 0) - 5) * CELL, 0.1 * SECONDS)
  })

  it('each particle has its own windage', () => {
    const gentle: Field = () => [0.5, 0]
    for (const [windages, windageMax] of [
      [[0, 0.01, 0.05], WINDAGE_MAX],
      [[0, 1], 1]
    ] as const) {
      const particles = windages.map((windage) => ({ x: 10, y: 20, windage }))
      const options = { particles, windageMax, ...HOURS_6 }
      const { places } = drift(sea({ current, wind: gentle }), options)
      for (const [i, windage] of windages.entries()) {
        close(((places[i]?.x ?? 0) - 10) * CELL, (0.1 + windage * 0.5) * SECONDS)
      }
    }
  })

  it('time is linear between slices', () => {
    const rising: Sea = {
      ...sea({ current: (_x, _y, t) => [t / SECONDS, 0] }),
      times: [0, SECONDS / 2, SECONDS]
    }
    const { places } = drift(rising, { particles: [{ x: 5, y: 20 }], ...HOURS_6 })
    close(((places[0]?.x ?? 0) - 5) * CELL, SECONDS / 2)
  })
})

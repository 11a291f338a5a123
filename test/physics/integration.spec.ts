/**
 * The scheme against flows whose paths are known: inertial eddies of Fabbroni, solid-body rotation
 * with its order of convergence, straight lines on sphere and ellipsoid.
 */
import assert from 'node:assert/strict'
import { axis, drift, type Field, only, type Sea, steadyTimes } from './sea.ts'

const F = 1e-4
const U0 = 0.3
const UG = 0.04
const GAMMA = 1 / (2.89 * 86_400)
const GAMMA_G = 1 / (28.9 * 86_400)
const SIX_HOURS = 6 * 3600

const stationary: Field = (_x, _y, t) => [U0 * Math.cos(F * t), -U0 * Math.sin(F * t)]
const moving: Field = (_x, _y, t) => [
  UG + (U0 - UG) * Math.cos(F * t),
  -(U0 - UG) * Math.sin(F * t)
]
const decaying: Field = (_x, _y, t) => [
  UG * Math.exp(-GAMMA_G * t) + (U0 - UG) * Math.exp(-GAMMA * t) * Math.cos(F * t),
  -(U0 - UG) * Math.exp(-GAMMA * t) * Math.sin(F * t)
]

const EDDIES: readonly (readonly [string, Field, number, number])[] = [
  ['stationary', stationary, 14_494.150382, 7832.902561],
  ['moving', moving, 15_025.596998, 8455.18222],
  ['decaying', decaying, 14_996.509207, 8660.466582]
]

/** Textbook RK4 in f64 with the velocity itself. */
function reference(field: Field, start: [number, number], dt: number, steps: number) {
  let [x, y] = start
  for (let i = 0; i < steps; i++) {
    const t = i * dt
    const k1 = field(x, y, t)
    const k2 = field(x + (k1[0] * dt) / 2, y + (k1[1] * dt) / 2, t + dt / 2)
    const k3 = field(x + (k2[0] * dt) / 2, y + (k2[1] * dt) / 2, t + dt / 2)
    const k4 = field(x + k3[0] * dt, y + k3[1] * dt, t + dt)
    x += (dt * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0])) / 6
    y += (dt * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1])) / 6
  }
  return [x, y] as const
}

describe('physics: inertial eddies (Fabbroni), flat, 6 h, dt 180 s', () => {
  for (const [name, field, x, y] of EDDIES) {
    it(`${name}: f64 reference within 0.05 m`, () => {
      const [rx, ry] = reference(field, [12_000, 12_500], 180, SIX_HOURS / 180)
      assert.ok(Math.hypot(rx - x, ry - y) < 0.05, `${name} ${rx} ${ry}`)
    })

    // Slices at every half step: what is left is f32 and quanta of 1 mm (1 km cells).
    it(`${name}: kernel within 0.02 m`, () => {
      const sea: Sea = {
        longitudes: axis(0, 1000, 24),
        latitudes: axis(0, 1000, 24),
        metric: 'flat',
        times: [...axis(0, 90, SIX_HOURS / 90 + 1)],
        fields: { current: field }
      }
      const particles = [{ x: 12, y: 12.5 }]
      const { places } = drift(sea, { particles, stepSeconds: 180, stepCount: SIX_HOURS / 180 })
      const place = only(places)
      const error = Math.hypot(place.x * 1000 - x, place.y * 1000 - y)
      assert.ok(error < 0.02, `${name} is off by ${error} m`)
    })
  }
})

describe('physics: solid-body rotation, one day', () => {
  const PERIOD = 86_400
  const CELL = 16_384
  const CENTRE = 6
  const omega = (2 * Math.PI) / PERIOD
  const rotation: Field = (x, y) => [-omega * (y - CENTRE * CELL), omega * (x - CENTRE * CELL)]
  const sea: Sea = {
    longitudes: axis(0, CELL, 13),
    latitudes: axis(0, CELL, 13),
    metric: 'flat',
    times: [-PERIOD, 0, PERIOD],
    fields: { current: rotation }
  }
  const COUNT = 20_000
  const particles = Array.from({ length: COUNT }, (_, i) => {
    const angle = (2 * Math.PI * i) / COUNT
    return { x: CENTRE + 3.4 * Math.cos(angle), y: CENTRE + 3.4 * Math.sin(angle) }
  })

  /** Length of the mean error in the frame that turns with each particle, metres. */
  function errorMetres(stepSeconds: number, scheme: 'rk4' | 'rk2' | 'euler'): number {
    const stepCount = PERIOD / stepSeconds
    const { places } = drift(sea, { particles, stepSeconds, stepCount, scheme })
    let radial = 0
    let along = 0
    for (const [i, place] of places.entries()) {
      const angle = (2 * Math.PI * i) / COUNT
      const dx = place.x - CENTRE - 3.4 * Math.cos(angle)
      const dy = place.y - CENTRE - 3.4 * Math.sin(angle)
      radial += dx * Math.cos(angle) + dy * Math.sin(angle)
      along += dy * Math.cos(angle) - dx * Math.sin(angle)
    }
    return (Math.hypot(radial, along) / COUNT) * CELL
  }

  it('RK4 has order 3.9 or more in both halvings', () => {
    const errors = [3600, 1800, 900].map((dt) => errorMetres(dt, 'rk4'))
    const [a = 0, b = 0, c = 0] = errors
    const orders = [Math.log2(a / b), Math.log2(b / c)]
    assert.ok(Math.min(...orders) >= 3.9, `errors ${errors} m, orders ${orders}`)
    assert.ok(a < 50, `error at dt 3600 is ${a} m`)
  })

  it('RK2 has order 2, Euler order 1', () => {
    const order = (scheme: 'rk2' | 'euler'): number =>
      Math.log2(errorMetres(450, scheme) / errorMetres(225, scheme))
    assert.ok(Math.abs(order('rk2') - 2) < 0.1, `RK2 ${order('rk2')}`)
    assert.ok(Math.abs(order('euler') - 1) < 0.1, `Euler ${order('euler')}`)
  })

  it('a negative step runs the path backwards', () => {
    const forth = drift(sea, { particles, stepSeconds: 900, stepCount: 24 })
    const back = drift(sea, {
      state: forth.state,
      stepSeconds: -900,
      stepCount: 24,
      firstStep: -24
    })
    const worst = Math.max(
      ...back.places.map((place, i) =>
        Math.hypot(place.x - (particles[i]?.x ?? 0), place.y - (particles[i]?.y ?? 0))
      )
    )
    assert.ok(worst * CELL < 0.5, `worst return ${worst * CELL} m`)
    assert.ok(Math.abs((forth.places[0]?.y ?? 0) - CENTRE) > 3, 'it did move')
  })
})

describe('physics: 1 m/s for 2 h at 60° N', () => {
  const QUANTUM = 0.25 / 2 ** 20
  const sea = (metric: Sea['metric'], field: Field): Sea => ({
    longitudes: axis(0, 0.25, 9),
    latitudes: axis(59, 0.25, 9),
    metric,
    times: steadyTimes(7200),
    fields: { current: field }
  })
  const particles = [{ x: 4, y: 4 }]

  it('eastward on sphere1852', () => {
    const place = only(
      drift(
        sea('sphere1852', () => [1, 0]),
        { particles, stepSeconds: 600, stepCount: 12 }
      ).places
    )
    const moved = (place.x - 4) * 0.25
    const bound = 0.129589632829 * 1e-6 + 12 * QUANTUM
    assert.ok(Math.abs(moved - 0.129589632829) < bound, `${moved}`)
    assert.equal(place.y, 4)
  })

  it('northward on WGS84', () => {
    const place = only(
      drift(
        sea('wgs84', () => [0, 1]),
        { particles, stepSeconds: 600, stepCount: 12 }
      ).places
    )
    const moved = (place.y - 4) * 0.25
    const bound = 0.06462451 * 1e-6 + 12 * QUANTUM
    assert.ok(Math.abs(moved - 0.06462451) < bound, `${moved}`)
    assert.equal(place.x, 4)
  })
})

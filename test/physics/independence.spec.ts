/**
 * What must never change a bit of a particle's path: the crop it is computed on, the other
 * particles of its unit, its place among them, and how a run is cut in time.
 */
import assert from 'node:assert/strict'
import { equals } from 'uint8arrays/equals'
import {
  axis,
  drift,
  type Field,
  type Particle,
  placesOf,
  type Sea,
  STATE_BYTES,
  stateOf
} from './sea.ts'

const HOUR = 3600
/** Eddies that move, on a grid whose spacing and metric change from node to node. */
const eddies: Field = (lon, lat, t) => [
  0.5 * Math.sin(lat * 3) * Math.cos(lon * 2 + t / 40_000) + 0.1,
  0.5 * Math.cos(lat * 3) * Math.sin(lon * 2 + t / 40_000)
]
const waves: Field = (lon, lat) => [0.05 * Math.cos(lon), 0.05 * Math.sin(lat)]
const wind: Field = (lon, _lat, t) => [8 * Math.cos(t / 20_000), 5 * Math.sin(lon)]
const sea: Sea = {
  longitudes: axis(5, 0.05, 100),
  latitudes: axis(41, 0.05, 80),
  metric: 'wgs84',
  isLand: (column, row) => Math.hypot(column - 60, row - 30) < 5,
  times: [...axis(0, HOUR, 49)],
  fields: { current: eddies, wind, stokes: waves }
}
const COUNT = 700
const particles: Particle[] = Array.from({ length: COUNT }, (_, i) => ({
  x: 30 + (i % 28) + 0.37,
  y: 25 + Math.floor(i / 28) + 0.61,
  windage: 0.01 + (i % 5) / 100,
  releaseStep: i % 7 === 0 ? 20 : 0
}))
const options = { stepSeconds: 600, stepCount: 144, diffusivity: 5, rngKey: [7, 9] as const }
const whole = drift(sea, { ...options, particles })

describe('physics: what bits must not depend on', () => {
  it('moves, strands and releases in the run they are compared with', () => {
    const places = placesOf(whole.state)
    const statuses = new Set(places.map((place) => place.status))
    assert.ok(statuses.has(1) && statuses.has(2), [...statuses].join())
    const moved = places.filter(({ x }, i) => Math.abs(x - (particles[i]?.x ?? 0)) > 1)
    assert.ok(moved.length > COUNT / 2, `${moved.length} moved`)
  })

  it('the crop: moved by one cell, smaller, larger', () => {
    for (const crop of [
      { column: 0, row: 0, columns: 99, rows: 79 },
      { column: 1, row: 1, columns: 99, rows: 79 },
      { column: 2, row: 3, columns: 93, rows: 74 },
      { column: 7, row: 5, columns: 90, rows: 70 }
    ]) {
      const { state } = drift(sea, { ...options, particles, crop })
      assert.ok(equals(state, whole.state), JSON.stringify(crop))
    }
  })

  it('the unit: 1, 2 or 7 units', () => {
    for (const units of [2, 7]) {
      const size = COUNT / units
      for (let unit = 0; unit < units; unit++) {
        const first = unit * size
        const part = particles.slice(first, first + size)
        const { state } = drift(sea, { ...options, particles: part, firstParticle: first })
        const expected = whole.state.subarray(first * STATE_BYTES, (first + size) * STATE_BYTES)
        assert.ok(equals(state, expected), `unit ${unit} of ${units}`)
      }
    }
  })

  it('the cut in time: two and five windows', () => {
    for (const windows of [2, 5]) {
      let state = stateOf(particles)
      let firstStep = 0
      for (let window = 1; window <= windows; window++) {
        const end = Math.floor((window * options.stepCount) / windows)
        const stepCount = end - firstStep
        state = drift(sea, { ...options, state, firstStep, stepCount }).state.slice()
        firstStep = end
      }
      assert.ok(equals(state, whole.state), `${windows} windows`)
    }
  })

  it('where corners are formed: per node, where they are read, as the kernel chooses', () => {
    const calm = { ...options, stepCount: 30 }
    const ofClass = particles.map((particle) => ({ ...particle, windage: 0.02 }))
    const { current, wind: breeze } = sea.fields as Record<'current' | 'wind', Field>
    for (const [name, fields, list] of [
      ['current, wind and waves', sea.fields, particles],
      ['current and wind', { current, wind: breeze }, particles],
      ['current alone', { current }, particles],
      ['one windage', sea.fields, ofClass]
    ] as const) {
      for (const isWindRelative of [false, true]) {
        for (const diffusivity of [0, 5]) {
          const run = { ...calm, diffusivity, isWindRelative, particles: list }
          const [chosen, ...forced] = ([0, 1, 2] as const).map(
            (form) => drift({ ...sea, fields }, { ...run, form }).state
          )
          for (const state of forced) {
            assert.ok(equals(state, chosen ?? new Uint8Array()), `${name} ${isWindRelative}`)
          }
        }
      }
    }
  })

  it('whether the windage is folded into the field', () => {
    const one = particles.map((particle) => ({ ...particle, windage: 0.02 }))
    const folded = drift(sea, { ...options, particles: one })
    // One particle of another windage, and the field cannot hold it any more.
    const each = drift(sea, { ...options, particles: [...one, { x: 40, y: 40, windage: 0.03 }] })
    assert.ok(equals(folded.state, each.state.subarray(0, folded.state.length)))
  })

  it('fuel adds up over units', () => {
    const half = (first: number): number =>
      drift(sea, {
        ...options,
        particles: particles.slice(first, first + COUNT / 2),
        firstParticle: first
      }).run.fuel
    const full = drift(sea, { ...options, particles }).run.fuel
    assert.equal(half(0) + half(COUNT / 2), full)
    assert.ok(full < COUNT * options.stepCount && full > (COUNT * options.stepCount) / 2)
  })
})

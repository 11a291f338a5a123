/**
 * A run's book-keeping: release, particles that are no longer afloat, fuel, ill-formed input.
 */
import assert from 'node:assert/strict'
import { type FaultCode, KernelFault } from '../../../kernel/fault.ts'
import { axis, drift, placesOf, type Sea, stateOf, steadyTimes } from '../../physics/sea.ts'

const sea: Sea = {
  longitudes: axis(0, 1000, 3000),
  latitudes: axis(0, 1000, 41),
  metric: 'flat',
  times: steadyTimes(86_400),
  fields: { current: () => [0.5, 0] }
}
const crop = { column: 0, row: 0, columns: 60, rows: 41 }
const options = { stepSeconds: 600, stepCount: 10, crop }

const faults = (code: FaultCode, run: () => unknown): void =>
  assert.throws(run, (error) => error instanceof KernelFault && error.code === code)

describe('kernel run', () => {
  it('a particle waits for its step and is afloat at it, where it is', () => {
    const seen: [number, number, number][] = []
    const { places, run } = drift(sea, {
      ...options,
      particles: [{ x: 20, y: 20, releaseStep: 4 }],
      onStep: (at, step) => {
        const [place] = placesOf(at.state().slice())
        seen.push([step, place?.status ?? -1, place?.x ?? -1])
      }
    })
    assert.deepEqual(seen.slice(2, 4), [
      [3, 0, 20],
      [4, 1, 20]
    ])
    assert.ok(Math.abs((places[0]?.x ?? 0) - 21.8) < 1e-4)
    assert.equal(run.fuel, 6)
  })

  it('counts what is due at step 0 as afloat before the first step', () => {
    const { run } = drift(sea, { ...options, stepCount: 0, particles: [{ x: 20, y: 20 }] })
    assert.deepEqual(run.counts(), [0, 1, 0, 0, 0, 0])
  })

  it('keeps particles that are not afloat as they are, however far from the crop', () => {
    const settled = [2, 3, 4, 5].map((status, i) => ({ x: 2900 + i * 9, y: 3 + i / 7, status }))
    const before = stateOf([...settled, { x: 20, y: 20 }])
    const { state, run } = drift(sea, { ...options, state: before })
    assert.deepEqual(state.subarray(0, 4 * 18), before.subarray(0, 4 * 18))
    assert.deepEqual(run.counts(), [0, 1, 1, 1, 1, 1])
    assert.deepEqual(run.bounds, [23, 20, 23, 20])
  })

  it('bounds hold the waiting and the afloat, in cells of the parent', () => {
    const particles = [
      { x: 20, y: 20 },
      { x: 35.5, y: 7.5, releaseStep: 99 }
    ]
    const inner = { column: 10, row: 5, columns: 40, rows: 30 }
    const { run } = drift(sea, { ...options, crop: inner, particles })
    assert.deepEqual(run.bounds, [23, 7, 35, 20])
  })

  it('stops before the step that would exceed its fuel', () => {
    const particles = Array.from({ length: 5 }, (_, i) => ({ x: 20 + i, y: 20 }))
    assert.equal(drift(sea, { ...options, particles, fuelMax: 50 }).run.fuel, 50)
    faults('fuel', () => drift(sea, { ...options, particles, fuelMax: 49 }))
  })

  it('refuses an ill-formed state', () => {
    const broken = (at: number, value: number): Uint8Array => {
      const state = stateOf([{ x: 20, y: 20 }])
      state[at] = value
      return state
    }
    for (const [at, value] of [
      [16, 6],
      [17, 2]
    ] as const) {
      faults('state', () => drift(sea, { ...options, state: broken(at, value) }))
    }
  })

  it('fails when a particle starts, or is released, outside its crop', () => {
    faults('reach', () => drift(sea, { ...options, particles: [{ x: 70, y: 20 }] }))
    const late = { x: 70, y: 20, releaseStep: 3 }
    faults('reach', () => drift(sea, { ...options, particles: [late] }))
    const never = { ...late, releaseStep: 300 }
    assert.deepEqual(drift(sea, { ...options, particles: [never] }).run.counts()[0], 1)
  })

  it('tracks the particles with ids below the limit, with their status', () => {
    const particles = [
      { x: 20, y: 20 },
      { x: 21, y: 20, releaseStep: 99 },
      { x: 22, y: 20 }
    ]
    const { run } = drift(sea, { ...options, particles, firstParticle: 7, trackedCount: 9 })
    const { tracks } = run.output()
    const view = new DataView(tracks.buffer)
    const rows = [0, 24].map((at) => [
      view.getUint32(at, true),
      view.getUint32(at + 4, true),
      Math.round(view.getFloat64(at + 8, true)),
      view.getFloat64(at + 16, true)
    ])
    assert.deepEqual(rows, [
      [7, 1, 23_000, 20_000],
      [8, 0, 21_000, 20_000]
    ])
    assert.equal(tracks.length, 48)
  })
})

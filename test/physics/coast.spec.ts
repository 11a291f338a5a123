/**
 * Coasts, edges and holes: who strands, who leaves, who goes missing, and that none of it has a
 * direction of its own.
 */
import assert from 'node:assert/strict'
import { KernelFault } from '../../kernel/fault.ts'
import { axis, drift, type Field, type Sea, steadyTimes } from './sea.ts'

const CELL = 1000
const STRANDED = 2
const OUTSIDE = 3
const MISSING = 5

const sea = (current: Field, isLand?: Sea['isLand']): Sea => ({
  longitudes: axis(0, CELL, 41),
  latitudes: axis(0, CELL, 41),
  metric: 'flat',
  ...(isLand === undefined ? {} : { isLand }),
  times: steadyTimes(10 * 86_400),
  fields: { current }
})
const DAY = { stepSeconds: 600, stepCount: 144 }

describe('physics: coasts and edges', () => {
  it('a particle strands when its nearest node is land, and stays', () => {
    const eastward = sea(
      () => [0.5, 0],
      (column) => column >= 30
    )
    const arrived: number[] = []
    const { places, run } = drift(eastward, {
      particles: [{ x: 20, y: 20 }],
      ...DAY,
      onStep: (at, step) => {
        if (at.counts()[STRANDED] === 1) arrived.push(step)
      }
    })
    // 0.3 cells a step: ashore at the first position beyond 29.5, after step 32.
    assert.equal(arrived[0], 32)
    assert.equal(places[0]?.status, STRANDED)
    assert.ok(Math.abs((places[0]?.x ?? 0) - 29.6) < 1e-3)
    assert.equal(run.fuel, 32, 'a stranded particle costs nothing')
  })

  it('flipping the sign of the field flips the track at a coast, to the bit', () => {
    const swirl: Field = (x, y) => {
      const dx = x / CELL - 20
      const dy = y / CELL - 20
      return [0.2 * dx - 0.3 * dy, 0.2 * dy + 0.3 * dx].map((speed) => speed / 10) as [
        number,
        number
      ]
    }
    // Point symmetry about the middle: islands and field are odd, so are the tracks.
    const isLand = (column: number, row: number): boolean =>
      Math.hypot(column - 30, row - 24) < 4 || Math.hypot(column - 10, row - 16) < 4
    const particles = Array.from({ length: 300 }, (_, i) => ({
      x: 20 + 8 * Math.cos(i),
      y: 20 + 8 * Math.sin(i * 1.7)
    }))
    const mirrored = particles.map(({ x, y }) => ({ x: 40 - x, y: 40 - y }))
    const one = drift(sea(swirl, isLand), { particles, ...DAY }).places
    const other = drift(sea(swirl, isLand), { particles: mirrored, ...DAY }).places
    const strandedCount = one.filter(({ status }) => status === STRANDED).length
    assert.ok(strandedCount > 20 && strandedCount < 280, `${strandedCount} stranded`)
    for (const [i, place] of one.entries()) {
      const twin = other[i]
      assert.equal(twin?.status, place.status, `particle ${i}`)
      assert.ok(Math.abs(40 - (twin?.x ?? 0) - place.x) < 1e-4, `particle ${i}`)
      assert.ok(Math.abs(40 - (twin?.y ?? 0) - place.y) < 1e-4, `particle ${i}`)
    }
    const along = (sign: number) =>
      drift(
        sea(
          (_x, y) => [(sign * (y / CELL)) / 60, 0],
          (_column, row) => row < 6
        ),
        { particles: [{ x: 20, y: 7.3 }], ...DAY }
      ).places[0]
    assert.equal((along(1)?.x ?? 0) - 20, 20 - (along(-1)?.x ?? 0))
    assert.equal(along(1)?.status, 1)
  })

  it('leaving the domain is `outside`, at every edge', () => {
    for (const [u, v] of [
      [0.5, 0],
      [-0.5, 0],
      [0, 0.5],
      [0, -0.5]
    ] as const) {
      const { places } = drift(
        sea(() => [u, v]),
        { particles: [{ x: 20, y: 20 }], ...DAY }
      )
      assert.equal(places[0]?.status, OUTSIDE, `${u} ${v}`)
      const far = Math.max(Math.abs((places[0]?.x ?? 0) - 20), Math.abs((places[0]?.y ?? 0) - 20))
      assert.ok(far > 20 && far < 20.4, `${far}`)
    }
  })

  it('crossing an edge of the crop that is none of the domain fails the unit', () => {
    const crop = { column: 5, row: 5, columns: 25, rows: 25 }
    for (const [u, v] of [
      [0.5, 0],
      [-0.5, 0],
      [0, 0.5],
      [0, -0.5]
    ] as const) {
      const run = () =>
        drift(
          sea(() => [u, v]),
          { particles: [{ x: 20, y: 20 }], ...DAY, crop }
        )
      assert.throws(run, (error) => error instanceof KernelFault && error.code === 'reach')
    }
  })

  it('more than one cell in a step fails the unit and names the particle', () => {
    const fast = sea((x) => [x > 25_000 ? 2 : 0.1, 0])
    const particles = [
      { x: 10, y: 20 },
      { x: 30, y: 20 }
    ]
    assert.throws(
      () => drift(fast, { particles, ...DAY, firstParticle: 100 }),
      (error) => error instanceof KernelFault && error.code === 'speed' && error.particle === 101
    )
  })

  it('a hole in the forcing makes only the particle that meets it missing', () => {
    const holed = sea((x, y) => (x === 30_000 && y === 20_000 ? [1e30, 1e30] : [0.5, 0]))
    const particles = [
      { x: 20, y: 20 },
      { x: 20, y: 22 }
    ]
    const { places } = drift(holed, { particles, stepSeconds: 600, stepCount: 40 })
    assert.equal(places[0]?.status, MISSING)
    assert.ok((places[0]?.x ?? 0) >= 28 && (places[0]?.x ?? 0) < 29.1, `${places[0]?.x}`)
    assert.equal(places[1]?.status, 1)
  })

  it('a hole in the wind is met only with windage', () => {
    const holed: Sea = {
      ...sea(() => [0.1, 0]),
      fields: { current: () => [0.1, 0], wind: () => [1e30, 0] }
    }
    const particles = [
      { x: 20, y: 20, windage: 0.001 },
      { x: 20, y: 20, windage: 0 }
    ]
    const { places } = drift(holed, { particles, stepSeconds: 600, stepCount: 3 })
    assert.deepEqual(
      places.map(({ status }) => status),
      [MISSING, 1]
    )
  })
})

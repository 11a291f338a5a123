/**
 * Thirty days of chaotic eddies: the kernel's f32 and quanta against the same scheme in f64 on the
 * same gridded field (PHYSICS §5: median ≤ 0.3 m, 99 % ≤ 10 m).
 */
import assert from 'node:assert/strict'
import { axis, drift, type Field, type Sea } from './sea.ts'

const CELL = 8000
const COLUMNS = 61
const ROWS = 31
const DAY = 86_400
const SLICE = 6 * 3600
const DT = 600
const DAYS = 30
const PARTICLES = 200

/** The driven double gyre (Shadden et al. 2005): closed, chaotic; 480 × 240 km, 0.4 m/s. */
const current: Field = (x, y, t) => {
  const along = x / 240_000
  const across = Math.PI * (y / 240_000)
  const sway = 0.1 * Math.sin((2 * Math.PI * t) / (10 * DAY))
  const phase = Math.PI * (sway * along ** 2 + (1 - 2 * sway) * along)
  const slope = 2 * sway * along + 1 - 2 * sway
  return [
    -0.4 * Math.sin(phase) * Math.cos(across),
    0.4 * Math.cos(phase) * Math.sin(across) * slope
  ]
}

const sea: Sea = {
  longitudes: axis(0, CELL, COLUMNS),
  latitudes: axis(0, CELL, ROWS),
  metric: 'flat',
  times: [...axis(0, SLICE, (DAYS * DAY) / SLICE + 1)],
  fields: { current }
}

/** The slices as f32 m/s, as the kernel gets them. */
const slices = sea.times.map((t) => {
  const values = new Float32Array(COLUMNS * ROWS * 2)
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      values.set(current(column * CELL, row * CELL, t), (row * COLUMNS + column) * 2)
    }
  }
  return values
})

function velocity(x: number, y: number, t: number): [number, number] {
  const index = Math.min(Math.floor(t / SLICE), slices.length - 2)
  const w = t / SLICE - index
  const column = Math.floor(x)
  const row = Math.floor(y)
  const fx = x - column
  const fy = y - row
  const at = (row * COLUMNS + column) * 2
  const value = (component: number): number => {
    const inSlice = (slice: Float32Array): number => {
      const node = (offset: number): number => slice[at + offset + component] ?? 0
      const low = node(0) * (1 - fx) + node(2) * fx
      const high = node(2 * COLUMNS) * (1 - fx) + node(2 * COLUMNS + 2) * fx
      return low * (1 - fy) + high * fy
    }
    const [a = new Float32Array(), b = new Float32Array()] = slices.slice(index, index + 2)
    return ((inSlice(a) * (1 - w) + inSlice(b) * w) * DT) / CELL
  }
  return [value(0), value(1)]
}

function reference(start: { x: number; y: number }): { x: number; y: number } {
  let { x, y } = start
  for (let i = 0; i < (DAYS * DAY) / DT; i++) {
    const t = i * DT
    const [u1, v1] = velocity(x, y, t)
    const [u2, v2] = velocity(x + u1 / 2, y + v1 / 2, t + DT / 2)
    const [u3, v3] = velocity(x + u2 / 2, y + v2 / 2, t + DT / 2)
    const [u4, v4] = velocity(x + u3, y + v3, t + DT)
    x += (u1 + 2 * u2 + 2 * u3 + u4) / 6
    y += (v1 + 2 * v2 + 2 * v3 + v4) / 6
  }
  return { x, y }
}

describe('physics: accuracy over thirty days', () => {
  it('kernel against the same scheme in f64: median ≤ 0.3 m, 99 % ≤ 10 m', () => {
    const particles = Array.from({ length: PARTICLES }, (_, i) => ({
      x: 5 + (i % 20) * 2.5,
      y: 3 + Math.floor(i / 20) * 2.5
    }))
    const { places } = drift(sea, { particles, stepSeconds: DT, stepCount: (DAYS * DAY) / DT })
    const errors = places
      .map((place, i) => {
        const truth = reference(particles[i] ?? { x: 0, y: 0 })
        return Math.hypot(place.x - truth.x, place.y - truth.y) * CELL
      })
      .sort((a, b) => a - b)
    const median = errors[PARTICLES / 2] ?? Number.POSITIVE_INFINITY
    const high = errors[Math.floor(PARTICLES * 0.99)] ?? Number.POSITIVE_INFINITY
    assert.ok(places.every(({ status }) => status === 1))
    assert.ok(median <= 0.3, `median ${median} m, 99 % ${high} m`)
    assert.ok(high <= 10, `median ${median} m, 99 % ${high} m`)
    assert.ok(median > 0, 'they are not the same computation')
  })
})

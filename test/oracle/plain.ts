/**
 * The kernel's scheme in plain TypeScript and f64, over the same gridded data: what a careful
 * person writes first. Truth of the accuracy figures, and a baseline of the bench. It knows the
 * open sea only: nothing strands, leaves or is released late.
 */
import { bracketOf, secondsOf } from '../../node/worker/schedule.ts'
import type { Unit } from './unit.ts'

const HALO = 2
const STATE_BYTES = 18
const VALUES = 4

export interface PlainPlaces {
  /** Cells of the parent grid. */
  readonly x: Float64Array
  readonly y: Float64Array
}

/** Adds one role at one time, linear between slices, times `factor`, m/s. */
function addRole(
  { times, slices, role }: Unit['roles'][number],
  seconds: number,
  factor: number,
  sum: Float64Array
): void {
  const { index, needsNext } = bracketOf({ role, times }, seconds)
  const a = slices[index]
  const b = needsNext ? slices[index + 1] : a
  if (a === undefined || b === undefined) throw new RangeError(`no slice at ${seconds} s`)
  const time = times[index] ?? 0
  const w = needsNext ? (seconds - time) / ((times[index + 1] ?? 0) - time) : 0
  for (let node = 0; node < a.u.length; node++) {
    const u = (a.u[node] as number) * (1 - w) + (b.u[node] as number) * w
    const v = (a.v[node] as number) * (1 - w) + (b.v[node] as number) * w
    sum[2 * node] = (sum[2 * node] as number) + factor * u
    sum[2 * node + 1] = (sum[2 * node + 1] as number) + factor * v
  }
}

/** Per node [U, V, Uw, Vw] in cells per step at one time. */
function pack({ setup, roles }: Unit, seconds: number, record: Float64Array): void {
  const { metric, stepSeconds, isWindRelative } = setup
  const water = new Float64Array(record.length / 2)
  const wind = new Float64Array(record.length / 2)
  for (const series of roles) {
    addRole(series, seconds, 1, series.role === 'wind' ? wind : water)
    if (series.role === 'current' && isWindRelative && roles.some(({ role }) => role === 'wind')) {
      addRole(series, seconds, -1, wind)
    }
  }
  for (let at = 0; at < record.length; at += VALUES) {
    const m0 = (metric[at] as number) * stepSeconds
    const m1 = (metric[at + 1] as number) * stepSeconds
    const m2 = (metric[at + 2] as number) * stepSeconds
    const m3 = (metric[at + 3] as number) * stepSeconds
    const u = water[at / 2] as number
    const v = water[at / 2 + 1] as number
    record[at] = m0 * u + m1 * v
    record[at + 1] = m2 * u + m3 * v
    const windU = wind[at / 2] as number
    const windV = wind[at / 2 + 1] as number
    record[at + 2] = m0 * windU + m1 * windV
    record[at + 3] = m2 * windU + m3 * windV
  }
}

/** Cells per step of one particle, bilinear. */
class Sampler {
  readonly #width: number
  readonly #columns: number
  readonly #isRing: boolean
  u = 0
  v = 0

  constructor({ setup }: Unit) {
    this.#columns = setup.longitudes.length
    this.#isRing = setup.isPeriodic
    this.#width = setup.crop.columns + 2 * HALO
  }

  sample(record: Float64Array, x: number, y: number, windage: number): void {
    const wrapped = this.#isRing ? x - this.#columns * Math.floor(x / this.#columns) : x
    const column = Math.floor(wrapped)
    const row = Math.floor(y)
    const fx = wrapped - column
    const fy = y - row
    const at = ((row + HALO) * this.#width + column + HALO) * VALUES
    const up = at + this.#width * VALUES
    const a = (1 - fx) * (1 - fy)
    const b = fx * (1 - fy)
    const c = (1 - fx) * fy
    const d = fx * fy
    const value = (i: number): number =>
      (record[at + i] as number) * a +
      (record[at + VALUES + i] as number) * b +
      (record[up + i] as number) * c +
      (record[up + VALUES + i] as number) * d
    this.u = value(0) + windage * value(2)
    this.v = value(1) + windage * value(3)
  }
}

interface Afloat extends PlainPlaces {
  readonly windage: Float64Array
}

function placesOf({ setup }: Unit): Afloat {
  const count = setup.state.length / STATE_BYTES
  const view = new DataView(setup.state.buffer, setup.state.byteOffset)
  const x = new Float64Array(count)
  const y = new Float64Array(count)
  const windage = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const at = i * STATE_BYTES
    x[i] = view.getInt16(at + 8, true) + view.getUint32(at, true) / 2 ** 32 - setup.crop.column
    y[i] = view.getInt16(at + 10, true) + view.getUint32(at + 4, true) / 2 ** 32 - setup.crop.row
    const [least, most] = setup.classes[view.getUint8(at + 17)]?.windage ?? [0, 0]
    windage[i] = least + (view.getUint16(at + 14, true) / 65_535) * (most - least)
  }
  return { x, y, windage }
}

function step(records: readonly Float64Array[], sampler: Sampler, { x, y, windage }: Afloat): void {
  const [now, half, next] = records as [Float64Array, Float64Array, Float64Array]
  for (let i = 0; i < x.length; i++) {
    const x0 = x[i] as number
    const y0 = y[i] as number
    const c = windage[i] as number
    sampler.sample(now, x0, y0, c)
    const { u: u1, v: v1 } = sampler
    sampler.sample(half, x0 + u1 / 2, y0 + v1 / 2, c)
    const { u: u2, v: v2 } = sampler
    sampler.sample(half, x0 + u2 / 2, y0 + v2 / 2, c)
    const { u: u3, v: v3 } = sampler
    sampler.sample(next, x0 + u3, y0 + v3, c)
    x[i] = x0 + (u1 + 2 * u2 + 2 * u3 + sampler.u) / 6
    y[i] = y0 + (v1 + 2 * v2 + 2 * v3 + sampler.v) / 6
  }
}

/** Where RK4 in f64 takes the particles of a unit. */
export function runPlain(unit: Unit): PlainPlaces {
  const { crop } = unit.setup
  const nodes = (crop.columns + 2 * HALO) * (crop.rows + 2 * HALO)
  const records = [0, 1, 2].map(() => new Float64Array(nodes * VALUES))
  const sampler = new Sampler(unit)
  const places = placesOf(unit)
  const record = (half: number): Float64Array => records[half] as Float64Array
  pack(unit, secondsOf(unit.clock, 0, 0), record(0))
  for (let i = 0; i < unit.clock.stepCount; i++) {
    pack(unit, secondsOf(unit.clock, i, 1), record(1))
    pack(unit, secondsOf(unit.clock, i, 2), record(2))
    step(records, sampler, places)
    // The record of t + 1 is that of t of the next step.
    records.reverse()
  }
  return {
    x: places.x.map((value) => value + crop.column),
    y: places.y.map((value) => value + crop.row)
  }
}

/**
 * A unit as plain data, for everything that runs the same inputs twice: the module, the C oracle,
 * the plain TypeScript of the bench, other engines. It needs no file, no host maths and no Node.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { Role, Run, RunSetup } from '../../kernel/run.ts'
import type { AxisPlaces } from '../../kernel/seeding.ts'
import {
  bracketOf,
  halvesOf,
  type RoleTimes,
  type RunClock,
  Slots,
  secondsOf
} from '../../node/worker/schedule.ts'

export interface Slice {
  readonly u: Float32Array
  readonly v: Float32Array
}

export interface Unit {
  readonly setup: Extract<RunSetup, AxisPlaces>
  readonly clock: RunClock
  readonly roles: readonly (RoleTimes & { readonly slices: readonly Slice[] })[]
}

export interface RanUnit {
  readonly run: Run
  /** Seconds of packing and stepping, without the layout of memory. */
  readonly seconds: number
  /** Particle-steps executed. */
  readonly fuel: number
}

/** Runs a unit in the module; `nowMs` is the caller's clock. */
export function runUnit(
  kernel: Kernel,
  unit: Unit,
  nowMs: () => number,
  onStep?: (run: Run, step: number) => void
): RanUnit {
  const run = kernel.startRun(unit.setup)
  const slots = new Slots()
  const startMs = nowMs()
  for (const { step, half } of halvesOf(unit.clock)) {
    const seconds = secondsOf(unit.clock, step, half)
    for (const { role, times, slices } of unit.roles) {
      const bracket = bracketOf({ role, times }, seconds)
      for (const { index } of slots.take(role, bracket)) {
        const { u, v } = slices[index] as Slice
        run.loadSlice(role, index, u, v)
      }
      const time = times[bracket.index] as number
      run.bracket(role, bracket.index, seconds, time, times[bracket.index + 1] ?? time)
    }
    run.pack(half)
    if (half === 2) {
      run.step()
      onStep?.(run, unit.clock.firstStep + step + 1)
    }
  }
  return { run, seconds: (nowMs() - startMs) / 1000, fuel: run.fuel }
}

/** Sine-like, period 1, from products alone: the same bits on every engine. */
export function wave(x: number): number {
  const half = x - Math.floor(x) - 0.5
  return 16 * half * (Math.abs(half) - 0.5)
}

export const axis = (first: number, spacing: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => first + i * spacing)

/** m/s on every node of a box, slice by slice; values by node, not by degrees. */
export function slicesOf(
  box: { readonly column: number; readonly row: number; columns: number; rows: number },
  times: readonly number[],
  field: (column: number, row: number, seconds: number) => readonly [number, number]
): Slice[] {
  return times.map((seconds) => {
    const u = new Float32Array(box.columns * box.rows)
    const v = new Float32Array(box.columns * box.rows)
    for (let j = 0; j < box.rows; j++) {
      for (let i = 0; i < box.columns; i++) {
        const value = field(box.column + i, box.row + j, seconds)
        u[j * box.columns + i] = value[0]
        v[j * box.columns + i] = value[1]
      }
    }
    return { u, v }
  })
}

export type { Role }

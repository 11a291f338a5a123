/**
 * Thirty days of chaotic eddies (PHYSICS §5), K = 0: the kernel against the same scheme in f64
 * over the same gridded data, and against f64 RK4 with a step of 600 s. The eddies are analytic,
 * move, and are sampled on an 8 km grid every hour.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { haloBox } from '../../kernel/run.ts'
import { placesOf, stateOf } from '../physics/sea.ts'
import { runPlain } from './plain.ts'
import { axis, runUnit, slicesOf, type Unit } from './unit.ts'

const CELL_METRES = 8000
const NODES = 97
const DAY = 86_400
const HOUR = 3600
/** Streamfunction in m²/s: speeds of up to about 1 m/s. */
const STRENGTH = 30_000
const REFERENCE_STEP_SECONDS = 600

interface Wave {
  readonly value: number
  readonly slope: number
}

const sine = (waves: number, place: number, turns: number): Wave => {
  const phase = 2 * Math.PI * (waves * place + turns)
  return { value: Math.sin(phase), slope: 2 * Math.PI * waves * Math.cos(phase) }
}
const times = (a: Wave, b: Wave): Wave => ({
  value: a.value * b.value,
  slope: a.slope * b.value + a.value * b.slope
})

/** Velocity of ψ = A·sin πx·sin πy·(eddies moving east and west), zero through every wall. */
function eddies(column: number, row: number, seconds: number): [number, number] {
  const x = column / (NODES - 1)
  const y = row / (NODES - 1)
  const days = seconds / DAY
  const wallX = sine(0.5, x, 0)
  const wallY = sine(0.5, y, 0)
  const parts = [
    [times(wallX, sine(2, x, days / 20)), times(wallY, sine(2, y, -days / 30))],
    [times(wallX, sine(3, x, -days / 15)), times(wallY, sine(1, y, 0.1 + days / 45))]
  ] as const
  const metres = CELL_METRES * (NODES - 1)
  let u = 0
  let v = 0
  for (const [a, b] of parts) {
    u -= (STRENGTH * a.value * b.slope) / metres
    v += (STRENGTH * a.slope * b.value) / metres
  }
  return [u, v]
}

const CROP = { column: 0, row: 0, columns: NODES, rows: NODES }
const BOX = haloBox(NODES, false, CROP)

/** The eddies every hour. */
function openBasin(days: number): Unit['roles'] {
  const hours = Array.from({ length: days * 24 + 1 }, (_, hour) => hour * HOUR)
  return [{ role: 'current', times: hours, slices: slicesOf(BOX, hours, eddies) }]
}

/** `side`² particles spread over the basin, from the first slice to the last. */
function basinUnit(kernel: Kernel, roles: Unit['roles'], side: number, stepSeconds: number): Unit {
  const nodes = axis(0, CELL_METRES, NODES)
  const particles = Array.from({ length: side * side }, (_, i) => ({
    x: 8 + ((NODES - 17) * (i % side)) / (side - 1) + 0.013,
    y: 8 + ((NODES - 17) * Math.floor(i / side)) / (side - 1) + 0.017
  }))
  const setup = {
    longitudes: nodes,
    latitudes: nodes,
    isPeriodic: false,
    isFlat: true,
    crop: CROP,
    land: new Uint8Array(BOX.columns * BOX.rows),
    metric: new Float32Array(BOX.columns * BOX.rows * 4),
    roles: ['current' as const],
    stepSeconds,
    firstStep: 0,
    scheme: 'rk4' as const,
    diffusivity: 0,
    isWindRelative: false,
    rngKey: [0, 0] as const,
    classes: [{ windage: [0, 0] as const, riseVelocity: 0, depth: 0 }],
    density: { west: 0, south: 0, resolution: 1, columns: 1, rows: 1 },
    firstParticle: 0,
    state: stateOf(particles),
    trackedCount: 0,
    fuelMax: Number.MAX_SAFE_INTEGER
  }
  const inner = kernel.nodeMetric(nodes.subarray(0, 2), nodes.subarray(0, 2), 'flat').slice(0, 4)
  for (let node = 0; node < BOX.columns * BOX.rows; node++) setup.metric.set(inner, node * 4)
  const stepCount = (roles[0]?.times.at(-1) ?? 0) / stepSeconds
  return { setup, clock: { startSeconds: 0, stepSeconds, firstStep: 0, stepCount }, roles }
}

/** Metres. */
interface Errors {
  readonly median: number
  readonly p99: number
  readonly max: number
}

interface Places {
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
}

function errorsOf(a: Places, b: Places): Errors {
  const all = Array.from({ length: a.x.length }, (_, i) =>
    Math.hypot((a.x[i] ?? 0) - (b.x[i] ?? 0), (a.y[i] ?? 0) - (b.y[i] ?? 0))
  )
    .map((cells) => cells * CELL_METRES)
    .sort((one, other) => one - other)
  const at = (share: number): number => all[Math.floor(share * (all.length - 1))] ?? Number.NaN
  return { median: at(0.5), p99: at(0.99), max: at(1) }
}

/** Where the module takes the particles; throws when one is not afloat. */
function runModule(kernel: Kernel, unit: Unit): Places {
  const places = placesOf(runUnit(kernel, unit, () => 0).run.state())
  const ended = places.findIndex(({ status }) => status !== 1)
  if (ended >= 0) throw new RangeError(`particle ${ended} ended: status ${places[ended]?.status}`)
  return { x: places.map(({ x }) => x), y: places.map(({ y }) => y) }
}

export interface Accuracy {
  readonly stepSeconds: number
  /** Kernel against the same scheme and step in f64. */
  readonly sameScheme: Errors
  /** Kernel against f64 RK4 with a step of 600 s. */
  readonly fineSteps: Errors
}

/** The errors of one time step after `days`. */
export function measureAccuracy(
  kernel: Kernel,
  side: number,
  days: number,
  steps: readonly number[]
): Accuracy[] {
  const roles = openBasin(days)
  const reference = runPlain(basinUnit(kernel, roles, side, REFERENCE_STEP_SECONDS))
  return steps.map((stepSeconds) => {
    const unit = basinUnit(kernel, roles, side, stepSeconds)
    const moved = runModule(kernel, unit)
    const isReference = stepSeconds === REFERENCE_STEP_SECONDS
    const same = isReference ? reference : runPlain(unit)
    return {
      stepSeconds,
      sameScheme: errorsOf(moved, same),
      fineSteps: errorsOf(moved, reference)
    }
  })
}

/** How far neighbours 1 m apart are after `days` (median): what chaos makes of an error. */
export function spreadOfMetre(kernel: Kernel, side: number, days: number): number {
  const unit = basinUnit(kernel, openBasin(days), side, REFERENCE_STEP_SECONDS)
  const moved = unit.setup.state.slice()
  const view = new DataView(moved.buffer)
  for (let at = 0; at < moved.length; at += 18) {
    view.setUint32(at, view.getUint32(at, true) + Math.round(2 ** 32 / CELL_METRES), true)
  }
  const shifted = { ...unit, setup: { ...unit.setup, state: moved } }
  return errorsOf(runPlain(unit), runPlain(shifted)).median
}

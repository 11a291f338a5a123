/**
 * Units of moving eddies with wind and Stokes drift on a regular grid: the sea of the bench, of the
 * oracle and of the determinism matrix. All of it from products (unit.ts), so it is one set of
 * bytes everywhere.
 */
import type { Drift } from '../../kernel/drift.ts'
import type { Kernel, Metric } from '../../kernel/kernel.ts'
import { haloBox, type RunSetup } from '../../kernel/run.ts'
import { axis, slicesOf, type Unit, wave } from './unit.ts'

const HOUR = 3600
const DAY = 24 * HOUR
const QUANTA = 2 ** 20
const STATE_BYTES = 18
const NOISY_STATE_BYTES = 22

export interface EddyOptions {
  readonly columns: number
  readonly rows: number
  /** Degrees between nodes. */
  readonly spacing: number
  readonly particles: number
  readonly steps: number
  readonly stepSeconds: number
  /** Windage classes, 0 for none at all, 'each' for a value of its own per particle. */
  readonly windages: number | 'each'
  readonly roles?: readonly (keyof typeof FIELDS)[]
  readonly metric?: Metric
  readonly scheme?: RunSetup['scheme']
  readonly diffusivity?: number
  readonly isWindRelative?: boolean
  readonly isPeriodic?: boolean
  /** A round island of this many cells in the middle. */
  readonly islandCells?: number
  /** Slice with a hole in it, and where particles leave: everything that ends a drift. */
  readonly hasHoles?: boolean
  /** Every fifth particle waits until this step. */
  readonly lateStep?: number
  readonly trackedCount?: number
  /** Terms beyond current, wind and Stokes drift; noise widens the state. */
  readonly drift?: Partial<Drift>
}

const current = (column: number, row: number, t: number): [number, number] => {
  const x = column / 40 + t / (30 * DAY)
  const y = row / 40
  return [0.6 * wave(x) * wave(y + 0.25), -0.6 * wave(x + 0.25) * wave(y) + 0.05 * wave(t / DAY)]
}
const wind = (column: number, row: number, t: number): [number, number] => [
  7 * wave(row / 90 + t / (2 * DAY)),
  5 * wave(column / 110 - t / (3 * DAY))
]
const stokes = (column: number, row: number): [number, number] => [
  0.04 * wave(row / 70),
  0.03 * wave(column / 60)
]
/** A current turned and weakened at depth. */
const level1 = (column: number, row: number, t: number): [number, number] => {
  const [u, v] = current(column, row, t)
  return [0.5 * u - 0.2 * v, 0.5 * v + 0.2 * u]
}
const diffusivity = (column: number): [number, number] => [10 + 8 * wave(column / 50), 0]
const wavePeriod = (_column: number, row: number): [number, number] => [7 + 2 * wave(row / 80), 0]
const FIELDS = { current, wind, stokes, level1, diffusivity, wavePeriod }

const isIsland = ({ columns, rows, islandCells = 0 }: EddyOptions, column: number, row: number) =>
  (column - columns / 2) ** 2 + (row - rows / 2) ** 2 < islandCells ** 2

/** Metres to the island (111 km per degree will do) and the number of the nearest node of it. */
function coastFieldsOf(
  { columns, rows, islandCells = 0, spacing }: EddyOptions,
  box: { column: number; row: number; columns: number; rows: number }
): { distance: Float32Array; cell: Uint32Array } {
  const distance = new Float32Array(box.columns * box.rows)
  const cell = new Uint32Array(box.columns * box.rows)
  for (let i = 0; i < distance.length; i++) {
    const x = box.column + (i % box.columns) - columns / 2
    const y = box.row + Math.floor(i / box.columns) - rows / 2
    const away = Math.sqrt(x * x + y * y)
    distance[i] = Math.max(0, away - islandCells) * spacing * 111_000
    const part = away === 0 ? 0 : islandCells / away
    const [column, row] = [Math.floor(columns / 2 + x * part), Math.floor(rows / 2 + y * part)]
    cell[i] = row * columns + column
  }
  return { distance, cell }
}

/** Spread over the inner two thirds, with every fraction of a cell (golden, plastic number). */
function stateOf(options: EddyOptions): Uint8Array {
  const { columns, rows, particles, windages, lateStep } = options
  const rowBytes = options.drift?.noise === undefined ? STATE_BYTES : NOISY_STATE_BYTES
  const bytes = new Uint8Array(particles * rowBytes)
  const view = new DataView(bytes.buffer)
  const classes = typeof windages === 'number' ? Math.max(1, windages) : 1
  for (let i = 0; i < particles; i++) {
    const at = i * rowBytes
    const x = columns * (1 / 6 + (2 / 3) * ((i * 0.754_877_666_246_7) % 1))
    const y = rows * (1 / 6 + (2 / 3) * ((i * 0.569_840_290_998_1) % 1))
    view.setUint32(at, Math.floor((x % 1) * QUANTA) * 4096, true)
    view.setUint32(at + 4, Math.floor((y % 1) * QUANTA) * 4096, true)
    view.setInt16(at + 8, Math.floor(x), true)
    view.setInt16(at + 10, Math.floor(y), true)
    view.setUint16(at + 12, lateStep !== undefined && i % 5 === 0 ? lateStep : 0, true)
    const share = windages === 'each' ? (i * 0.618_033_988_75) % 1 : 0
    view.setUint16(at + 14, Math.round(share * 65_535), true)
    view.setUint8(at + 17, i % classes)
  }
  return bytes
}

/** One range shared out, or as many constants as classes. */
function classesOf({ windages }: EddyOptions): RunSetup['classes'] {
  const kind = (least: number, most: number) => ({
    windage: [least, most] as const,
    riseVelocity: 0,
    depth: 0
  })
  if (windages === 'each') return [kind(0.01, 0.04)]
  if (windages === 0) return [kind(0, 0)]
  return Array.from({ length: windages }, (_, i) => {
    const windage = 0.01 + (0.03 * i) / windages
    return kind(windage, windage)
  })
}

function metricOf(
  kernel: Kernel,
  { columns, isPeriodic, metric: kind = 'wgs84' }: EddyOptions,
  lons: Float64Array,
  lats: Float64Array,
  box: { column: number; row: number; columns: number; rows: number }
): Float32Array {
  const parent = kernel.nodeMetric(lons, lats, kind)
  const metric = new Float32Array(box.columns * box.rows * 4)
  const clamp = (n: number, length: number): number => Math.max(0, Math.min(length - 1, n))
  for (let j = 0; j < box.rows; j++) {
    const row = clamp(box.row + j, lats.length)
    for (let i = 0; i < box.columns; i++) {
      const place = box.column + i
      const column = isPeriodic ? (place + columns) % columns : clamp(place, columns)
      const from = (row * columns + column) * 4
      metric.set(parent.subarray(from, from + 4), (j * box.columns + i) * 4)
    }
  }
  return metric
}

/** The unit of a whole grid. */
export function eddyUnit(kernel: Kernel, options: EddyOptions): Unit {
  const { columns, rows, spacing, stepSeconds, steps, isPeriodic = false } = options
  const chosen = options.windages === 0 ? (['current'] as const) : (['current', 'wind'] as const)
  const roles = options.roles ?? chosen
  const crop = { column: 0, row: 0, columns, rows }
  const box = haloBox(columns, isPeriodic, crop)
  const longitudes = axis(isPeriodic ? 0 : 5, spacing, columns)
  const latitudes = axis(isPeriodic ? -60 : 30, spacing, rows)
  const endHours = Math.ceil((Math.abs(stepSeconds) * steps) / HOUR) + 1
  const sign = Math.sign(stepSeconds)
  const land = new Uint8Array(box.columns * box.rows)
  for (let i = 0; i < land.length; i++) {
    const column = box.column + (i % box.columns)
    land[i] = Number(isIsland(options, column, box.row + Math.floor(i / box.columns)))
  }
  const timesOf = (everyHours: number): number[] => {
    const count = Math.ceil(endHours / everyHours) + 1
    const times = Array.from({ length: count }, (_, i) => i * everyHours * HOUR)
    return sign < 0 ? times.map((t) => -t).reverse() : times
  }
  const series = roles.map((role) => {
    const times = timesOf(role === 'current' ? 1 : 3)
    return { role, times, slices: slicesOf(box, times, FIELDS[role]) }
  })
  if (options.hasHoles) {
    const { u, v } = series[0]?.slices.at(-2) ?? { u: [], v: [] }
    for (let i = 0; i < u.length; i += 97) u[i] = v[i] = 1e30
  }
  const setup: Unit['setup'] = {
    longitudes,
    latitudes,
    isPeriodic,
    isFlat: false,
    crop,
    land,
    metric: metricOf(kernel, options, longitudes, latitudes, box),
    roles,
    stepSeconds,
    firstStep: 0,
    scheme: options.scheme ?? 'rk4',
    diffusivity: options.diffusivity ?? 0,
    isWindRelative: options.isWindRelative ?? false,
    rngKey: [0x1234, 0x5678],
    classes: classesOf(options),
    density: { west: 0, south: -90, resolution: 0.5, columns: 720, rows: 360 },
    firstParticle: 0,
    state: stateOf(options),
    trackedCount: options.trackedCount ?? 0,
    fuelMax: Number.MAX_SAFE_INTEGER,
    ...options.drift,
    ...(options.drift?.coast === 'probabilistic'
      ? { coastFields: coastFieldsOf(options, box) }
      : {})
  }
  return {
    setup,
    clock: { startSeconds: 0, stepSeconds, firstStep: 0, stepCount: steps },
    roles: series
  }
}

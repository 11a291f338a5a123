/**
 * A sea made of formulas: the same functions give the slices of the kernel and the analytic truth.
 * `drift` runs the module itself on it, without tiles, threads or units.
 */
import type { Drift } from '../../kernel/drift.ts'
import { loadKernel, type Metric } from '../../kernel/kernel.ts'
import { type CropCells, haloBox, type Role, type Run, type RunSetup } from '../../kernel/run.ts'
import { builtInKernel } from '../../node/worker/kernel-file.ts'
import { bracketOf, halvesOf, Slots, secondsOf } from '../../node/worker/schedule.ts'

/** m/s at axis coordinates (degrees, or metres where flat) and Unix seconds. */
export type Field = (x: number, y: number, seconds: number) => readonly [u: number, v: number]

export interface Sea {
  readonly longitudes: Float64Array
  readonly latitudes: Float64Array
  readonly isPeriodic?: boolean
  readonly metric: Metric
  readonly isLand?: (column: number, row: number) => boolean
  /** Slice times of every role. */
  readonly times: readonly number[]
  readonly fields: Partial<Record<Role, Field>>
}

export interface Particle {
  /** Cells of the parent grid. */
  readonly x: number
  readonly y: number
  readonly windage?: number
  readonly releaseStep?: number
  readonly classIndex?: number
  readonly status?: number
}

export interface DriftOptions {
  readonly particles?: readonly Particle[]
  /** Instead of particles. */
  readonly state?: Uint8Array
  readonly stepSeconds: number
  readonly stepCount: number
  readonly firstStep?: number
  readonly firstParticle?: number
  readonly crop?: CropCells
  readonly scheme?: RunSetup['scheme']
  readonly diffusivity?: number
  readonly isWindRelative?: boolean
  readonly rngKey?: readonly [number, number]
  readonly fuelMax?: number
  readonly trackedCount?: number
  readonly density?: RunSetup['density']
  readonly classes?: RunSetup['classes']
  /** Terms of drift beyond those above. */
  readonly drift?: Partial<Drift>
  /** Distance to the coast in m (negative on land) and coastal cell, per node of the sea. */
  readonly coast?: (column: number, row: number) => readonly [distance: number, cell: number]
  /** Greatest windage of the default classes; the least is 0. */
  readonly windageMax?: number
  /** How corners are formed: 0 the module chooses, 1 once per node, 2 where they are read. */
  readonly form?: 0 | 1 | 2
  /** After each step, with its number. */
  readonly onStep?: (run: Run, step: number) => void
}

export const axis = (first: number, spacing: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => first + i * spacing)

const QUANTA = 2 ** 20

/** Bytes of a particle's state. */
export const STATE_BYTES = 18
export const NOISY_STATE_BYTES = 22
/** Greatest windage of the class of {@link stateOf}: shares of its range are whole 10⁻⁶. */
export const WINDAGE_MAX = 0.065535

/** State bytes of particles (kernel/README.md); positions are rounded to quanta. */
export function stateOf(
  particles: readonly Particle[],
  windageMax = WINDAGE_MAX,
  rowBytes = STATE_BYTES
): Uint8Array {
  const bytes = new Uint8Array(particles.length * rowBytes)
  const view = new DataView(bytes.buffer)
  for (const [i, particle] of particles.entries()) {
    const at = i * rowBytes
    for (const [axisIndex, cells] of [particle.x, particle.y].entries()) {
      const quanta = Math.round(cells * QUANTA)
      const cell = Math.floor(quanta / QUANTA)
      view.setUint32(at + 4 * axisIndex, (quanta - cell * QUANTA) * 4096, true)
      view.setInt16(at + 8 + 2 * axisIndex, cell, true)
    }
    view.setUint16(at + 12, particle.releaseStep ?? 0, true)
    view.setUint16(at + 14, Math.round(((particle.windage ?? 0) / windageMax) * 65_535), true)
    view.setUint8(at + 16, particle.status ?? 0)
    view.setUint8(at + 17, particle.classIndex ?? 0)
  }
  return bytes
}

export interface Placed {
  readonly x: number
  readonly y: number
  readonly status: number
}

/** Positions in parent cells. */
export function placesOf(state: Uint8Array, rowBytes = STATE_BYTES): Placed[] {
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength)
  return Array.from({ length: state.length / rowBytes }, (_, i) => ({
    x: view.getInt16(i * rowBytes + 8, true) + view.getUint32(i * rowBytes, true) / 2 ** 32,
    y: view.getInt16(i * rowBytes + 10, true) + view.getUint32(i * rowBytes + 4, true) / 2 ** 32,
    status: view.getUint8(i * rowBytes + 16)
  }))
}

/** Parent nodes of a box: wrapped where periodic, else the edge repeated. */
function* nodesOf(sea: Sea, box: CropCells): Iterable<[column: number, row: number]> {
  const columns = sea.longitudes.length
  const rows = sea.latitudes.length
  for (let j = 0; j < box.rows; j++) {
    const row = Math.min(Math.max(box.row + j, 0), rows - 1)
    for (let i = 0; i < box.columns; i++) {
      const place = box.column + i
      const wrapped = ((place % columns) + columns) % columns
      yield [sea.isPeriodic ? wrapped : Math.min(Math.max(place, 0), columns - 1), row]
    }
  }
}

/** Values of one slice on a box. */
export function sliceOf(
  sea: Sea,
  nodes: readonly (readonly [number, number])[],
  field: Field,
  seconds: number
): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] {
  const u = new Float32Array(nodes.length)
  const v = new Float32Array(nodes.length)
  for (const [i, [column, row]] of nodes.entries()) {
    const value = field(sea.longitudes[column] ?? 0, sea.latitudes[row] ?? 0, seconds)
    u[i] = value[0]
    v[i] = value[1]
  }
  return [u, v]
}

export interface Drifted {
  readonly run: Run
  readonly state: Uint8Array
  readonly places: Placed[]
}

function setupOf(sea: Sea, options: DriftOptions, nodes: readonly (readonly [number, number])[]) {
  const kernel = loadKernel(builtInKernel().bytes)
  const parent = kernel.nodeMetric(sea.longitudes, sea.latitudes, sea.metric)
  const columns = sea.longitudes.length
  const metric = new Float32Array(nodes.length * 4)
  for (const [i, [column, row]] of nodes.entries()) {
    const at = (row * columns + column) * 4
    metric.set(parent.subarray(at, at + 4), i * 4)
  }
  const windageMax = options.windageMax ?? WINDAGE_MAX
  const state = options.state ?? stateOf(options.particles ?? [], windageMax, rowBytesOf(options))
  const kind = { windage: [0, windageMax] as const, riseVelocity: 0, depth: 0 }
  const classes = options.classes ?? [kind, kind]
  const told = options.coast
  const coast = told && {
    distance: Float32Array.from(nodes, ([column, row]) => told(column, row)[0]),
    cell: Uint32Array.from(nodes, ([column, row]) => told(column, row)[1])
  }
  const setup: RunSetup = {
    longitudes: sea.longitudes,
    latitudes: sea.latitudes,
    isPeriodic: sea.isPeriodic ?? false,
    isFlat: sea.metric === 'flat',
    crop: options.crop ?? { column: 0, row: 0, columns, rows: sea.latitudes.length },
    land: Uint8Array.from(nodes, ([column, row]) => Number(sea.isLand?.(column, row) ?? false)),
    metric,
    roles: Object.keys(sea.fields) as Role[],
    stepSeconds: options.stepSeconds,
    firstStep: options.firstStep ?? 0,
    scheme: options.scheme ?? 'rk4',
    diffusivity: options.diffusivity ?? 0,
    isWindRelative: options.isWindRelative ?? false,
    rngKey: options.rngKey ?? [1, 2],
    classes,
    ...options.drift,
    ...(coast === undefined ? {} : { coastFields: coast }),
    density: options.density ?? { west: 0, south: 0, resolution: 1, columns: 1, rows: 1 },
    firstParticle: options.firstParticle ?? 0,
    state,
    trackedCount: options.trackedCount ?? 0,
    fuelMax: options.fuelMax ?? Number.MAX_SAFE_INTEGER
  }
  return kernel.startRun(setup)
}

const rowBytesOf = ({ drift: terms }: DriftOptions): number =>
  terms?.noise === undefined ? STATE_BYTES : NOISY_STATE_BYTES

/** Runs the kernel over a sea; step 0 is at second 0. */
export function drift(sea: Sea, options: DriftOptions): Drifted {
  const crop = options.crop ?? {
    column: 0,
    row: 0,
    columns: sea.longitudes.length,
    rows: sea.latitudes.length
  }
  const nodes = [...nodesOf(sea, haloBox(sea.longitudes.length, sea.isPeriodic ?? false, crop))]
  const run = setupOf(sea, options, nodes)
  run.setForm(options.form ?? 0)
  const { stepSeconds, stepCount, firstStep = 0 } = options
  const clock = { startSeconds: 0, stepSeconds, firstStep, stepCount }
  const slots = new Slots()
  for (const { step, half } of halvesOf(clock)) {
    const seconds = secondsOf(clock, step, half)
    for (const [name, field] of Object.entries(sea.fields)) {
      if (field === undefined) continue
      const role = name as Role
      const bracket = bracketOf({ role, times: sea.times }, seconds)
      for (const { index } of slots.take(role, bracket)) {
        run.loadSlice(role, index, ...sliceOf(sea, nodes, field, sea.times[index] ?? 0))
      }
      const time = sea.times[bracket.index] ?? 0
      run.bracket(role, bracket.index, seconds, time, sea.times[bracket.index + 1] ?? time)
    }
    run.pack(half)
    if (half === 2) {
      run.step()
      options.onStep?.(run, firstStep + step + 1)
    }
  }
  const state = run.state().slice()
  return { run, state, places: placesOf(state, rowBytesOf(options)) }
}

/** The two slices of a field that does not change. */
export const steadyTimes = (seconds: number): number[] => [
  Math.min(0, seconds),
  Math.max(0, seconds)
]

/** An x or y of a list of particles that must be there. */
export const only = <T>(items: readonly T[]): T => {
  const [first] = items
  if (first === undefined) throw new RangeError('nothing there')
  return first
}

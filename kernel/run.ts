/**
 * One run of the module: particles of one unit over consecutive steps on one crop. The host writes
 * slices where the module says, packs the three records of a step (t, t+½, t+1), steps, and copies
 * outputs and state out as bytes.
 */
import { type Drift, isScalar, type Role, roleIndex, setDrift } from './drift.ts'
import type { ModuleExports } from './exports.ts'
import { FAULTS, KernelFault } from './fault.ts'
import type { NodePlaces } from './nodes.ts'
import type { AxisPlaces } from './seeding.ts'

export type { Role }

/** Schemes in the module's order. */
const SCHEMES = ['rk4', 'rk2', 'euler'] as const
/** Nodes around a crop that stages of a step may read. */
const HALO_NODES = 2
/** Bytes of a particle's state, without and with autoregressive noise. */
const STATE_PARTICLE_BYTES = 18
const NOISY_STATE_PARTICLE_BYTES = 22
const TRIPLE_BYTES = 12
const QUADRUPLE_BYTES = 16
const TRACK_BYTES = 24
const STATUS_COUNT = 6
/** Roles that a run has or has not; levels are counted. */
const MASK_BITS = 5

export interface CropCells {
  readonly column: number
  readonly row: number
  readonly columns: number
  readonly rows: number
}

/**
 * Nodes on axes of the whole parent, or the parent's size with (lon, lat) pairs of the nodes of
 * {@link haloBox}.
 */
export type RunSetup = RunSettings & (AxisPlaces | NodePlaces)

interface RunSettings extends Drift {
  readonly isPeriodic: boolean
  readonly isFlat: boolean
  /** Nodes of the parent grid the particles may move on. */
  readonly crop: CropCells
  /** Nodes of {@link haloBox}, C order: 1 land. */
  readonly land: Uint8Array
  /** Cells per metre, four f32 per node of {@link haloBox}. */
  readonly metric: Float32Array
  readonly roles: readonly Role[]
  /** Negative runs backwards. */
  readonly stepSeconds: number
  readonly firstStep: number
  readonly scheme: (typeof SCHEMES)[number]
  readonly rngKey: readonly [number, number]
  /** f32 metres to the coastline and u32 coastal cell per node of {@link haloBox}. */
  readonly coastFields?: { readonly distance: Float32Array; readonly cell: Uint32Array }
  readonly density: {
    readonly west: number
    readonly south: number
    readonly resolution: number
    readonly columns: number
    readonly rows: number
  }
  readonly firstParticle: number
  /** 18 bytes per particle (kernel/README.md). */
  readonly state: Uint8Array
  /** Particles with an id below this are tracked. */
  readonly trackedCount: number
  /** Most particle-steps. */
  readonly fuelMax: number
}

export interface RunOutput {
  /** Particles by status. */
  readonly counts: number[]
  /** u32 triples (cell, class, count). */
  readonly density: Uint8Array
  /** u32 id, u32 status, f64 lon, f64 lat per tracked particle. */
  readonly tracks: Uint8Array
  /** u32 quadruples (coastal cell, origin, class, count). */
  readonly beached: Uint8Array
}

/**
 * The nodes a run needs: crop and halo in parent columns (may be negative or beyond the last; wrap
 * where the grid is periodic, else repeat the edge). A crop as wide as a periodic grid is the ring.
 */
export function haloBox(columns: number, isPeriodic: boolean, crop: CropCells): CropCells {
  const isRing = isPeriodic && crop.columns >= columns
  return {
    column: (isRing ? 0 : crop.column) - HALO_NODES,
    row: crop.row - HALO_NODES,
    columns: (isRing ? columns : crop.columns) + 2 * HALO_NODES,
    rows: crop.rows + 2 * HALO_NODES
  }
}

export class Run {
  readonly #module: ModuleExports
  readonly particleCount: number
  readonly particleBytes: number
  readonly #trackedRows: number

  constructor(module: ModuleExports, setup: RunSetup) {
    this.#module = module
    this.particleBytes =
      setup.noise === undefined ? STATE_PARTICLE_BYTES : NOISY_STATE_PARTICLE_BYTES
    this.particleCount = setup.state.length / this.particleBytes
    this.#trackedRows = Math.max(
      0,
      Math.min(this.particleCount, setup.trackedCount - setup.firstParticle)
    )
    this.#configure(setup)
    this.#check(module.allocate())
    this.#fill(setup)
    this.#check(module.begin())
  }

  #configure(setup: RunSetup): void {
    const { crop, density } = setup
    const module = this.#module
    const roleMask = setup.roles
      .map(roleIndex)
      .filter((index) => index < MASK_BITS)
      .reduce((mask, index) => mask | (1 << index), 0)
    const [columns, rows] =
      'lonLats' in setup
        ? [setup.columns, setup.rows]
        : [setup.longitudes.length, setup.latitudes.length]
    module.setParent(columns, rows, Number(setup.isPeriodic), Number(setup.isFlat))
    if ('lonLats' in setup) module.useNodes()
    module.setCrop(crop.column, crop.row, crop.columns, crop.rows)
    module.setClock(setup.stepSeconds, setup.firstStep)
    module.setPhysics(
      SCHEMES.indexOf(setup.scheme),
      setup.diffusivity * (setup.perturbation?.diffusivityFactor ?? 1),
      Number(setup.isWindRelative),
      roleMask
    )
    setDrift(module, setup, setup.stepSeconds, setup.coastFields !== undefined)
    module.setKey(...setup.rngKey)
    module.setDensity(
      density.west,
      density.south,
      density.resolution,
      density.columns,
      density.rows,
      setup.classes.length
    )
    module.setParticles(
      this.particleCount,
      setup.firstParticle,
      setup.classes.length,
      setup.perturbation?.releaseShiftSteps ?? 0,
      this.#trackedRows,
      setup.fuelMax
    )
  }

  #fill(setup: RunSetup): void {
    const module = this.#module
    const { buffer } = module.memory
    new Uint8Array(buffer, module.stateRegion(), setup.state.length).set(setup.state)
    const nodes = module.stride() * module.paddedRows()
    if ('lonLats' in setup) {
      const places = new Float64Array(buffer, module.longitudesAt(), nodes * 2)
      this.#copyRows(setup.lonLats, places, 2)
    } else {
      const { longitudes, latitudes } = setup
      new Float64Array(buffer, module.longitudesAt(), longitudes.length).set(longitudes)
      new Float64Array(buffer, module.latitudesAt(), latitudes.length).set(latitudes)
    }
    this.#copyRows(setup.land, new Uint8Array(buffer, module.landRegion(), nodes), 1)
    this.#copyRows(setup.metric, new Float32Array(buffer, module.metricRegion(), nodes * 4), 4)
    if (setup.coastFields !== undefined) {
      const { distance, cell } = setup.coastFields
      this.#copyRows(distance, new Float32Array(buffer, module.distanceRegion(), nodes), 1)
      this.#copyRows(cell, new Uint32Array(buffer, module.coastalCellRegion(), nodes), 1)
    }
    const origins = setup.originStarts ?? []
    new Uint32Array(buffer, module.originRegion(), origins.length).set(origins)
  }

  /** Copies unpadded rows to the module's stride. */
  #copyRows<T extends Uint8Array | Uint32Array | Float32Array | Float64Array>(
    from: T,
    to: T,
    perNode: number
  ): void {
    const rows = this.#module.paddedRows()
    const width = this.#module.paddedColumns() * perNode
    const stride = this.#module.stride() * perNode
    if (from.length !== width * rows) throw new KernelFault('state', 'a field has the wrong size')
    for (let row = 0; row < rows; row++) {
      to.set(from.subarray(row * width, (row + 1) * width), row * stride)
    }
  }

  #check(code: number): void {
    const fault = FAULTS[code] ?? 'module'
    if (fault === 'none') return
    const particle = this.#module.faultParticle()
    if (particle < 0) throw new KernelFault(fault)
    throw new KernelFault(fault, `particle ${particle}`, particle)
  }

  /**
   * Copies a slice of {@link haloBox} in; a scalar has no `v`. Slice `index` lives in slot
   * `index` mod 2.
   */
  loadSlice(role: Role, index: number, u: Float32Array, v: Float32Array): void {
    const module = this.#module
    const nodes = module.stride() * module.paddedRows()
    const number = roleIndex(role)
    for (const [component, from] of (isScalar(role) ? [u] : [u, v]).entries()) {
      const at = module.stagingAt(number, index, component)
      this.#copyRows(from, new Float32Array(module.memory.buffer, at, nodes), 1)
    }
    module.takeSlice(number, index)
  }

  /** Says that slice `index` at `time` ≤ `seconds` and the next one bracket the next pack. */
  bracket(role: Role, index: number, seconds: number, time: number, nextTime: number): void {
    this.#module.bracket(roleIndex(role), index, seconds, time, nextTime)
  }

  /** Packs the record of half step 0, 1 or 2 of the next step; 0 is needed only once. */
  pack(half: 0 | 1 | 2): void {
    this.#module.packRecord(half)
  }

  /** Forces the form of a step (0 the module chooses, 1 records, 2 corners): bits are the same. */
  setForm(form: 0 | 1 | 2): void {
    this.#module.setForm(form)
  }

  /** @throws KernelFault `reach`, `speed`, `fuel` */
  step(): void {
    this.#check(this.#module.advance())
  }

  counts(): number[] {
    this.#module.countStatuses()
    return Array.from({ length: STATUS_COUNT }, (_, status) => this.#module.countOf(status))
  }

  /** What is emitted after the step just made. */
  output(): RunOutput {
    const module = this.#module
    module.writeTracks()
    const copy = (at: number, bytes: number): Uint8Array =>
      new Uint8Array(module.memory.buffer, at, bytes).slice()
    const density = copy(module.triplesRegion(), module.countDensity() * TRIPLE_BYTES)
    return {
      counts: this.counts(),
      density,
      tracks: copy(module.tracksRegion(), this.#trackedRows * TRACK_BYTES),
      beached: copy(module.beachedRegion(), module.countBeached() * QUADRUPLE_BYTES)
    }
  }

  /** A view of the state in id order, valid until the next step. */
  state(): Uint8Array {
    this.#module.storeState()
    const { memory } = this.#module
    const bytes = this.particleCount * this.particleBytes
    return new Uint8Array(memory.buffer, this.#module.stateRegion(), bytes)
  }

  /** Particle-steps executed. */
  get fuel(): number {
    return this.#module.fuelUsed()
  }

  /** Parent cells that hold every particle waiting or afloat (with a coast: and stranded). */
  get bounds(): [number, number, number, number] {
    const bound = (which: number): number => this.#module.bound(which)
    return [bound(0), bound(1), bound(2), bound(3)]
  }
}

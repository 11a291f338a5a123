/**
 * Host binding of the drift kernel: loads the module, refuses what could make bits differ (imports,
 * relaxed SIMD, another layout) and gives its exports types. It never reads a file and never knows
 * what a work unit is; every number that ends in a CID is computed inside the module.
 */
import type { Run, RunSetup } from './run.ts'

/** How degrees become metres: WGS84 ellipsoid, 1 degree = 1852·60 m, or x and y in metres. */
export type Metric = 'wgs84' | 'sphere1852' | 'flat'

/** One seeding entry of points, on the parent grid. */
export interface SeedPoints {
  /** Degrees east of each column, ascending (metres where flat). */
  readonly longitudes: Float64Array
  /** Degrees north of each row, ascending (metres where flat). */
  readonly latitudes: Float64Array
  readonly isPeriodic: boolean
  /** rows × columns, C order: 1 land, 0 sea. */
  readonly land: Uint8Array
  readonly metric: Metric
  readonly points: readonly (readonly [lon: number, lat: number])[]
  readonly radiusMetres: number
  /** Id of the entry's first particle; particle i of the entry starts at point i mod points. */
  readonly firstParticle: number
  readonly particleCount: number
  readonly rngSeed: readonly [number, number]
  readonly releaseStep: number
  readonly classIndex: number
  readonly windage: readonly [number, number]
}

export interface Seeded {
  /** 28 bytes per particle (kernel/README.md), empty when a point failed. */
  readonly state: Uint8Array
  readonly failedPoint?: { readonly index: number; readonly why: 'land' | 'outside' }
}

export interface Kernel {
  /**
   * Cells per metre at every node, four f32 per node in C order:
   * [x per east, x per north, y per east, y per north].
   */
  nodeMetric(longitudes: Float64Array, latitudes: Float64Array, metric: Metric): Float32Array
  /** 64-bit random key of an ensemble member: Threefry(rngSeed; member). */
  memberKey(rngSeed: readonly [number, number], member: number): readonly [number, number]
  /** Initial state of one seeding entry. */
  seedPoints(request: SeedPoints): Seeded
  /** Area in km² of one density cell in each row, southernmost row first. */
  rowAreasKm2(
    south: number,
    resolution: number,
    columnWidth: number,
    rows: number,
    metric: Metric
  ): Float64Array
  /** Starts a run; one at a time, and it uses up the kernel: load another for the next. */
  startRun(setup: RunSetup): Run
}

export interface KernelOptions {
  /** WebAssembly pages (64 KiB) its memory may ever have. */
  readonly memoryPagesMax?: number
}

/** @throws KernelFault `module` when it is not a module this host may run */
export function loadKernel(_wasm: Uint8Array, _options: KernelOptions = {}): Kernel {
  throw new Error('being written')
}

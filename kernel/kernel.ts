/**
 * Host binding of the drift kernel: loads the module, refuses what could make bits differ (imports,
 * relaxed SIMD, another layout) and gives its exports types. It never reads a file and never knows
 * what a work unit is; every number that ends in a CID is computed inside the module.
 */
import { LAYOUT_VERSION, type ModuleExports } from './exports.ts'
import { KernelFault } from './fault.ts'
import { checkedModule } from './module-check.ts'
import { type GridMetric, NodeModule, type NodePlaces, type Projection } from './nodes.ts'
import { Run, type RunSetup } from './run.ts'
import { type Seeded, type SeedPoints, seedPoints } from './seeding.ts'

export type { NodePlaces, Projection, SeedPoints }

/** How degrees become metres: WGS84 ellipsoid, 1 degree = 1852·60 m, or x and y in metres. */
export const METRICS = ['wgs84', 'sphere1852', 'flat'] as const
export type Metric = (typeof METRICS)[number]

/** Pages the module itself declares as its maximum: 1 GiB. */
const MEMORY_PAGES_MAX = 16_384
const METRIC_NODE_BYTES = 16

/** A plastic particle. */
interface Sphere {
  readonly diameter: number
  readonly density: number
}

interface Water {
  readonly temperature: number
  readonly salinity: number
  readonly density: number
}

/** First constant of the viscosity of pure water (Sharqawy et al. 2010, eq. 23). */
const SHARQAWY = 0.157

export interface Kernel {
  /**
   * Cells per metre at every node, four f32 per node in C order:
   * [x per east, x per north, y per east, y per north].
   */
  nodeMetric(longitudes: Float64Array, latitudes: Float64Array, metric: Metric): Float32Array
  /** (lon, lat) pairs → grid coordinates: metres, or degrees on a rotated pole. */
  project(projection: Projection, lonLats: Float64Array): Float64Array
  /** Grid coordinates, as pairs → (lon, lat) pairs, longitudes in [−180, 180). */
  unproject(projection: Projection, pairs: Float64Array): Float64Array
  /** Unit vectors of (lon, lat) pairs, three f64 each; zero where a pair is no place. */
  directions(lonLats: Float64Array): Float64Array
  /**
   * Metric of nodes that have places of their own, and the frames that their u and v are along;
   * 0 cells per metre where a node has no place or no neighbours.
   */
  gridMetric(places: NodePlaces, isPeriodic: boolean, metric: Metric): GridMetric
  /** Index coordinates of (lon, lat) pairs, NaN more than `marginCells` outside the grid. */
  locate(
    places: NodePlaces,
    isPeriodic: boolean,
    lonLats: Float64Array,
    marginCells: number
  ): Float64Array
  /** 64-bit random key of an ensemble member: Threefry(rngSeed; member). */
  memberKey(rngSeed: readonly [number, number], member: number): readonly [number, number]
  /** Bounded standard draw (within ±√6) of a member for its n-th perturbation. */
  memberStandard(key: readonly [number, number], which: number): number
  /** Uniform draw of a member in [0, 1). */
  memberUniform(key: readonly [number, number], which: number): number
  /**
   * Upward speed in m/s of a sphere of a diameter in m and density in kg/m³ (Dietrich 1982) in
   * water of °C, practical salinity and kg/m³; c is the first constant of Sharqawy's viscosity.
   */
  riseVelocity(sphere: Sphere, water: Water, c?: number): number
  /** Dimensionless speed W* of a dimensionless size D* (Dietrich 1982). */
  speedOfSize(size: number): number
  /** Share of the surface Stokes drift at a depth in m under waves of a peak period in s. */
  stokesShare(depth: number, period: number): number
  /** Peak period in s of a sea grown under a wind in m/s. */
  periodOfWind(speed: number): number
  /** Depth in m over which what rises at a speed thins out by e under a wind in m/s. */
  mixingDepth(speed: number, riseVelocity: number): number
  /** Initial state of one seeding entry. */
  seedPoints(request: SeedPoints): Seeded
  /** Area in km² of one density cell in each row, southernmost row first; sizes in degrees. */
  rowAreasKm2(
    south: number,
    resolution: number,
    columnWidth: number,
    rows: number,
    metric: Metric
  ): Float64Array
  /**
   * Starts a run. It takes the module's memory: whatever ran before in this kernel is over.
   * @throws KernelFault `memory`, `state`, `reach`
   */
  startRun(setup: RunSetup): Run
}

export interface KernelOptions {
  /** WebAssembly pages (64 KiB) its memory may ever have. */
  readonly memoryPagesMax?: number
}

/** The part of the engine used here: TypeScript has it only with the types of a browser. */
interface Engine {
  readonly Module: { new (bytes: Uint8Array): object; imports(module: object): readonly object[] }
  readonly Instance: new (module: object) => { readonly exports: object }
}
const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly

/** A module this host may run, compiled; every instance has memory of its own. */
export interface CompiledKernel {
  /** A kernel that no other run has touched. */
  instantiate(): Kernel
}

/** @throws KernelFault `module` when it is not a module this host may run, `memory` */
export function compileKernel(wasm: Uint8Array, options: KernelOptions = {}): CompiledKernel {
  const checked = checkedModule(wasm, options.memoryPagesMax ?? MEMORY_PAGES_MAX)
  let module: object
  try {
    module = new engine.Module(checked)
  } catch (cause) {
    throw new KernelFault('module', cause instanceof Error ? cause.message : 'not WebAssembly')
  }
  if (engine.Module.imports(module).length > 0) throw new KernelFault('module', 'it imports')
  return { instantiate: () => kernelOf(instanceOf(module)) }
}

function instanceOf(module: object): ModuleExports {
  const exports = new engine.Instance(module).exports as ModuleExports
  const version = typeof exports.layoutVersion === 'function' ? exports.layoutVersion() : undefined
  if (version !== LAYOUT_VERSION) {
    throw new KernelFault('module', `layout ${version} is not layout ${LAYOUT_VERSION}`)
  }
  return exports
}

/** @throws KernelFault `module` when it is not a module this host may run, `memory` */
export const loadKernel = (wasm: Uint8Array, options?: KernelOptions): Kernel =>
  compileKernel(wasm, options).instantiate()

function kernelOf(module: ModuleExports): Kernel {
  const reserve = (bytes: number): number => {
    const at = module.reserve(bytes)
    if (at === 0) throw new KernelFault('memory', `${bytes} bytes`)
    return at
  }

  const nodes = new NodeModule(module, reserve)

  return {
    project: (projection, lonLats) => nodes.project(projection, lonLats, true),
    unproject: (projection, pairs) => nodes.project(projection, pairs, false),
    directions: (lonLats) => nodes.directions(lonLats),
    gridMetric: (places, isPeriodic, metric) =>
      nodes.gridMetric(places, isPeriodic, metric, METRICS.indexOf(metric)),
    locate: (places, isPeriodic, lonLats, marginCells) =>
      nodes.locate(places, isPeriodic, lonLats, marginCells),

    nodeMetric(longitudes, latitudes, metric) {
      module.reset()
      const nodes = longitudes.length * latitudes.length
      const lons = reserve(longitudes.byteLength)
      const lats = reserve(latitudes.byteLength)
      const out = reserve(nodes * METRIC_NODE_BYTES)
      const { buffer } = module.memory
      new Float64Array(buffer, lons, longitudes.length).set(longitudes)
      new Float64Array(buffer, lats, latitudes.length).set(latitudes)
      const kind = METRICS.indexOf(metric)
      module.writeNodeMetric(lons, longitudes.length, lats, latitudes.length, kind, out)
      return new Float32Array(buffer, out, nodes * 4).slice()
    },

    memberKey(rngSeed, member) {
      const words = BigInt.asUintN(64, module.threefryBlock(...rngSeed, member, 0))
      return [Number(words & 0xffff_ffffn), Number(words >> 32n)]
    },

    memberStandard: (key, which) => module.memberStandard(...key, which),
    memberUniform: (key, which) => module.memberUniform(...key, which),
    riseVelocity({ diameter, density }, water, c = SHARQAWY) {
      const viscosity = module.viscosity(water.temperature, water.salinity, c)
      return module.riseVelocity(diameter, density, water.density, viscosity)
    },
    speedOfSize: (size) => module.speedOfSize(size),
    stokesShare: (depth, period) => module.stokesShare(depth, period),
    periodOfWind: (speed) => module.periodOfWind(speed),
    mixingDepth: (speed, rise) => module.mixingDepth(speed, rise),

    seedPoints: (request) => seedPoints(module, reserve, METRICS.indexOf(request.metric), request),

    rowAreasKm2(south, resolution, columnWidth, rows, metric) {
      const kind = METRICS.indexOf(metric)
      return Float64Array.from({ length: rows }, (_, row) =>
        module.cellArea(south + row * resolution, resolution, columnWidth, kind)
      )
    },

    startRun: (setup) => new Run(module, setup)
  }
}

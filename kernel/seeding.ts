/**
 * Host side of seeding: hands one entry's grid and points to the module and copies the initial
 * state out. Placement, draws and the test for land are the module's.
 */
import type { ModuleExports } from './exports.ts'
import type { Metric } from './kernel.ts'
import type { NodePlaces } from './nodes.ts'

const STATE_PARTICLE_BYTES = 18
/** A direction in the module: three f64. */
const NODE_BYTES = 24
/** seedParticle's answers. */
const WHY = ['ok', 'land', 'outside'] as const

/** A grid whose nodes lie on two axes. */
export interface AxisPlaces {
  /** Degrees east of each column, ascending (metres where flat). */
  readonly longitudes: Float64Array
  /** Degrees north of each row, ascending (metres where flat). */
  readonly latitudes: Float64Array
}

/** One seeding entry of points, on the parent grid. */
export type SeedPoints = SeedingEntry & (AxisPlaces | NodePlaces)

interface SeedingEntry {
  readonly isPeriodic: boolean
  /** rows × columns, C order: 1 land, 0 sea. */
  readonly land: Uint8Array
  readonly metric: Metric
  readonly points: readonly (readonly [lon: number, lat: number])[]
  /** Discs of uniform density; 0 puts every particle on its point. */
  readonly radiusMetres: number
  /** Id of the entry's first particle; particle i of the entry starts at point i mod points. */
  readonly firstParticle: number
  readonly particleCount: number
  readonly rngSeed: readonly [number, number]
  readonly releaseStep: number
  /** Its windage range is shared out uniformly. */
  readonly classIndex: number
}

export interface Seeded {
  /** 18 bytes per particle (README.md), empty when a point failed. */
  readonly state: Uint8Array
  /** The first point where a particle found no sea. */
  readonly failedPoint?: { readonly index: number; readonly why: 'land' | 'outside' }
}

export function seedPoints(
  module: ModuleExports,
  reserve: (bytes: number) => number,
  metricKind: number,
  request: SeedPoints
): Seeded {
  const { land, points } = request
  module.reset()
  setGrid(module, reserve, request)
  const landAt = reserve(land.length)
  const bytes = request.particleCount * STATE_PARTICLE_BYTES
  const table = reserve(bytes)
  const { buffer } = module.memory
  new Uint8Array(buffer, landAt, land.length).set(land)
  module.setSeed(...request.rngSeed, landAt, metricKind)
  for (let i = 0; i < request.particleCount; i++) {
    const index = i % points.length
    const [lon, lat] = points[index] as readonly [number, number]
    const code = module.seedParticle(
      request.firstParticle + i,
      lon,
      lat,
      request.radiusMetres,
      request.releaseStep,
      request.classIndex,
      table + i * STATE_PARTICLE_BYTES
    )
    const why = WHY[code] ?? 'outside'
    if (why !== 'ok') return { state: new Uint8Array(0), failedPoint: { index, why } }
  }
  return { state: new Uint8Array(buffer, table, bytes).slice() }
}

function setGrid(
  module: ModuleExports,
  reserve: (bytes: number) => number,
  request: SeedPoints
): void {
  const isPeriodic = Number(request.isPeriodic)
  const write = (values: Float64Array, bytes: number): number => {
    const at = reserve(bytes)
    new Float64Array(module.memory.buffer, at, values.length).set(values)
    return at
  }
  if ('lonLats' in request) {
    const { lonLats, columns, rows } = request
    const at = write(lonLats, columns * rows * NODE_BYTES)
    module.setParent(columns, rows, isPeriodic, 0)
    module.setParentNodes(at)
    return
  }
  const { longitudes, latitudes } = request
  const lons = write(longitudes, longitudes.byteLength)
  const lats = write(latitudes, latitudes.byteLength)
  const isFlat = Number(request.metric === 'flat')
  module.setParent(longitudes.length, latitudes.length, isPeriodic, isFlat)
  module.setAxes(lons, lats)
}

/**
 * Host side of seeding: hands one entry's grid and points to the module and copies the initial
 * state out. Placement, draws and the test for land are the module's.
 */
import type { ModuleExports } from './exports.ts'
import type { Metric } from './kernel.ts'

const STATE_PARTICLE_BYTES = 28
/** seedParticle's answers. */
const WHY = ['ok', 'land', 'outside'] as const

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
  /** Discs of uniform density; 0 puts every particle on its point. */
  readonly radiusMetres: number
  /** Id of the entry's first particle; particle i of the entry starts at point i mod points. */
  readonly firstParticle: number
  readonly particleCount: number
  readonly rngSeed: readonly [number, number]
  readonly releaseStep: number
  readonly classIndex: number
  /** Uniform in [low, high]. */
  readonly windage: readonly [number, number]
}

export interface Seeded {
  /** 28 bytes per particle (README.md), empty when a point failed. */
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
  const { longitudes, latitudes, land, points } = request
  module.reset()
  const lons = reserve(longitudes.byteLength)
  const lats = reserve(latitudes.byteLength)
  const landAt = reserve(land.length)
  const bytes = request.particleCount * STATE_PARTICLE_BYTES
  const table = reserve(bytes)
  const { buffer } = module.memory
  new Float64Array(buffer, lons, longitudes.length).set(longitudes)
  new Float64Array(buffer, lats, latitudes.length).set(latitudes)
  new Uint8Array(buffer, landAt, land.length).set(land)
  const isFlat = Number(request.metric === 'flat')
  module.setParent(longitudes.length, latitudes.length, Number(request.isPeriodic), isFlat)
  module.setAxes(lons, lats)
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
      ...request.windage,
      table + i * STATE_PARTICLE_BYTES
    )
    const why = WHY[code] ?? 'outside'
    if (why !== 'ok') return { state: new Uint8Array(0), failedPoint: { index, why } }
  }
  return { state: new Uint8Array(buffer, table, bytes).slice() }
}

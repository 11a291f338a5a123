/**
 * What a run is told about drift beyond its forcing: every term of PHYSICS §3 with its unit, and
 * how the module hears of it. Which path a run takes follows from these terms alone, never from
 * where particles are, so that every unit of a forecast takes the same.
 */
import type { ModuleExports } from './exports.ts'

/** Roles in the module's order; deeper levels of the current follow. */
const ROLES = ['current', 'wind', 'stokes', 'diffusivity', 'wavePeriod'] as const
/** A field of forcing: `level1` is the first depth level below that of `current`. */
export type Role = (typeof ROLES)[number] | `level${number}`
/** Rules at the coast in the module's order. */
const COASTS = ['strand', 'slide', 'hold', 'probabilistic'] as const
/** Stokes drift as a share of the wind at 10 m (PHYSICS §3). */
const STOKES_OF_WIND = 0.016

/** The module's number of a role. */
export function roleIndex(role: Role): number {
  const index = ROLES.indexOf(role as (typeof ROLES)[number])
  return index >= 0 ? index : ROLES.length + Number(role.slice('level'.length)) - 1
}

/** Has the role one component instead of two? */
export const isScalar = (role: Role): boolean => role === 'diffusivity' || role === 'wavePeriod'

/** What the particles of a class have in common. */
export interface RunClass {
  /** Range that a particle's share of windage is a part of. */
  readonly windage: readonly [number, number]
  /** m/s upward. */
  readonly riseVelocity: number
  /** m; 0 is the surface, or where the wind mixes it to. */
  readonly depth: number
}

export interface Drift {
  /** m²/s; where it is a field the multiplier of role `diffusivity`. */
  readonly diffusivity: number
  readonly isDiffusivityField?: boolean
  readonly isWindRelative: boolean
  /** `parameterised`: 0.016 times the wind, in place of role `stokes`. */
  readonly stokes?: 'none' | 'field' | 'parameterised'
  /** Peak period of the waves; absent: role `wavePeriod`, else the wind's. */
  readonly wavePeriodSeconds?: number
  readonly vertical?: 'surface' | 'mixed'
  readonly coast?: (typeof COASTS)[number]
  readonly beaching?: {
    readonly beachingSeconds: number
    readonly refloatSeconds: number
    readonly zoneMetres: number
  }
  readonly maxAgeSeconds?: number
  readonly halfLifeSeconds?: number
  /** First-order autoregressive noise of each particle's velocity, m/s and s. */
  readonly noise?: {
    readonly deviationMetresPerSecond: number
    readonly timescaleSeconds: number
  }
  readonly perturbation?: {
    readonly currentFactor: number
    readonly windageFactor: number
    readonly diffusivityFactor: number
    readonly releaseShiftSteps: number
  }
  readonly classes: readonly RunClass[]
  /** Metres, ascending, of `current`, `level1`, …; absent for one level. */
  readonly levelDepths?: readonly number[]
  /** Ascending first ids of the origins after the first. */
  readonly originStarts?: readonly number[]
}

/** Must each particle be moved by the general path? */
export function isGeneral(drift: Drift): boolean {
  const isDeep = drift.vertical === 'mixed' || drift.classes.some(({ depth }) => depth > 0)
  const isRandom = drift.isDiffusivityField === true || drift.noise !== undefined
  const isWaved = drift.stokes === 'parameterised' && drift.isWindRelative
  return isDeep || isRandom || isWaved || (drift.levelDepths?.length ?? 1) > 1
}

/** Tells the module; `hasCoast` where distances and coastal cells are given. */
export function setDrift(
  module: ModuleExports,
  drift: Drift,
  stepSeconds: number,
  hasCoast: boolean
): void {
  const { perturbation, noise, beaching, classes, originStarts = [] } = drift
  const general = isGeneral(drift)
  module.setVertical(
    Number(general),
    Number(drift.vertical === 'mixed'),
    drift.wavePeriodSeconds ?? 0
  )
  // On the fast path a share of the wind is windage like any other.
  const ofWind = drift.stokes === 'parameterised' ? STOKES_OF_WIND : 0
  module.setForces(
    perturbation?.currentFactor ?? 1,
    general ? ofWind : 0,
    Number(drift.isDiffusivityField ?? false)
  )
  const added = general ? 0 : ofWind
  const factor = perturbation?.windageFactor ?? 1
  for (const [index, { windage, riseVelocity, depth }] of classes.entries()) {
    const [least, most] = windage
    module.setClass(index, least * factor + added, most * factor + added, riseVelocity, depth)
  }
  module.setNoise(
    Number(noise !== undefined),
    noise?.deviationMetresPerSecond ?? 0,
    noise?.timescaleSeconds ?? 1
  )
  const depths = drift.levelDepths ?? [0]
  module.setLevels(depths.length)
  for (const [level, metres] of depths.entries()) module.setLevelDepth(level, metres)
  module.setCoast(
    COASTS.indexOf(drift.coast ?? 'strand'),
    beaching?.beachingSeconds ?? 1,
    beaching?.refloatSeconds ?? 1,
    beaching?.zoneMetres ?? 0,
    Number(hasCoast),
    originStarts.length + 1
  )
  const maxAge = drift.maxAgeSeconds
  const maxSteps = maxAge === undefined ? 0 : Math.ceil(maxAge / Math.abs(stepSeconds))
  module.setRetirement(maxSteps, drift.halfLifeSeconds ?? 0)
}

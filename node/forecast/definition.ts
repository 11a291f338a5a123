/**
 * The forecast definition: what a person writes in YAML, read into one typed object in model
 * units (seconds, metres, degrees). Every value keeps where it stood in the file, so that a later
 * refusal (a point on land, a step too long) can still name `file:line:col path`.
 */

/** Where a value stands: the start of every message about it, `file:line:col path`. */
export interface Mark {
  readonly place: string
  readonly path: string
}

export type ForcingRole = 'current' | 'wind' | 'stokes'

export interface ForcingEntry {
  readonly role: ForcingRole
  /** File, folder or glob, relative to the folder of the forecast file. */
  readonly source: string
  readonly depthMetres?: number
  readonly map?: { readonly u: string; readonly v: string }
  readonly attribution?: string
  readonly mark: Mark
}

/** `particleCount` particles dealt round-robin over `points`, each within `radiusMetres`. */
export interface SeedingEntry {
  /** [lon, lat] in degrees ([x, y] in metres on the flat metric). */
  readonly points: readonly (readonly [number, number])[]
  readonly pointMarks: readonly Mark[]
  readonly particleCount: number
  readonly radiusMetres: number
  readonly releaseSeconds: number
  readonly releaseMark: Mark
  /** Index in `classes`. */
  readonly classIndex: number
}

export interface ClassDefinition {
  readonly name: string
  readonly windage: readonly [number, number]
}

export interface ForecastDefinition {
  readonly file: string
  /** Folder that sources are relative to. */
  readonly baseDir: string
  readonly name: string
  readonly title: string
  readonly institution: string
  readonly license: string
  readonly startSeconds: number
  readonly durationSeconds: number
  /** Absent: chosen by the planner. */
  readonly stepSeconds?: number
  readonly outputSeconds: number
  readonly metric: 'wgs84' | 'sphere1852' | 'flat'
  readonly forcing: readonly ForcingEntry[]
  readonly seeding: readonly SeedingEntry[]
  readonly physics: {
    readonly scheme: 'rk4' | 'rk2' | 'euler'
    readonly diffusivity: number
    readonly isWindRelative: boolean
    readonly coast: 'strand'
  }
  readonly classes: readonly ClassDefinition[]
  readonly memberCount: number
  /** 64-bit random seed as [high, low] words. */
  readonly rngSeed: readonly [number, number]
  /** Absent: chosen by the planner. */
  readonly densityResolutionDegrees?: number
  readonly trackedCount: number
  readonly mesh: {
    readonly policy: 'quorum'
    readonly quorum: number
    /** Absent: chosen by the planner. */
    readonly unitParticles?: number
    /** Absent: one window. */
    readonly windowSeconds?: number
    readonly deadlineSeconds: number
    readonly priority: number
  }
  /** Where the values that the planner checks stand. */
  readonly marks: {
    readonly start: Mark
    readonly duration: Mark
    readonly step: Mark
    readonly output: Mark
    readonly density: Mark
    readonly unitParticles: Mark
    readonly window: Mark
  }
  /** Decisions the reader of the file took, one sentence each. */
  readonly notes: readonly string[]
}

/**
 * Reads and checks a forecast file.
 * @throws MeshError `forecast/invalid` with one line `file:line:col path message` per error,
 *   `forecast/unsupported` with one such line per feature of a later version
 */
export function readForecastFile(_path: string): Promise<ForecastDefinition> {
  throw new Error('being written')
}

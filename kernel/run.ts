/**
 * One run of the module: particles of one unit over consecutive steps on one crop. The host writes
 * slices where the module says, packs the three records of a step (t, t+½, t+1), steps, and copies
 * outputs and state out as bytes.
 */

/** Roles in the module's order. */
export const ROLES = ['current', 'wind', 'stokes'] as const
export type Role = (typeof ROLES)[number]
/** Numbers are the module's. */
export const SCHEMES = ['rk4', 'rk2', 'euler'] as const
/** Nodes around a crop that stages of a step may read. */
export const HALO_NODES = 2

export interface RunSetup {
  readonly longitudes: Float64Array
  readonly latitudes: Float64Array
  readonly isPeriodic: boolean
  readonly isFlat: boolean
  readonly crop: { column: number; row: number; columns: number; rows: number }
  /** Nodes of crop and halo, C order, (columns + 4) × (rows + 4). */
  readonly land: Uint8Array
  /** Cells per metre, four f32 per node of crop and halo. */
  readonly metric: Float32Array
  readonly roles: readonly Role[]
  readonly startSeconds: number
  /** Negative runs backwards. */
  readonly stepSeconds: number
  readonly firstStep: number
  readonly scheme: (typeof SCHEMES)[number]
  readonly diffusivity: number
  readonly isWindRelative: boolean
  readonly rngKey: readonly [number, number]
  readonly classCount: number
  readonly density: {
    readonly west: number
    readonly south: number
    readonly resolution: number
    readonly columns: number
    readonly rows: number
  }
  readonly firstParticle: number
  /** 28 bytes per particle. */
  readonly state: Uint8Array
  readonly trackedCount: number
  readonly fuelMax: number
}

export interface RunOutput {
  readonly counts: readonly number[]
  readonly density: Uint8Array
  readonly tracks: Uint8Array
}

export interface Run {
  /** Copies a slice of crop and halo in (C order, no padding). Slice `index` lives in slot index mod 2. */
  loadSlice(role: Role, index: number, u: Float32Array, v: Float32Array): void
  /** Slices around the time of the next pack. */
  bracket(role: Role, index: number, timeSeconds: number, nextTimeSeconds: number): void
  /** Packs the record of half step 0, 1 or 2 of the next step. */
  pack(half: 0 | 1 | 2): void
  /** @throws KernelFault */
  step(): void
  output(): RunOutput
  /** A view of the state in id order, valid until the next call. */
  state(): Uint8Array
  readonly fuel: number
  readonly bounds: readonly [number, number, number, number]
}

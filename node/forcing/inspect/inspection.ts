/** What `driftmesh data inspect --json` says: every field is part of that answer. */
import type { DataFile } from '../read/data-file.ts'
import type { ForcingRole } from '../source.ts'

/** A component (eastward or northward) as it stands in the file. */
export interface InspectedVariable {
  readonly name: string
  /** How it was recognised: its CF standard name, or `alias`. */
  readonly understoodBy: string
  /** As written; empty when the file gives none. */
  readonly units: string
  /** What values are multiplied by to be in m/s. */
  readonly metresPerSecondFactor: number
  /** Over all times at the chosen level, m/s; absent when every value is missing. */
  readonly statistics?: { readonly min: number; readonly mean: number; readonly max: number }
  /** Share of values that are missing, 0 to 1. */
  readonly missingShare: number
}

export interface InspectedAxis {
  readonly name: string
  readonly count: number
  readonly min: number
  readonly max: number
}

export interface InspectedRole {
  /** `seaLevel` holds one variable, under `u`, in metres. */
  readonly role: ForcingRole | 'seaLevel'
  /** Absent where the file holds the other component only. */
  readonly u?: InspectedVariable
  readonly v?: InspectedVariable
  /** What the grid is, where it is not on longitude and latitude axes. */
  readonly gridName?: string
  /** Range of longitudes and columns; of latitudes and rows. */
  readonly longitudes: InspectedAxis
  readonly latitudes: InspectedAxis
  readonly isPeriodic: boolean
  /** ISO 8601. */
  readonly times: { readonly count: number; readonly first: string; readonly last: string }
  readonly depthsMetres: readonly number[]
  readonly depthUsedMetres?: number
}

export interface InspectedFile {
  readonly file: string
  readonly format: DataFile['format']
  readonly roles: readonly InspectedRole[]
  /** Variables that no role uses. */
  readonly otherVariables: readonly string[]
  readonly warnings: readonly string[]
}

/** Files of one role on one grid, and the term of the physics that they feed. */
export interface Feed {
  readonly role: ForcingRole | 'diffusivity' | 'wavePeriod'
  readonly variables: readonly string[]
  readonly fileCount: number
  /** ISO 8601. */
  readonly first: string
  readonly last: string
  readonly timeCount: number
  readonly term: string
}

export interface Inspection {
  readonly files: readonly InspectedFile[]
  readonly feeds: readonly Feed[]
  /** What only shows when the files are seen together. */
  readonly warnings: readonly string[]
}

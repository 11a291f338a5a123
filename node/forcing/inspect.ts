/**
 * What is in these files, and what is understood of it: the answer of `driftmesh data inspect`.
 */
import type { ForcingRole } from './source.ts'

/** A component (eastward or northward) as it stands in the file. */
export interface InspectedVariable {
  readonly name: string
  /** How it was recognised: its CF standard name, or `alias`. */
  readonly understoodBy: string
  readonly units: string
  /** What values are multiplied by to be in m/s. */
  readonly metresPerSecondFactor: number
  /** Over the whole variable at the chosen depth, m/s; absent when every value is missing. */
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
  readonly role: ForcingRole
  readonly u: InspectedVariable
  readonly v: InspectedVariable
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
  readonly format: 'NetCDF-3' | 'NetCDF-4'
  readonly roles: readonly InspectedRole[]
  /** Variables that no role uses, with their standard name or units. */
  readonly otherVariables: readonly string[]
  readonly warnings: readonly string[]
}

export interface Inspection {
  readonly files: readonly InspectedFile[]
}

/** @throws MeshError `forcing/unreadable` when a file is not a data file or is cut off */
export function inspectFiles(
  _files: readonly string[],
  _options: { signal?: AbortSignal } = {}
): Promise<Inspection> {
  throw new Error('being written')
}

/** The inspection as text for a terminal. */
export function formatInspection(_inspection: Inspection): string {
  throw new Error('being written')
}

/** What the HDF5 thread is asked and what it answers; one answer to each question, in order. */
import type { DataVariable, Range, Stored } from '../data-file.ts'

/** A variable and where it lies in the file's groups. */
export interface StoredVariable {
  readonly path: string
  readonly variable: DataVariable
}

export type ToHdf5 =
  | { readonly kind: 'open'; readonly path: string }
  | {
      readonly kind: 'read'
      readonly id: number
      readonly path: string
      readonly ranges: readonly Range[]
    }
  | { readonly kind: 'close'; readonly id: number }

export type FromHdf5 =
  | { readonly kind: 'opened'; readonly id: number; readonly variables: readonly StoredVariable[] }
  | { readonly kind: 'values'; readonly values: Stored }
  | { readonly kind: 'closed' }
  | Hdf5Failure

export interface Hdf5Failure {
  readonly kind: 'failed'
  readonly reason: string
  /** The data is sound, but one of its filters is not here. */
  readonly filter?: string
  /** It did not answer in time, and would not the next time. */
  readonly isHung?: boolean
}

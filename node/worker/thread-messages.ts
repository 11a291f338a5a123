/**
 * What the pool and a kernel thread say to each other. Slices are sent a few ahead of the run and
 * answered one by one, so that neither side holds a whole forecast's forcing.
 */
import type { ErrorCode } from '../mesh-error.ts'
import type { Slice } from './unit-inputs.ts'
import type { UnitJob } from './unit-run.ts'

/** Slices under way to a thread: hides fetching, bounds memory. */
export const SLICES_AHEAD = 4

export type ToThread =
  | {
      readonly kind: 'job'
      /** Slices name their job: those of one that failed may still be under way. */
      readonly number: number
      readonly job: Omit<UnitJob, 'unit'>
      readonly unit: Uint8Array
    }
  | { readonly kind: 'slice'; readonly number: number; readonly slice: Slice }

export type FromThread =
  /** It has the job: its wall clock runs. */
  | { readonly kind: 'started' }
  | { readonly kind: 'taken' }
  /** It has taken every slice it got and cannot go on: its wall clock stands. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'progress'; readonly particleSteps: number }
  | { readonly kind: 'done'; readonly root: Uint8Array; readonly blocks: readonly PlainBlock[] }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }

/** A block without classes: CID bytes and bytes. */
interface PlainBlock {
  readonly cid: Uint8Array
  readonly bytes: Uint8Array
}

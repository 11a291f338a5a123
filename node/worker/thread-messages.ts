/**
 * What the pool and a kernel thread say to each other. Slices are sent a few ahead of the run and
 * answered one by one, so that neither side holds a whole forecast's forcing.
 */
import { CID } from 'multiformats/cid'
import type { Block } from '../../protocol/canonical.ts'
import type { ErrorCode } from '../mesh-error.ts'
import type { Slice } from './unit-inputs.ts'
import type { RanSegments, UnitJob } from './unit-run.ts'

/** Slices under way to a thread: hides fetching, bounds memory. */
export const SLICES_AHEAD = 4

export type ToThread =
  | {
      readonly kind: 'job'
      /** Slices name their job: those of one that failed may still be under way. */
      readonly number: number
      readonly job: Omit<UnitJob, 'unit' | 'before'>
      readonly unit: Uint8Array
      readonly before: PlainRan
    }
  | { readonly kind: 'slice'; readonly number: number; readonly slice: Slice }

export type FromThread =
  /** It has the job: its wall clock runs. */
  | { readonly kind: 'started' }
  | { readonly kind: 'taken' }
  /** It has taken every slice it got and cannot go on: its wall clock stands. */
  | { readonly kind: 'waiting' }
  /** It sleeps because its brake says so, or goes on: its wall clock stands meanwhile. */
  | { readonly kind: 'resting'; readonly isResting: boolean }
  | { readonly kind: 'progress'; readonly particleSteps: number }
  | { readonly kind: 'segment'; readonly ran: PlainRan; readonly blocks: readonly PlainBlock[] }
  | { readonly kind: 'done'; readonly root: Uint8Array; readonly blocks: readonly PlainBlock[] }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }

/** A block without classes: CID bytes and bytes. */
export interface PlainBlock {
  readonly cid: Uint8Array
  readonly bytes: Uint8Array
}

/** {@link RanSegments} without classes: CID bytes. */
export interface PlainRan {
  readonly states: readonly Uint8Array[]
  readonly segments: readonly (readonly Uint8Array[])[]
  readonly fuel: number
}

export const plainRan = ({ states, segments, fuel }: RanSegments): PlainRan => ({
  states: states.map(({ bytes }) => bytes),
  segments: segments.map((links) => links.map(({ bytes }) => bytes)),
  fuel
})

export const ranOf = ({ states, segments, fuel }: PlainRan): RanSegments => ({
  states: states.map((bytes) => CID.decode(bytes)),
  segments: segments.map((links) => links.map((bytes) => CID.decode(bytes))),
  fuel
})

export const plainBlocks = (blocks: readonly Block[]): PlainBlock[] =>
  blocks.map(({ cid, bytes }) => ({ cid: cid.bytes, bytes }))

export const blocksOf = (plain: readonly PlainBlock[]): Block[] =>
  plain.map(({ cid, bytes }) => ({ cid: CID.decode(cid), bytes }))

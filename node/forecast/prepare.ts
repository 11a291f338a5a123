/**
 * From a forecast file to a plan: forcing becomes content, seeding becomes states, particles are
 * cut into blocks. Every block it makes is in the store when it returns, and the same file over
 * the same data gives the same plan CID.
 */
import type { CID } from 'multiformats/cid'
import type { Block } from '../../protocol/canonical.ts'
import type { Plan } from '../../protocol/plan.ts'
import type { Blocks } from '../store/blocks.ts'

export interface PrepareProgress {
  readonly phase: string
  readonly done: number
  readonly total: number
}

export interface PreparedForecast {
  /** The plan's canonical bytes and CID. */
  readonly block: Block
  readonly plan: Plan
  /** Decisions taken for the user, one sentence each, to be printed. */
  readonly notes: readonly string[]
}

export interface PrepareDeps {
  readonly blocks: Blocks
  readonly kernel: { readonly bytes: Uint8Array; readonly cid: CID }
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: PrepareProgress) => void
}

/** @throws MeshError forecast/*, forcing/*, plan/refused */
export function prepareForecast(_path: string, _deps: PrepareDeps): Promise<PreparedForecast> {
  throw new Error('being written')
}

/**
 * Makes the forecast folder: the product plus `forecast.json` and `provenance/`. Nothing in it
 * comes from a clock or from this machine, so the same signed inputs give the same forecast CID.
 */
import type { CID } from 'multiformats/cid'
import type { ForecastBody } from '../../../protocol/message.ts'
import type { Blocks } from '../../store/blocks.ts'
import type { AssembledProduct } from './assemble.ts'

export interface ForecastFolderInput {
  /** Canonical bytes of the plan. */
  readonly plan: Uint8Array
  readonly body: ForecastBody
  /** Signed `cosignature` envelopes, in any order. */
  readonly cosignatures: readonly Uint8Array[]
  /** Signed `verdict` envelopes of every settled slot; with unitsTable they give `body.units`. */
  readonly verdicts: readonly Uint8Array[]
  /** Signed `federation` envelope. */
  readonly federation: Uint8Array
  readonly assembled: AssembledProduct
  readonly blocks: Blocks
  readonly signal?: AbortSignal
}

export interface ForecastFolder {
  readonly forecast: CID
  readonly standing: 'verified' | 'single-source'
}

export function buildForecastFolder(_input: ForecastFolderInput): Promise<ForecastFolder> {
  throw new Error('being written')
}

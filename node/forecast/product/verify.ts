/**
 * Checks a forecast with nothing but the federation's root key: signatures, verdicts, every byte
 * of the product, and results by re-execution. The first disagreement ends it with both CIDs.
 */
import type { CID } from 'multiformats/cid'
import type { Kernel } from '../../../kernel/kernel.ts'
import type { Blocks } from '../../store/blocks.ts'
import type { ComputeUnit } from '../../worker/kernel-pool.ts'

export type VerifyScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'sample'; readonly fraction: number }
  /** `member/block/window` */
  | { readonly kind: 'unit'; readonly id: string }

export interface VerifyProgress {
  readonly phase: 'signatures' | 'units' | 'product' | 'files' | 'reexecution'
  readonly done: number
  readonly total: number
}

export interface VerifyInput {
  readonly cid: CID
  readonly blocks: Blocks
  readonly rootKey: Uint8Array
  readonly kernel: Kernel
  readonly compute: ComputeUnit
  readonly scope: VerifyScope
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: VerifyProgress) => void
}

/** JSON-able: what was checked. */
export interface VerifyReport {
  readonly forecast: string
  readonly product: string
  readonly plan: string
  readonly units: number
  readonly reexecuted: readonly string[]
  /** Hex public keys. */
  readonly operators: readonly string[]
  readonly coordinators: readonly string[]
  /** Signatures checked, all kinds. */
  readonly signatures: number
  readonly singleSource: boolean
  /** `member/block/window` of each slot the product lacks. */
  readonly gaps: readonly string[]
  readonly files: number
  readonly seconds: number
}

export function verifyForecast(_input: VerifyInput): Promise<VerifyReport> {
  throw new Error('being written')
}

/**
 * A forecast without a mesh: the same plan, kernel, units and products as the network computes,
 * so the same product CID. Nothing is written before everything is computed, and then by rename.
 */
import type { Status } from '../../protocol/result.ts'

export interface SimulateProgress {
  /** 'forcing' and other phases of preparation, then 'units' (particle-steps), 'product'. */
  readonly phase: string
  readonly done: number
  readonly total: number
}

export interface SimulateOptions {
  /** Folder for the product; must not exist, or be empty. */
  readonly out?: string
  /** CSV file for the tracks. */
  readonly tracks?: string
  readonly threads: number
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: SimulateProgress) => void
  /** Called once, when the plan is made. */
  readonly onNotes?: (notes: readonly string[]) => void
}

/** What `simulate --json` prints (DESIGN §4). */
export interface SimulateSummary {
  readonly product: string
  readonly products: Readonly<Record<string, { readonly path: string; readonly cid: string }>>
  /** Particles of all members. */
  readonly particles: number
  readonly particleSteps: number
  readonly seconds: number
  readonly status: Readonly<Record<Status, number>>
}

/** @throws MeshError of every room it goes through; abort errors pass untouched */
export function simulateForecast(
  _path: string,
  _options: SimulateOptions
): Promise<SimulateSummary> {
  throw new Error('being written')
}

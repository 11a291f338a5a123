/**
 * From ocean model files to forcing content: every role on the current's grid, in m/s, land filled
 * by one ring, cut into tiles with CIDs. The same data gives the same bytes on every machine,
 * whatever the order of the files; only `+ - * / sqrt` touch a value on its way (PHYSICS §1).
 */
import type { CID } from 'multiformats/cid'
import type { Forcing } from '../../protocol/forcing.ts'
import type { Blocks } from '../store/blocks.ts'
import type { ForcingSource } from './source.ts'

/** What ingest needs of the kernel: cells per metre, four f32 per node, C order. */
export interface MetricKernel {
  nodeMetric(
    longitudes: Float64Array,
    latitudes: Float64Array,
    metric: 'wgs84' | 'sphere1852' | 'flat'
  ): Float32Array
}

export interface IngestProgress {
  readonly phase: string
  readonly done: number
  readonly total: number
}

export interface IngestRequest {
  readonly sources: readonly ForcingSource[]
  readonly metric: 'wgs84' | 'sphere1852' | 'flat'
  /** The forecast's window in Unix seconds; every role must cover it. */
  readonly startSeconds: number
  readonly endSeconds: number
  readonly blocks: Pick<Blocks, 'put'>
  readonly kernel: MetricKernel
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: IngestProgress) => void
}

export interface IngestedForcing {
  readonly cid: CID
  readonly forcing: Forcing
  /** Per node of the grid, C order: 1 land, 0 sea. */
  readonly land: Uint8Array
  readonly metric: Float32Array
  /** Greatest speed in m/s over the slices used, 0 for an absent role. */
  readonly maxSpeeds: { readonly current: number; readonly wind: number; readonly stokes: number }
  /** Decisions taken for the user, one sentence each, to be printed. */
  readonly notes: readonly string[]
}

/**
 * @throws MeshError `forcing/unreadable`, `forcing/not-understood`, `forcing/no-overlap`,
 *   `forecast/unsupported` (a grid of a later version)
 */
export function ingestForcing(_request: IngestRequest): Promise<IngestedForcing> {
  throw new Error('being written')
}

/** What a volunteer knows. */
import type { CID } from 'multiformats/cid'
import type { Federation } from '../../../protocol/federation.ts'

export interface VolunteerSetup {
  readonly federation: Federation
  /** Our peer key. */
  readonly key: Uint8Array
  readonly operator: Uint8Array
  /** Signed `binding` envelope of the operator for our peer key. */
  readonly binding: Uint8Array
  /** Units computed at the same time. */
  readonly slots: number
  readonly coreCount: number
  readonly memoryPagesMax: number
  readonly kernels: readonly CID[]
  /** First guess of our speed; measured after the first unit. */
  readonly particleStepsPerSecond: number
}

export interface VolunteerState {
  readonly setup: VolunteerSetup
}

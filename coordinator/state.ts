/** What a coordinator knows. */
import type { Federation } from '../protocol/federation.ts'
import type { Authentic } from '../protocol/signed.ts'

export interface CoordinatorSetup {
  readonly federation: Authentic<Federation>
  /** Our own key; it is one of the federation's coordinators. */
  readonly key: Uint8Array
}

export interface CoordinatorState {
  readonly setup: CoordinatorSetup
}

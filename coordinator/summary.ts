/** How far a plan is, for people and status APIs; everything from what the ledger rebuilds. */
import type { CID } from 'multiformats/cid'
import type { PlanSlot } from './slots.ts'
import type { CoordinatorState } from './state.ts'

export type PlanStage =
  | 'running'
  | 'assembling'
  | 'checking'
  | 'cosigning'
  | 'publishing'
  | 'published'
  | 'disputed'

export interface PlanProgress {
  readonly plan: string
  readonly name: string
  readonly stage: PlanStage
  readonly isLead: boolean
  /** Key of the lead as hex. */
  readonly lead: string
  readonly submittedAtMs: number
  readonly units: {
    readonly total: number
    /** Slots this coordinator owns. */
    readonly owned: number
    /** Owned: waiting for a volunteer, or for the window before. */
    readonly open: number
    /** Owned: a replica is being computed, none committed. */
    readonly leased: number
    /** Owned: at least one commit, not settled. */
    readonly committed: number
    /** All coordinators' settled slots that we know of. */
    readonly verified: number
    readonly failed: number
    /** Unsettled slots of other owners. */
    readonly elsewhere: number
  }
  /** Leases ever granted by us, and verdict voters of other owners. */
  readonly replicas: number
  /** Per verified unit: its distinct agreeing operators, hex. */
  readonly operators: readonly (PlanSlot & { readonly operators: readonly string[] })[]
  readonly operatorsPerUnitMin: number
  /** Units each operator agreed on, by operator hex. */
  readonly computedBy: Readonly<Record<string, number>>
  readonly faults: readonly (PlanSlot & {
    readonly operator: string
    readonly peer: string
    readonly reason: string
  })[]
  readonly gaps: readonly (PlanSlot & { readonly reason: string })[]
  /** Particle-steps of verified units, each once. */
  readonly particleStepsVerified: number
  /** Particle-steps of all replicas, running ones as far as they reported. */
  readonly particleStepsDone: number
  /** Particle-steps of the whole plan, each once. */
  readonly particleStepsTotal: number
  readonly product?: string
  readonly forecast?: string
  readonly cosignatures: number
}

/** @returns undefined when the plan is not known here */
export function progressOf(_state: CoordinatorState, _plan: CID): PlanProgress | undefined {
  throw new Error('being written')
}

/** CIDs of all plans, oldest first. */
export function plansOf(_state: CoordinatorState): readonly CID[] {
  throw new Error('being written')
}

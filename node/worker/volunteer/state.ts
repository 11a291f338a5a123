/**
 * What a volunteer knows. `durable` is what its records say; `live` is what a restart may forget,
 * because coordinators say it again.
 */
import type { CID } from 'multiformats/cid'
import type { Federation, Timers } from '../../../protocol/federation.ts'
import type { LeaseGrant } from '../../../protocol/message/lease.ts'
import { scaledTimers } from '../../../protocol/timers.ts'
import type { WorkUnit } from '../../../protocol/work-unit.ts'
import type { Outcome } from './record.ts'

export interface VolunteerSetup {
  readonly federation: Federation
  /** Our peer key. */
  readonly key: Uint8Array
  readonly operator: Uint8Array
  /** Signed `binding` envelope of the operator for our peer key. */
  readonly binding: Uint8Array
  /** Signed `admission` or `vouch`, where the federation asks for one. */
  readonly admission?: Uint8Array
  /** Units computed at the same time. */
  readonly slots: number
  readonly coreCount: number
  readonly memoryPagesMax: number
  readonly kernels: readonly CID[]
  /** Out of reach for so long at a time: leases last at least that, and nothing is expected. */
  readonly offlineMs?: number
  /** First guess of our speed; measured after the first unit. */
  readonly particleStepsPerSecond: number
}

/** A lease we hold. */
export interface Work {
  /** Hex of the lease's id. */
  readonly lease: string
  /** Key of the coordinator that granted it. */
  readonly owner: Uint8Array
  readonly grant: LeaseGrant
  /** The signed grant. */
  readonly envelope: Uint8Array
  readonly unit: WorkUnit
  /** Present once the unit is computed. */
  computed?: {
    readonly result: CID
    readonly traceRoot: Uint8Array
    readonly fuel: number
    readonly salt: Uint8Array
  }
  /** The signed `witnessing` of our digest. */
  witness?: Uint8Array
}

/** What a unit gave whose lease ended without a verdict; another owner may want it. */
export type Finished = Omit<NonNullable<Work['computed']>, 'salt'>

export interface Durable {
  /** By hex of the lease. */
  readonly works: Map<string, Work>
  /** By CID of the unit, oldest first. */
  readonly finished: Map<string, Finished>
  /** Forcings and states of the units computed last, by their CID, longest ago first. */
  readonly lately: Map<string, CID>
  readonly outcomes: Record<Outcome, number>
  /** Particle-steps of verified results. */
  fuelVerified: number
}

/** The conversation about one lease. */
export interface Talk {
  /** Messages whose answer is awaited. */
  outstanding: number
  /** When to speak next. */
  dueAtMs: number
  /** What the owner last told us. */
  stage: 'computing' | 'committing' | 'waiting' | 'revealing'
  particleStepsDone: number
  /** Segments whose state before them was asked for. */
  readonly opened: Set<number>
  /** Those states are not there yet: no reveal before they are. */
  isOpening: boolean
  /** Unanswered messages in a row. */
  failures: number
  /** Witnesses asked in vain so far: whose turn it is. */
  witnessesTried: number
  answeredAtMs: number
}

/** A coordinator that announced units. */
export interface Owner {
  readonly key: Uint8Array
  readonly addresses: readonly string[]
  heardAtMs: number
  askAtMs: number
  askedAtMs: number
  failures: number
  /** The request that is awaited or to be repeated; a repeat gets the grant of the first. */
  request: Uint8Array | undefined
  exchange: string | undefined
  /** True when news of open units is no reason to ask earlier. */
  mustWait: boolean
}

export interface Live {
  exchanges: number
  isDraining: boolean
  /** Units that may be computed now: fewer than the setup's while the machine is needed. */
  slots: number
  particleStepsPerSecond: number
  /** By hex of the lease. */
  readonly talks: Map<string, Talk>
  /** By hex of the key. */
  readonly owners: Map<string, Owner>
}

export interface VolunteerState {
  readonly setup: VolunteerSetup
  readonly timers: Timers
  readonly durable: Durable
  readonly live: Live
}

export const emptyState = (setup: VolunteerSetup): VolunteerState => ({
  setup,
  timers: scaledTimers(setup.federation),
  durable: {
    works: new Map(),
    finished: new Map(),
    lately: new Map(),
    outcomes: { verified: 0, dissenting: 0, dropped: 0, failed: 0, expired: 0, lost: 0 },
    fuelVerified: 0
  },
  live: {
    exchanges: 0,
    isDraining: false,
    slots: setup.slots,
    particleStepsPerSecond: setup.particleStepsPerSecond,
    talks: new Map(),
    owners: new Map()
  }
})

/** What a volunteer can say about itself. */
export interface VolunteerSummary {
  readonly computing: number
  /** Computed, not decided. */
  readonly awaiting: number
  readonly outcomes: Readonly<Record<Outcome, number>>
  readonly fuelVerified: number
  readonly particleStepsPerSecond: number
}

export function summaryOf({ durable, live }: VolunteerState): VolunteerSummary {
  const works = [...durable.works.values()]
  const computing = works.filter(({ computed }) => computed === undefined).length
  return {
    computing,
    awaiting: works.length - computing,
    outcomes: { ...durable.outcomes },
    fuelVerified: durable.fuelVerified,
    particleStepsPerSecond: live.particleStepsPerSecond
  }
}

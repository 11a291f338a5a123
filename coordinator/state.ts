/**
 * What a coordinator knows. `durable` is what its facts say and nothing else, so a replayed ledger
 * gives it again; `live` is what a restart may forget, because peers say it again.
 */
import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import type { Federation, Timers } from '../protocol/federation.ts'
import type { GapReason } from '../protocol/message/notice.ts'
import type { Fault } from '../protocol/message/result.ts'
import type { Plan } from '../protocol/plan.ts'
import type { Authentic } from '../protocol/signed.ts'
import { scaledTimers } from '../protocol/timers.ts'
import type { FactOf, LEASE_ENDS } from './fact.ts'
import type { PickSet } from './grant/pick-set.ts'
import { emptyLive, type Live } from './live.ts'
import { RULES, type Rules } from './rules.ts'
import type { PlanSlot, SlotInput } from './slots.ts'
import type { Execution } from './trust/executions.ts'
import type { OperatorState } from './trust/reputation.ts'
import { newSeniority, type Seniority } from './trust/seniority.ts'

export interface CoordinatorSetup {
  readonly federation: Authentic<Federation>
  /** Our own key; it is one of the federation's coordinators. */
  readonly key: Uint8Array
  /** Rules that are not as in production: for tests alone. */
  readonly rules?: Partial<Rules>
}

/**
 * leased → committed → asked → revealed → checked; or `ended` before its commit, `faulty` after.
 */
export type ReplicaPhase =
  | 'leased'
  | 'committed'
  | 'asked'
  | 'revealed'
  | 'checked'
  | 'faulty'
  | 'ended'

export interface Replica {
  readonly id: Uint8Array
  /** Hex of `id`. */
  readonly lease: string
  readonly attempt: number
  readonly operatorKey: Uint8Array
  /** Hex of `operatorKey`. */
  readonly operator: string
  readonly peer: Uint8Array
  readonly binding: Uint8Array
  readonly grant: Uint8Array
  readonly grantedAtMs: number
  /** An offline bundle: nothing is heard of it before its commit. */
  readonly isOffline?: true
  readonly lotterySecret?: Uint8Array
  expiresAtMs: number
  phase: ReplicaPhase
  end?: (typeof LEASE_ENDS)[number]
  digest?: Uint8Array
  /** The signed `commit`. */
  commit?: Uint8Array
  /** Segments to be run again before its result counts. */
  auditSegments?: readonly number[]
  /** The signed `witnessing` of the digest. */
  witness?: Uint8Array
  askedAtMs?: number
  revealed?: {
    readonly result: CID
    readonly traceRoot: Uint8Array
    readonly fuel: number
    readonly envelope: Uint8Array
  }
  checked?: { readonly state: CID; readonly bounds: readonly number[] }
  fault?: Fault
  /** It was looked at when the slot was decided. */
  isCounted?: true
}

export interface SettledOutcome {
  readonly kind: 'settled'
  readonly verdict: Uint8Array
  readonly unit: CID
  readonly result: CID
  readonly traceRoot: Uint8Array
  readonly fuel: number
  /** Hex of the operators. */
  readonly agreeing: readonly string[]
  readonly dissenting: readonly string[]
  /** Hex of the coordinator whose verdict it is, and its term. */
  readonly decidedBy: string
  readonly term: number
  /** How often the verdict was revised. */
  readonly revision: number
  /** Signed `attestation` envelopes by hex of the coordinator. */
  readonly attestations: Map<string, Uint8Array>
  /** What the next window starts from; absent until a foreign result is here. */
  held?: { readonly state: CID; readonly bounds: readonly number[] }
}

export interface FailedOutcome {
  readonly kind: 'failed'
  readonly reason: GapReason
  /** Term of whoever said so. */
  readonly term: number
}

export interface SlotState {
  readonly place: PlanSlot
  /** Is it ours to grant and to decide? Changes when an owner is deposed. */
  isOwned: boolean
  /** Rank of the owner when it became the owner. */
  term: number
  /** Absent for a slot of another owner. */
  input?: SlotInput
  readonly openedAtMs: number
  /** CID of the work unit, once granted. */
  unit?: CID
  readonly replicas: Map<string, Replica>
  /** Segments we ran ourselves, by executionKey. */
  readonly executions: Map<string, Execution>
  errors: number
  /** The last of its plan, and slow: one replica more than needed. */
  isUrgent?: true
  /** Policy throughput, once it is drawn, and for whose commit. */
  lottery?: { readonly lease: string; readonly isReplicated: boolean }
  /** Decided, and being computed once more: who agreed lied elsewhere. */
  recheck: boolean
  /** How often its verdict was revised. */
  revision: number
  outcome?: SettledOutcome | FailedOutcome
}

export interface PlanState {
  readonly cid: CID
  readonly body: Plan
  /** The rules of this coordinator. */
  readonly rules: Rules
  readonly lead: Uint8Array
  readonly submittedAtMs: number
  readonly sources: FactOf<'plan-opened'>['sources']
  /** By slotKey; later windows and foreign slots appear when they are known. */
  readonly slots: Map<string, SlotState>
  /** Keys of owned slots that want a further replica. */
  readonly open: PickSet
  /** Those of them that somebody computes already: one more and they are decided. */
  readonly waiting: PickSet
  /** Keys of foreign settled slots whose result is not here yet. */
  readonly awaited: Set<string>
  /** Keys of foreign settled slots that we did not check yet. */
  readonly unchecked: Set<string>
  /** Keys of settled slots that are not final. */
  readonly unattested: Set<string>
  /** Results we attested, by questionOf: one each, whatever the term. */
  readonly attested: Map<string, CID>
  /** By hex of the coordinator: k signed that it is silent. */
  readonly deposed: Map<
    string,
    { readonly coordinator: Uint8Array; readonly silences: readonly Uint8Array[] }
  >
  settledCount: number
  /** Slots that are being computed once more: nothing is assembled meanwhile. */
  recheckCount: number
  /** Version of the next forecast: a revised verdict makes another. */
  version: number
  failedCount: number
  product?: CID
  disputed?: string
  /** By hex of the coordinator. */
  readonly cosignatures: Map<string, Uint8Array>
  forecast?: CID
  publishedAtMs?: number
}

export interface Durable {
  /** By CID text, oldest first. */
  readonly plans: Map<string, PlanState>
  /** Every lease ever granted: where it belongs. */
  readonly leases: Map<string, { readonly plan: string; readonly slot: string }>
  /** Lease of every lease request that was granted. */
  readonly requests: Map<string, string>
  /** Leases that wait for something of their volunteer or of us. */
  readonly active: Set<string>
  readonly operators: Map<string, OperatorState>
  /** Operators that are past their probation. */
  established: number
  /** Their records: who may stand for newer ones. */
  readonly seniority: Seniority
  /** Digests we sealed, by plan and hex of the lease. */
  readonly witnessed: Map<
    string,
    Map<string, { readonly digest: Uint8Array; readonly witnessing: Uint8Array }>
  >
  /** Length of our ledger and the hash that ends it (node/store/ledger.ts). */
  log: { readonly length: number; readonly head: Uint8Array }
  /** Until when each operator is admitted, by hex. */
  readonly admitted: Map<string, number>
  /** Signed proofs by hex of the coordinator that they expel. */
  readonly expelled: Map<string, Uint8Array>
}

export interface CoordinatorState {
  readonly setup: CoordinatorSetup
  /** The coordinators of the federation other than this one. */
  readonly others: Federation['coordinators']
  readonly rules: Rules
  readonly timers: Timers
  readonly durable: Durable
  readonly live: Live
}

export const emptyState = (setup: CoordinatorSetup): CoordinatorState => ({
  setup,
  others: setup.federation.body.coordinators.filter(({ key }) => !equals(key, setup.key)),
  rules: { ...RULES, ...setup.rules },
  timers: scaledTimers(setup.federation.body),
  durable: {
    plans: new Map(),
    leases: new Map(),
    requests: new Map(),
    active: new Set(),
    operators: new Map(),
    established: 0,
    seniority: newSeniority(),
    witnessed: new Map(),
    log: { length: 0, head: new Uint8Array(32) },
    admitted: new Map(),
    expelled: new Map()
  },
  live: emptyLive()
})

export const settledOutcome = ({ outcome }: SlotState): SettledOutcome | undefined =>
  outcome?.kind === 'settled' ? outcome : undefined

export const slotKey = (place: PlanSlot): string => `${place.member}/${place.block}/${place.window}`

/** Is nothing of the slot wanted any more? */
export const isOver = ({ outcome, recheck }: SlotState): boolean =>
  outcome !== undefined && !recheck

/** The slot and replica of a lease. */
export function findLease(
  durable: Durable,
  lease: string
): { plan: PlanState; slot: SlotState; replica: Replica } | undefined {
  const where = durable.leases.get(lease)
  if (where === undefined) return undefined
  const plan = durable.plans.get(where.plan)
  const slot = plan?.slots.get(where.slot)
  const replica = slot?.replicas.get(lease)
  if (plan === undefined || slot === undefined || replica === undefined) {
    throw new Error(`defect: lease ${lease} belongs nowhere`)
  }
  return { plan, slot, replica }
}

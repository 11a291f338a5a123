/**
 * What a coordinator knows. `durable` is what its facts say and nothing else, so a replayed ledger
 * gives it again; `live` is what a restart may forget, because peers say it again.
 */
import type { CID } from 'multiformats/cid'
import type { Federation, Timers } from '../protocol/federation.ts'
import type { Fault, GapReason } from '../protocol/message.ts'
import type { Plan } from '../protocol/plan.ts'
import type { Authentic } from '../protocol/signed.ts'
import { scaledTimers } from '../protocol/timers.ts'
import type { FactOf, LEASE_ENDS } from './fact.ts'
import { RULES, type Rules } from './rules.ts'
import type { PlanSlot, SlotInput } from './slots.ts'

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
  expiresAtMs: number
  phase: ReplicaPhase
  end?: (typeof LEASE_ENDS)[number]
  digest?: Uint8Array
  askedAtMs?: number
  revealed?: {
    readonly result: CID
    readonly traceRoot: Uint8Array
    readonly fuel: number
    readonly envelope: Uint8Array
  }
  checked?: { readonly state: CID; readonly bounds: readonly number[] }
  fault?: Fault
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
  /** What the next window starts from; absent until a foreign result is here. */
  held?: { readonly state: CID; readonly bounds: readonly number[] }
}

export interface SlotState {
  readonly place: PlanSlot
  readonly isOwned: boolean
  /** Absent for a slot of another owner. */
  readonly input?: SlotInput
  readonly openedAtMs: number
  /** CID of the work unit, once granted. */
  unit?: CID
  readonly replicas: Map<string, Replica>
  errors: number
  outcome?: SettledOutcome | { readonly kind: 'failed'; readonly reason: GapReason }
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
  readonly open: Set<string>
  /** Keys of foreign settled slots whose result is not here yet. */
  readonly awaited: Set<string>
  settledCount: number
  failedCount: number
  product?: CID
  recomputed?: PlanSlot
  disputed?: string
  /** By hex of the coordinator. */
  readonly cosignatures: Map<string, Uint8Array>
  forecast?: CID
  publishedAtMs?: number
}

export interface OperatorState {
  /** Leases it may compute at the same time. */
  quota: number
  /** Wrong results and faults, less those made good by validated work. */
  losses: number
  sitOutUntilMs: number
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
}

/** A statement on its way to another coordinator. */
export interface Outgoing {
  readonly plan: string
  readonly of: CID
  readonly envelope: Uint8Array
  /** Waits for a cosignature, not only for an acknowledgement. */
  readonly wantsCosignature: boolean
  /** When to send it next; an answer is awaited meanwhile. */
  dueAtMs: number
}

export interface Live {
  startedAtMs: number
  addresses: readonly string[]
  /** Last word of each active lease. */
  readonly heard: Map<string, { readonly atMs: number; readonly particleStepsDone: number }>
  /** Work the shell was asked for, and from when it may be asked again. */
  readonly asked: Map<string, { retryAtMs: number }>
  readonly announcedAtMs: Map<string, number>
  readonly outbox: Map<string, Map<string, Outgoing>>
  /** Repetitions left of our publications. */
  readonly publications: Map<string, number>
}

export interface CoordinatorState {
  readonly setup: CoordinatorSetup
  readonly rules: Rules
  readonly timers: Timers
  readonly durable: Durable
  readonly live: Live
}

export const emptyState = (setup: CoordinatorSetup): CoordinatorState => ({
  setup,
  rules: { ...RULES, ...setup.rules },
  timers: scaledTimers(setup.federation.body),
  durable: {
    plans: new Map(),
    leases: new Map(),
    requests: new Map(),
    active: new Set(),
    operators: new Map()
  },
  live: {
    startedAtMs: 0,
    addresses: [],
    heard: new Map(),
    asked: new Map(),
    announcedAtMs: new Map(),
    outbox: new Map(),
    publications: new Map()
  }
})

export const slotKey = (place: PlanSlot): string => `${place.member}/${place.block}/${place.window}`

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

/** Leases an operator starts with, and may have at most (PROTOCOL §3). */
const QUOTA_START = 2
const QUOTA_MAX = 64
/** A loser sits out leaseMin, doubled per further loss, at most this often (16 h at 15 min). */
const SIT_OUT_DOUBLINGS_MAX = 6

export const newOperator = (): OperatorState => ({
  quota: QUOTA_START,
  losses: 0,
  sitOutUntilMs: 0
})

function operatorOf({ operators }: Durable, operator: string): OperatorState {
  const found = operators.get(operator) ?? newOperator()
  operators.set(operator, found)
  return found
}

/** Validated work: the quota doubles and one loss is made good. */
export function reward(durable: Durable, operator: string): void {
  const state = operatorOf(durable, operator)
  state.quota = Math.min(state.quota * 2, QUOTA_MAX)
  state.losses = Math.max(0, state.losses - 1)
}

/** A wrong result or a fault: the quota halves and the operator sits out. */
export function punish(
  { durable, timers, rules }: Pick<CoordinatorState, 'durable' | 'timers' | 'rules'>,
  operator: string,
  atMs: number
): void {
  const state = operatorOf(durable, operator)
  const sitOutMs = timers.leaseMinMs * 2 ** Math.min(state.losses, SIT_OUT_DOUBLINGS_MAX)
  state.quota = Math.max(1, Math.floor(state.quota / 2))
  state.losses += 1
  if (rules.sitOut) state.sitOutUntilMs = Math.max(state.sitOutUntilMs, atMs + sitOutMs)
}

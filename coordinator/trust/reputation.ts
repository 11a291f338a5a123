/**
 * What an operator's work so far is worth. Everything here follows from facts; it costs a newcomer
 * ten validated units to count as established, and one proven lie to be nobody again.
 */
import { type CoordinatorState, isOver, type Replica, type SlotState } from '../state.ts'
import { addRecord } from './seniority.ts'

export interface OperatorState {
  /** Leases it may compute at the same time. */
  quota: number
  /** Wrong results and faults, less those made good by validated work. */
  losses: number
  sitOutUntilMs: number
  /** Validated results, ever. */
  validated: number
  /** Validated results since the last fault. */
  streak: number
  /** Particle-steps of validated results. */
  fuel: number
  /** The signed proof that it lied. */
  convicted?: Uint8Array
  /** Its leases that are being computed. */
  readonly computing: Set<string>
  /** Its replicas from commit to check, on slots that are not decided. */
  readonly standing: Set<string>
  /** Slots whose verdict stands on it, oldest first. */
  readonly agreed: Set<string>
}

/** Leases an operator starts with, and may have at most (PROTOCOL §3). */
const QUOTA_START = 2
const QUOTA_MAX = 64
/** A loser sits out leaseMin, doubled per further loss, at most this often (16 h at 15 min). */
const SIT_OUT_DOUBLINGS_MAX = 6
/**
 * Validated results before an operator is established: what an attacker pays, in honest work, for
 * each identity that may settle a slot with another one.
 */
export const PROBATION_VALIDATED = 10

/**
 * Slots looked at again after a conviction, the newest: liars lie late, sleepers latest. One in 28
 * shared lies is found by the audits, and of 10 % colluders a tenth of the slots are shared, so
 * this is seven times what a pair lives. Nobody makes the mesh compute more than it computed.
 */
const BACKTRACK_SLOTS_MAX = 2048

type Known = Pick<CoordinatorState, 'durable' | 'timers' | 'rules'>

export const newOperator = (): OperatorState => ({
  quota: QUOTA_START,
  losses: 0,
  sitOutUntilMs: 0,
  validated: 0,
  streak: 0,
  fuel: 0,
  computing: new Set(),
  standing: new Set(),
  agreed: new Set()
})

export const standingOfOperator = ({ durable }: Pick<Known, 'durable'>, operator: string) =>
  durable.operators.get(operator) ?? newOperator()

export const isEstablished = ({ validated, convicted }: OperatorState): boolean =>
  validated >= PROBATION_VALIDATED && convicted === undefined

export function operatorOf({ operators }: Known['durable'], operator: string): OperatorState {
  const found = operators.get(operator) ?? newOperator()
  operators.set(operator, found)
  return found
}

/** Counts established operators and their records anew after one changed. */
function change(known: Known, operator: string, to: (state: OperatorState) => void): void {
  const { durable } = known
  const state = operatorOf(durable, operator)
  const was = isEstablished(state)
  if (was) addRecord(durable.seniority, state.validated, -1)
  to(state)
  if (isEstablished(state)) addRecord(durable.seniority, state.validated, 1)
  durable.established += Number(isEstablished(state)) - Number(was)
}

/** A verdict stands on this operator. */
export function remember({ agreed }: OperatorState, slot: string): void {
  agreed.add(slot)
  const oldest = agreed.keys().next()
  if (agreed.size > BACKTRACK_SLOTS_MAX && !oldest.done) agreed.delete(oldest.value)
}

/** Validated work: after the probation the quota doubles; one loss is made good. */
export function reward(known: Known, operator: string, fuel: number): void {
  change(known, operator, (state) => {
    state.validated += 1
    state.streak += 1
    state.fuel += fuel
    state.losses = Math.max(0, state.losses - 1)
    if (!known.rules.probation || state.validated >= PROBATION_VALIDATED) {
      state.quota = Math.min(Math.max(state.quota, 1) * 2, QUOTA_MAX)
    }
  })
}

/** A wrong result or a fault: the quota halves and the operator sits out. */
export function punish(known: Known, operator: string, atMs: number): void {
  change(known, operator, (state) => {
    const { leaseMinMs } = known.timers
    const sitOutMs = leaseMinMs * 2 ** Math.min(state.losses, SIT_OUT_DOUBLINGS_MAX)
    state.quota = Math.max(1, Math.floor(state.quota / 2))
    state.losses += 1
    state.streak = 0
    if (known.rules.sitOut) {
      state.sitOutUntilMs = Math.max(state.sitOutUntilMs, atMs + sitOutMs)
    }
  })
}

/** A proven lie. */
export function convict(known: Known, operator: string, proof: Uint8Array): void {
  change(known, operator, (state) => {
    state.streak = 0
    state.losses += 1
    state.quota = 1
    if (known.rules.ban) state.convicted ??= proof
  })
}

const STANDING: ReadonlySet<Replica['phase']> = new Set([
  'committed',
  'asked',
  'revealed',
  'checked'
])

/** Keeps the lists of leases right after a replica or its slot changed. */
export function track(
  { durable }: Pick<Known, 'durable'>,
  slot: SlotState,
  replica: Replica
): void {
  const { lease, phase } = replica
  const operator = operatorOf(durable, replica.operator)
  const isUndecided = slot.isOwned && !isOver(slot) && replica.isCounted === undefined
  const keep = (set: Set<string>, isIn: boolean): void => {
    if (isIn) set.add(lease)
    else set.delete(lease)
  }
  keep(operator.computing, isUndecided && phase === 'leased')
  keep(operator.standing, isUndecided && STANDING.has(phase))
  const isWaiting = phase === 'leased' || (STANDING.has(phase) && phase !== 'checked')
  keep(durable.active, isUndecided && isWaiting)
}

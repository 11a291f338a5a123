/** Counts over the replicas of a slot: what it stands at and what it still wants. */

import { equals } from 'uint8arrays/equals'
import { toHex } from '../protocol/hex.ts'
import { isOver, type PlanState, type Replica, type SlotState } from './state.ts'
import { type Standing, standingOf, type Vote } from './trust/quorum.ts'

/** Operators that have to agree where policy throughput draws a second one. */
export const THROUGHPUT_QUORUM = 2

/** Operators that have to agree on a slot. */
export function quorumOf({ body }: PlanState, { lottery }: SlotState): number {
  if (body.mesh.policy === 'quorum') return body.mesh.quorum
  return lottery?.isReplicated === true ? THROUGHPUT_QUORUM : 1
}

/** The text in which equal results are equal. */
const voteValue = ({ revealed }: Replica): string => {
  if (revealed === undefined) throw new Error('defect: a vote without a reveal')
  return `${revealed.result} ${toHex(revealed.traceRoot)} ${revealed.fuel}`
}

type Phases = ReadonlySet<Replica['phase']>

// Asked several times per event: one pass, and nothing copied that does not count.
function inPhase({ replicas }: SlotState, phases: Phases): Replica[] {
  const found: Replica[] = []
  for (const replica of replicas.values()) if (phases.has(replica.phase)) found.push(replica)
  return found
}

function countIn({ replicas }: SlotState, phases: Phases): number {
  let count = 0
  for (const { phase } of replicas.values()) if (phases.has(phase)) count += 1
  return count
}

const CHECKED: Phases = new Set(['checked'])
const COMMITTED: Phases = new Set(['committed'])
const PENDING: Phases = new Set(['asked', 'revealed'])
const AT_WORK: Phases = new Set(['leased', 'committed', 'asked', 'revealed'])
const UNDER_WAY: Phases = new Set([...AT_WORK, 'checked'])
const COUNTED: Phases = new Set([...UNDER_WAY, 'faulty'])

export const checkedOf = (slot: SlotState): Replica[] => inPhase(slot, CHECKED)

export const committedOf = (slot: SlotState): Replica[] => inPhase(slot, COMMITTED)

/** Asked to reveal, or revealed and not yet checked: each has a timer. */
export const pendingCount = (slot: SlotState): number => countIn(slot, PENDING)

export function standingOfSlot(plan: PlanState, slot: SlotState): Standing {
  const votes = checkedOf(slot).map(
    (replica): Vote => ({
      replica: replica.lease,
      operator: plan.rules.distinctOperators ? replica.operator : replica.lease,
      value: voteValue(replica)
    })
  )
  const quorum = quorumOf(plan, slot)
  // What ended before its commit was no execution; what of it was a failure is in `errors`.
  const replicas = countIn(slot, COUNTED)
  const { errors } = slot
  return standingOf({ quorum, replicas, errors, hasCaps: plan.rules.caps }, votes)
}

/** Equal votes still missing, replicas under way not counted. */
export function missingVotes(plan: PlanState, slot: SlotState): number {
  const standing = standingOfSlot(plan, slot)
  return standing.kind === 'need-more' ? standing.count : 0
}

/** Do traces differ? Then a segment decides, and no further replica would help. */
function isDisputed(slot: SlotState): boolean {
  const [first, ...others] = checkedOf(slot).map(({ revealed }) => revealed?.traceRoot ?? NONE)
  return first !== undefined && others.some((root) => !equals(root, first))
}

const NONE = new Uint8Array(0)

/** Replicas that may still count: computed, waiting or checked. */
export const underWayOf = (slot: SlotState): Replica[] => inPhase(slot, UNDER_WAY)

/** Further replicas to be granted now. */
export function wantedReplicas(plan: PlanState, slot: SlotState): number {
  if (!slot.isOwned || isOver(slot) || slot.input === undefined) return 0
  if (plan.rules.dispute && isDisputed(slot)) return 0
  const underWay = countIn(slot, AT_WORK)
  const extra = slot.isUrgent && !isOver(slot) ? 1 : 0
  return Math.max(0, missingVotes(plan, slot) + extra - underWay)
}

/** Faults of machines and networks: nothing was claimed that could be wrong. */
const HONEST_FAULTS: ReadonlySet<Replica['fault']> = new Set([
  'no-reveal',
  'blocks-missing',
  'opening-missing'
])

/**
 * Hard rule: an operator has one replica of a slot, unless its lease ended before the commit or it
 * failed without a lie. Else a mesh of a few operators could never settle a slot that most of them
 * once failed on.
 */
export const isOnSlot = ({ rules }: PlanState, slot: SlotState, operator: string): boolean =>
  rules.distinctOperators && hasReplica(slot, operator)

function hasReplica({ replicas }: SlotState, operator: string): boolean {
  for (const { operator: other, phase, fault } of replicas.values()) {
    if (other !== operator || phase === 'ended') continue
    if (phase !== 'faulty' || !HONEST_FAULTS.has(fault)) return true
  }
  return false
}

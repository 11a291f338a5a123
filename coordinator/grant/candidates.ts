/**
 * Which open slots a requester may get: drawn at random from all of them, so that nobody aims at a
 * slot, and without looking at all of them.
 */
import type { LeaseRequest, RefusalReason } from '../../protocol/message/lease.ts'
import { isOnSlot, quorumOf, underWayOf, wantedReplicas } from '../replicas.ts'
import type { SlotInput } from '../slots.ts'
import type { PlanState, SlotState } from '../state.ts'
import { elderCount, hasElder, isElder } from '../trust/elders.ts'
import { standingOfOperator } from '../trust/reputation.ts'
import type { Turn } from '../turn.ts'

export interface Candidate {
  readonly plan: PlanState
  readonly slot: SlotState
  readonly input: SlotInput
}

/** Open slots among which the best is chosen: enough to find cached inputs, too few to aim. */
const GRANT_WINDOW = 32
/** Slots looked at to find them: an operator is on few of many. */
const LOOKED_AT_MAX = 128
/** Of the window so many may be slots that wait for one more: these end soonest. */
const WAITING_WINDOW = 16

/**
 * Newer operators settle nothing among themselves: the last place of a slot is not for them but for
 * an elder, unless there are too few, or none wanted it for long.
 */
function isKeptForElder(turn: Turn, plan: PlanState, slot: SlotState): boolean {
  const { timers } = turn.state
  const quorum = quorumOf(plan, slot)
  if (quorum === 1 && !slot.recheck) return false
  if (elderCount(turn) < quorum) return false
  if (wantedReplicas(plan, slot) > 1 || hasElder(turn, slot)) return false
  const newest = Math.max(slot.openedAtMs, ...underWayOf(slot).map((one) => one.grantedAtMs))
  return turn.atMs - newest < timers.leaseMinMs
}

/** Indexes into `count` things in random order: all of few, some of many. */
function* drawn(turn: Turn, count: number): Iterable<number> {
  if (count > LOOKED_AT_MAX) {
    for (let look = 0; look < LOOKED_AT_MAX; look += 1) yield Math.floor(turn.random() * count)
    return
  }
  const order = Array.from({ length: count }, (_, index) => index)
  for (let left = count; left > 0; left -= 1) {
    const index = Math.floor(turn.random() * left)
    const [one, last] = [order[index], order[left - 1]]
    if (one === undefined || last === undefined) throw new Error('defect: a draw from nothing')
    order[index] = last
    yield one
  }
}

/** First those that wait, then any: each up to so many in all. */
const WINDOWS = [
  ['waiting', WAITING_WINDOW],
  ['open', GRANT_WINDOW]
] as const

/** Up to GRANT_WINDOW random open slots this requester may have, or why there are none. */
export function candidatesOf(
  turn: Turn,
  request: LeaseRequest,
  operator: string
): readonly Candidate[] | RefusalReason {
  const plans = [...turn.state.durable.plans.values()].filter(({ open }) => open.size > 0)
  const fitting = plans.filter(({ body }) => request.kernels.some((k) => k.equals(body.kernel)))
  if (fitting.length === 0) return plans.length > 0 ? 'no-common-kernel' : 'nothing-open'
  const { rules } = turn.state
  const isKept = rules.probation || rules.seniority
  const isNew = isKept && !isElder(turn.state, standingOfOperator(turn.state, operator))
  let reason: RefusalReason = 'nothing-open'
  const found = new Map<SlotState, Candidate>()
  for (const [which, sizeMax] of WINDOWS) {
    const count = fitting.reduce((sum, plan) => sum + plan[which].size, 0)
    for (const index of drawn(turn, count)) {
      if (found.size >= sizeMax) break
      const { plan, slot } = slotAt(fitting, which, index)
      const refused = refusedFor(turn, plan, slot, { operator, isNew })
      if (refused !== undefined) reason = refused
      else if (slot.input !== undefined) found.set(slot, { plan, slot, input: slot.input })
    }
  }
  return found.size === 0 ? reason : [...found.values()]
}

/** Why this operator may not have the slot. */
function refusedFor(
  turn: Turn,
  plan: PlanState,
  slot: SlotState,
  { operator, isNew }: { readonly operator: string; readonly isNew: boolean }
): RefusalReason | undefined {
  if (isOnSlot(plan, slot, operator)) return 'already-on-unit'
  return isNew && isKeptForElder(turn, plan, slot) ? 'probation' : undefined
}

/** The slot at an index over all these plans. */
function slotAt(plans: readonly PlanState[], which: 'waiting' | 'open', index: number) {
  let left = index
  for (const plan of plans) {
    const name = left < plan[which].size ? plan[which].at(left) : undefined
    const slot = name === undefined ? undefined : plan.slots.get(name)
    if (slot !== undefined) return { plan, slot }
    left -= plan[which].size
  }
  throw new Error('defect: an open slot that is not there')
}

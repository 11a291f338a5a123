/**
 * The life of a plan before and around its slots: submitted here or proposed by another
 * coordinator, announced while it has open slots, given up at its deadline.
 *
 */
import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import { toBlock } from '../protocol/canonical.ts'
import type { Plan } from '../protocol/plan.ts'
import type { CoordinatorEvent } from './event.ts'
import { acknowledge, othersOf } from './federation/members.ts'
import { tellOthers } from './federation/outbox.ts'
import { slotCount, unitOf } from './slots.ts'
import type { PlanState } from './state.ts'
import { act, note, record, refuse, type Turn } from './turn.ts'
import { endRecheck, failSlot } from './verdict.ts'

/** Plans under way at once: bounds memory and what a hostile coordinator can make us do. */
const PLANS_RUNNING_MAX = 256
/** An announcement gives the size of units from some of them: blocks of a plan are alike. */
const UNITS_LOOKED_AT = 64
/** A lease request costs a coordinator about this much of a core, with its signatures. */
const ASK_SPACING_MS = 5
/** Volunteers that were not heard yet are a few. */
const ASK_MS_MIN = 100
/** Slots of one plan: state, verdicts and replay stay within what one process can hold. */
const SLOTS_MAX = 200_000

/** Why a plan is not run; undefined when it is. */
function refusalOf(turn: Turn, cid: CID, plan: Plan): string | undefined {
  const { kernels, coordinators } = turn.state.setup.federation.body
  const running = [...turn.state.durable.plans.values()].filter(
    ({ forecast }) => forecast === undefined
  )
  if (!toBlock(plan).cid.equals(cid)) return 'the plan does not have this CID'
  if (!kernels.some((kernel) => kernel.equals(plan.kernel))) {
    return 'the federation does not allow this kernel'
  }
  if (plan.mesh.policy === 'throughput' && coordinators.length < 2) {
    return 'policy throughput needs a second coordinator, which draws the lots with ours'
  }
  if (slotCount(plan) > SLOTS_MAX) return `more than ${SLOTS_MAX} units`
  if (plan.memberKeys.length !== plan.memberCount) return 'members and random keys differ in number'
  if (running.length >= PLANS_RUNNING_MAX) return `${PLANS_RUNNING_MAX} plans are already running`
  return coordinators.length === 0 ? 'no coordinators' : undefined
}

/** The proposal as we sign it, now and after a restart, with the same bytes. */
export const planProposal = (turn: Turn, plan: PlanState): Uint8Array =>
  turn.keyring.sign('plan-proposal', {
    kind: 'plan-proposal',
    plan: plan.cid,
    submittedAtMs: plan.submittedAtMs,
    sources: plan.sources
  })

function open(turn: Turn, fact: Parameters<typeof record>[1] & { kind: 'plan-opened' }): PlanState {
  record(turn, fact)
  const plan = turn.state.durable.plans.get(fact.plan.toString())
  if (plan === undefined) throw new Error('defect: an opened plan is not there')
  note(turn, 'plan.opened', { plan: fact.plan.toString(), slots: slotCount(fact.body) })
  announce(turn, plan)
  return plan
}

/** A plan from our own API; submitting it again changes nothing. */
export function onSubmitted(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'plan-submitted' }>
) {
  const { cid, plan: body, replyTo } = event
  const isKnown = turn.state.durable.plans.has(cid.toString())
  const refused = isKnown ? undefined : refusalOf(turn, cid, body)
  if (refused !== undefined) {
    note(turn, 'plan.refused', { plan: cid.toString(), reason: refused })
    return act(turn, { kind: 'submitted', replyTo, plan: cid, refused })
  }
  if (!isKnown) {
    const { setup, live } = turn.state
    const plan = open(turn, {
      kind: 'plan-opened',
      plan: cid,
      body,
      lead: setup.key,
      submittedAtMs: turn.atMs,
      sources: [{ peer: setup.key, addresses: live.addresses.slice(0, 16) }]
    })
    tellOthers(turn, plan, planProposal(turn, plan))
  }
  act(turn, { kind: 'submitted', replyTo, plan: cid })
}

/** A plan another coordinator leads; its plan block was fetched by the shell. */
export function onProposed(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'plan-proposal' }>
) {
  const { said, plan: body, replyTo } = event
  const { plan, submittedAtMs, sources } = said.body
  const isMember = othersOf(turn).some(({ key }) => equals(key, said.signer))
  if (!isMember) return refuse(turn, replyTo, 'inadmissible')
  if (!turn.state.durable.plans.has(plan.toString())) {
    const refused = refusalOf(turn, plan, body)
    if (refused !== undefined) {
      note(turn, 'plan.refused', { plan: plan.toString(), reason: refused })
      return refuse(turn, replyTo, 'inadmissible')
    }
    open(turn, { kind: 'plan-opened', plan, body, lead: said.signer, submittedAtMs, sources })
  }
  acknowledge(turn, replyTo, said.cid)
}

/**
 * Time over which volunteers spread their questions: as long as it takes to answer them all, but no
 * longer than an idle one waits anyway.
 */
function askWithinMs({ state }: Turn): number {
  const { live, durable, timers } = state
  // after a restart nobody was heard yet, but everybody is still there
  const isFresh = live.askers.size === 0
  const peers = isFresh ? durable.operators.size : live.askers.size
  return Math.min(timers.retryMs, ASK_MS_MIN + peers * ASK_SPACING_MS)
}

const deadlineOf = (plan: PlanState): number =>
  plan.submittedAtMs + plan.body.mesh.deadlineSeconds * 1000

/** Announces the open slots of a plan, at most every announceMs. */
export function announce(turn: Turn, plan: PlanState): void {
  const { live, timers } = turn.state
  const key = plan.cid.toString()
  const lastAtMs = live.announcedAtMs.get(key)
  if (plan.open.size === 0 || live.isDraining) return
  if (lastAtMs !== undefined && turn.atMs - lastAtMs < timers.announceMs) return
  live.announcedAtMs.set(key, turn.atMs)
  const openCount = plan.open.size
  let unitFuelMax = 0
  let memoryPagesMax = 0
  for (let look = 0; look < Math.min(openCount, UNITS_LOOKED_AT); look += 1) {
    const slot = plan.slots.get(plan.open.at(look) ?? '')
    if (slot?.input === undefined) continue
    const unit = unitOf(plan.body, slot.place, slot.input)
    unitFuelMax = Math.max(unitFuelMax, unit.fuelMax)
    memoryPagesMax = Math.max(memoryPagesMax, unit.memoryPagesMax)
  }
  const nonce = Math.floor(turn.random() * Number.MAX_SAFE_INTEGER)
  const envelope = turn.keyring.sign('announcement', {
    kind: 'announcement',
    plan: plan.cid,
    openCount,
    kernel: plan.body.kernel,
    forcing: plan.body.forcing,
    unitFuelMax,
    memoryPagesMax,
    priority: plan.body.mesh.priority,
    deadlineAtMs: deadlineOf(plan),
    askWithinMs: askWithinMs(turn),
    atMs: turn.atMs,
    nonce
  })
  act(turn, { kind: 'gossip', topic: 'announce', envelope })
}

/** Gives up what is not settled when the deadline has passed. */
export function expirePlan(turn: Turn, plan: PlanState): void {
  if (turn.atMs < deadlineOf(plan)) return
  for (const slot of [...plan.slots.values()]) {
    if (slot.isOwned && slot.outcome === undefined) failSlot(turn, plan, slot, 'deadline')
    else if (slot.recheck) endRecheck(turn, plan, slot, [])
  }
}

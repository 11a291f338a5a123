/**
 * From replicas to the one outcome of a slot: close the commit set, then settle or fail. Whatever
 * is decided here is signed, logged and told to the other coordinators, once.
 *
 */
import type { GapReason, Verdict } from '../protocol/message.ts'
import { tellOthers } from './federation/outbox.ts'
import { committedOf, missingVotes, pendingOf, standingOfSlot } from './replicas.ts'
import { cropOf, segmentCountOf } from './slots.ts'
import { type PlanState, type Replica, type SlotState, slotKey } from './state.ts'
import { drawSegments, forgetResults, isAudited } from './trust/audit.ts'
import { note, record, type Turn } from './turn.ts'

const replicaOf = (slot: SlotState, lease: string): Replica => {
  const replica = slot.replicas.get(lease)
  if (replica === undefined) throw new Error(`defect: lease ${lease} is not on its slot`)
  return replica
}

function voterOf({ operatorKey, peer, binding, revealed }: Replica): Verdict['agreeing'][number] {
  if (revealed === undefined) throw new Error('defect: a voter without a reveal')
  return { operator: operatorKey, peer, binding, reveal: revealed.envelope }
}

/** Replicas whose revealed result was proven wrong. */
const liarsOf = (slot: SlotState): Replica[] =>
  [...slot.replicas.values()].filter(({ fault }) => fault === 'wrong-result')

/** The signed verdict of the slot for these agreeing and dissenting replicas. */
function signVerdict(
  turn: Turn,
  plan: PlanState,
  slot: SlotState,
  votes: { agreeing: readonly Replica[]; dissenting: readonly Replica[] }
): Uint8Array {
  const [first] = votes.agreeing
  if (first?.revealed === undefined || slot.unit === undefined) {
    throw new Error('defect: a verdict without a result')
  }
  const { result, traceRoot, fuel } = first.revealed
  const faulty = [...slot.replicas.values()].flatMap(({ operatorKey: operator, peer, fault }) =>
    fault === undefined || fault === 'wrong-result' ? [] : [{ operator, peer, fault }]
  )
  return turn.keyring.sign('verdict', {
    kind: 'verdict',
    slot: { plan: plan.cid, ...slot.place },
    term: 0,
    unit: slot.unit,
    result,
    traceRoot,
    fuel,
    agreeing: votes.agreeing.map(voterOf),
    dissenting: votes.dissenting.map(voterOf),
    faulty
  })
}

function settle(
  turn: Turn,
  plan: PlanState,
  slot: SlotState,
  standing: { readonly agreeing: readonly string[]; readonly dissenting: readonly string[] }
): void {
  const agreeing = standing.agreeing.map((lease) => replicaOf(slot, lease))
  const outvoted = standing.dissenting.map((lease) => replicaOf(slot, lease))
  const checked = agreeing[0]?.checked
  if (checked === undefined) throw new Error('defect: a verdict on an unchecked result')
  const dissenting = [...outvoted, ...liarsOf(slot)]
  const verdict = signVerdict(turn, plan, slot, { agreeing, dissenting })
  const { state, bounds } = checked
  const ids = (replicas: readonly Replica[]): Uint8Array[] => replicas.map(({ id }) => id)
  record(turn, {
    kind: 'slot-settled',
    plan: plan.cid,
    slot: slot.place,
    verdict,
    agreeing: ids(agreeing),
    dissenting: ids(outvoted),
    state,
    bounds,
    atMs: turn.atMs
  })
  forgetResults(turn, slot)
  tellOthers(turn, plan, turn.keyring.sign('verdict-notice', { kind: 'verdict-notice', verdict }))
  note(turn, 'slot.settled', { slot: slotKey(slot.place), agreeing: agreeing.length })
  const next = plan.slots.get(slotKey({ ...slot.place, window: slot.place.window + 1 }))
  if (next?.input !== undefined && cropOf(plan.body, next.place, next.input) === undefined) {
    failSlot(turn, plan, next, 'too-wide')
  }
}

/** Gives a slot up, and with it the later windows of its chain. */
export function failSlot(turn: Turn, plan: PlanState, slot: SlotState, reason: GapReason): void {
  const { place } = slot
  record(turn, { kind: 'slot-failed', plan: plan.cid, slot: place, reason, atMs: turn.atMs })
  forgetResults(turn, slot)
  tellOthers(turn, plan, gapNotice(turn, plan, slot, reason))
  note(turn, 'slot.failed', { slot: slotKey(place), reason })
}

export const gapNotice = (
  turn: Turn,
  plan: PlanState,
  slot: SlotState,
  reason: GapReason
): Uint8Array =>
  turn.keyring.sign('gap-notice', {
    kind: 'gap-notice',
    slot: { plan: plan.cid, ...slot.place },
    term: 0,
    reason
  })

/**
 * Looks at a slot after anything about it changed. Reveals are asked for once enough commits are
 * logged; the standing is taken when no reveal or check is outstanding.
 */
export function evaluate(turn: Turn, plan: PlanState, slot: SlotState) {
  if (slot.outcome !== undefined) return
  const pending = pendingOf(slot).length
  const committed = committedOf(slot)
  if (pending === 0 && isAudited(turn, plan, slot)) {
    const standing = standingOfSlot(plan, slot)
    if (standing.kind === 'settled') return settle(turn, plan, slot, standing)
    if (standing.kind === 'failed') return failSlot(turn, plan, slot, standing.reason)
  }
  const isClosed =
    !plan.rules.commitBeforeReveal || committed.length + pending >= missingVotes(plan, slot)
  if (committed.length > 0 && isClosed) {
    record(turn, {
      kind: 'reveal-asked',
      leases: committed.map(({ id }) => id),
      segments: drawSegments(turn, segmentCountOf(plan.body, slot.place), committed),
      atMs: turn.atMs
    })
    note(turn, 'reveal.asked', { slot: slotKey(slot.place), count: committed.length })
  }
}

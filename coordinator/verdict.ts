/**
 * From replicas to the one outcome of a slot: close the commit set, then settle or fail. Whatever
 * is decided here is signed, logged and told to the other coordinators, once.
 *
 */
import type { CID } from 'multiformats/cid'
import { cborCid } from '../protocol/canonical.ts'
import type { GapReason } from '../protocol/message/notice.ts'
import type { Verdict } from '../protocol/message/result.ts'
import { tellOthers } from './federation/outbox.ts'
import { checkedOf, committedOf, missingVotes, pendingCount, standingOfSlot } from './replicas.ts'
import { cropOf, segmentCountOf } from './slots.ts'
import { isOver, type PlanState, type Replica, type SlotState, slotKey } from './state.ts'
import { drawSegments, forgetResults, isAudited } from './trust/audit.ts'
import { drawLottery } from './trust/lottery.ts'
import type { Standing } from './trust/quorum.ts'
import { fetchReplica } from './trust/result-fetch.ts'
import { note, record, type Turn } from './turn.ts'

const replicaOf = (slot: SlotState, lease: string): Replica => {
  const replica = slot.replicas.get(lease)
  if (replica === undefined) throw new Error(`defect: lease ${lease} is not on its slot`)
  return replica
}

function voterOf(replica: Replica): Verdict['agreeing'][number] {
  const { operatorKey, peer, binding, revealed, witness } = replica
  if (revealed === undefined) throw new Error('defect: a voter without a reveal')
  const voter = { operator: operatorKey, peer, binding, reveal: revealed.envelope }
  return witness === undefined ? voter : { ...voter, witness }
}

/** Replicas whose revealed result was proven wrong. */
const liarsOf = (slot: SlotState): Replica[] =>
  [...slot.replicas.values()].filter(({ fault }) => fault === 'wrong-result')

/** The signed verdict of the slot for these agreeing and dissenting replicas. */
function signVerdict(
  turn: Turn,
  plan: PlanState,
  slot: SlotState,
  votes: { agreeing: readonly Replica[]; dissenting: readonly Replica[] },
  revises?: Verdict['revises']
): Uint8Array {
  const [first] = votes.agreeing
  if (first?.revealed === undefined || slot.unit === undefined) {
    throw new Error('defect: a verdict without a result')
  }
  const { result, traceRoot, fuel } = first.revealed
  const isAlone = votes.agreeing.length === 1
  const { lotterySecret: secret } = first
  const faulty = [...slot.replicas.values()].flatMap(({ operatorKey: operator, peer, fault }) =>
    fault === undefined || fault === 'wrong-result' ? [] : [{ operator, peer, fault }]
  )
  return turn.keyring.sign('verdict', {
    kind: 'verdict',
    slot: { plan: plan.cid, ...slot.place },
    term: slot.term,
    ...(revises === undefined ? {} : { revises }),
    unit: slot.unit,
    result,
    traceRoot,
    fuel,
    ...(isAlone && secret !== undefined ? { lotterySecret: secret } : {}),
    agreeing: votes.agreeing.map(voterOf),
    dissenting: votes.dissenting.map(voterOf),
    faulty
  })
}

type Settled = Extract<Standing, { kind: 'settled' }>

function settle(turn: Turn, plan: PlanState, slot: SlotState, standing: Settled) {
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
  for (const { lease, phase } of slot.replicas.values()) {
    if (phase !== 'ended') turn.news.add(lease)
  }
  failTooWide(turn, plan, slot)
}

/** The next window may have become too wide for a unit. */
function failTooWide(turn: Turn, plan: PlanState, slot: SlotState): void {
  const next = plan.slots.get(slotKey({ ...slot.place, window: slot.place.window + 1 }))
  if (next?.input !== undefined && cropOf(plan.body, next.place, next.input) === undefined) {
    failSlot(turn, plan, next, 'too-wide')
  }
}

/** The verdict stands as it is. */
export function endRecheck(
  turn: Turn,
  plan: PlanState,
  slot: SlotState,
  agreeing: readonly Replica[]
): void {
  record(turn, {
    kind: 'recheck-ended',
    plan: plan.cid,
    slot: slot.place,
    agreeing: agreeing.map(({ id }) => id),
    atMs: turn.atMs
  })
  forgetResults(turn, slot)
  note(turn, 'slot.confirmed', { slot: slotKey(slot.place), agreeing: agreeing.length })
}

/** The proof against one who agreed on a verdict, about that very slot where there is one. */
function proofAgainst(turn: Turn, slot: SlotState): CID {
  const liars = [...slot.replicas.values()].filter(({ fault }) => fault !== undefined)
  const proofs = [...liarsOf(slot), ...liars].flatMap(
    ({ operator }) => turn.state.durable.operators.get(operator)?.convicted ?? []
  )
  const [proof] = proofs
  if (proof === undefined) throw new Error('defect: a revision without a proof')
  return cborCid(proof)
}

/** A slot that was computed once more has a quorum again: for its verdict, or for another. */
function settleAgain(turn: Turn, plan: PlanState, slot: SlotState, standing: Settled) {
  const { outcome } = slot
  if (outcome?.kind !== 'settled') throw new Error('defect: a recheck without a verdict')
  const agreeing = standing.agreeing.map((lease) => replicaOf(slot, lease))
  const [first] = agreeing
  if (first?.revealed === undefined || first.checked === undefined) {
    throw new Error('defect: a verdict on an unchecked result')
  }
  if (first.revealed.result.equals(outcome.result)) {
    const added = agreeing.filter(({ isCounted }) => isCounted === undefined)
    return endRecheck(turn, plan, slot, added)
  }
  const dissenting = standing.dissenting.map((lease) => replicaOf(slot, lease))
  const votes = { agreeing, dissenting: [...dissenting, ...liarsOf(slot)] }
  const verdict = signVerdict(turn, plan, slot, votes, {
    revision: slot.revision + 1,
    supersedes: cborCid(outcome.verdict),
    proof: proofAgainst(turn, slot)
  })
  record(turn, {
    kind: 'slot-revised',
    plan: plan.cid,
    slot: slot.place,
    verdict,
    agreeing: agreeing.map(({ id }) => id),
    ...first.checked,
    atMs: turn.atMs
  })
  forgetResults(turn, slot)
  for (const work of ['assemble', 'recompute', 'publish']) {
    turn.state.live.asked.delete(`${work}:${plan.cid}`)
  }
  tellOthers(turn, plan, turn.keyring.sign('verdict-notice', { kind: 'verdict-notice', verdict }))
  note(turn, 'slot.revised', { slot: slotKey(slot.place), revision: slot.revision })
  failTooWide(turn, plan, slot)
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
    term: slot.term,
    reason
  })

/** Audits what is new; results that a verdict stood on are read again to be compared with it. */
function isAuditedNow(turn: Turn, plan: PlanState, slot: SlotState): boolean {
  const checked = checkedOf(slot)
  const isNew = checked.some(({ isCounted }) => isCounted === undefined)
  if (slot.recheck && !isNew) return true
  for (const replica of checked) fetchReplica(turn, { plan, slot, replica })
  return isAudited(turn, plan, slot)
}

/**
 * Looks at a slot after anything about it changed. Reveals are asked for once enough commits are
 * logged; the standing is taken when no reveal or check is outstanding.
 */
export function evaluate(turn: Turn, plan: PlanState, slot: SlotState) {
  if (isOver(slot)) return
  drawLottery(turn, plan, slot)
  const pending = pendingCount(slot)
  const committed = committedOf(slot)
  if (pending === 0 && isAuditedNow(turn, plan, slot)) {
    const standing = standingOfSlot(plan, slot)
    if (standing.kind === 'settled') {
      return slot.recheck
        ? settleAgain(turn, plan, slot, standing)
        : settle(turn, plan, slot, standing)
    }
    if (standing.kind === 'failed' && !slot.recheck) {
      return failSlot(turn, plan, slot, standing.reason)
    }
  }
  const isClosed =
    !plan.rules.commitBeforeReveal || committed.length + pending >= missingVotes(plan, slot)
  if (committed.length > 0 && isClosed) {
    record(turn, {
      kind: 'reveal-asked',
      leases: committed.map(({ id }) => id),
      segments: drawSegments(turn, slot, segmentCountOf(plan.body, slot.place), committed),
      atMs: turn.atMs
    })
    for (const { lease } of committed) turn.news.add(lease)
    note(turn, 'reveal.asked', { slot: slotKey(slot.place), count: committed.length })
  }
}

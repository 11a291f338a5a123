/**
 * Convictions by other coordinators count here only after an own check: two statements that do not
 * fit speak for themselves, of a traced lie the segment is run. Until then nothing changes.
 */
import { toBlock } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import type { Inbound } from '../../protocol/inbound.ts'
import { claims, firstDifference } from '../../protocol/trace.ts'
import type { CoordinatorEvent } from '../event.ts'
import { acknowledge } from '../federation/members.ts'
import { isVoter } from '../federation/ranks.ts'
import { slotKey } from '../state.ts'
import { act, askAgain, mayAsk, note, refuse, type Turn } from '../turn.ts'
import { recheckResult, slotsWith } from './backtrack.ts'
import { convictByProof } from './conviction.ts'

type Proven = Extract<
  CoordinatorEvent,
  { kind: 'fraud-proof' | 'mismatch-proof' | 'garbage-proof' }
>

/** Prefix of the runs that check proofs. */
const PROOF_AUDIT = 'proof:'
/** Proofs being checked at once: each costs one segment. */
const PROOFS_MAX = 64
/** Proofs of nothing that are remembered, so that none is run for ever. */
const DISPROVED_MAX = 1_000

export function onFraud(turn: Turn, event: Proven) {
  const { state } = turn
  const { said, operator, replyTo } = event
  if (!isVoter(state, said.signer)) return refuse(turn, replyTo, 'inadmissible')
  const isKnown = state.durable.operators.get(toHex(operator))?.convicted !== undefined
  const name = `${PROOF_AUDIT}${said.cid}`
  if (isKnown) return acknowledge(turn, replyTo, said.cid)
  if (event.kind !== 'fraud-proof') {
    convictByProof(turn, operator, said.envelope)
    return acknowledge(turn, replyTo, said.cid)
  }
  const { kernels } = state.setup.federation.body
  const { unit, segment, before } = event
  const isAllowed = kernels.some((kernel) => kernel.equals(unit.kernel))
  if (!isAllowed || state.live.disproved.has(name)) {
    return refuse(turn, replyTo, 'inadmissible')
  }
  const isFull = state.live.proofs.size >= PROOFS_MAX && !state.live.proofs.has(name)
  // Its sender repeats it until we know; by then we have run the segment.
  if (!isFull) {
    state.live.proofs.set(name, event)
    run(turn, name, { unit, segment, before, signer: said.signer })
  }
  refuse(turn, replyTo, 'unknown-plan', state.timers.resendMs)
}

function run(
  turn: Turn,
  audit: string,
  what: Pick<Extract<Proven, { kind: 'fraud-proof' }>, 'unit' | 'segment' | 'before'> & {
    readonly signer: Uint8Array
  }
): void {
  const { fetchMs, leaseMaxMs } = turn.state.timers
  if (!mayAsk(turn, audit, leaseMaxMs)) return
  const { unit, segment, before: state, signer } = what
  act(turn, { kind: 'audit', audit, unit, segment, state, peers: [signer], withinMs: fetchMs })
}

/** A segment was run for a proof. @returns was it? */
export function onProofAudited(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'audited' | 'audit-failed' }>
): boolean {
  if (!event.audit.startsWith(PROOF_AUDIT)) return false
  const proof = turn.state.live.proofs.get(event.audit)
  if (proof?.kind !== 'fraud-proof') return true
  if (event.kind === 'audit-failed') {
    askAgain(turn, event.audit)
    if (event.fault === 'opening-missing') recompute(turn, proof)
    return true
  }
  judge(turn, event.audit, proof, !claims(proof.result, proof.segment, event))
  return true
}

type Proof = Extract<Inbound, { kind: 'fraud-proof' }>

/** Nobody has the state before the segment: the unit is run from its start, for its slot. */
function recompute(turn: Turn, { unit, result }: Proof): void {
  const found = slotsWith(turn, toBlock(result).cid)[0]
  if (found === undefined) return
  const { plan, slot } = found
  const name = `recompute:${PROOF_AUDIT}${plan.cid} ${slotKey(slot.place)}`
  if (!mayAsk(turn, name, turn.state.timers.leaseMaxMs)) return
  act(turn, { kind: 'recompute', plan: plan.cid, slot: slot.place, unit })
}

/** The unit of a slot was run from its start: proofs about it wait for nothing else. */
export function onProofRecomputed(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'recomputed' | 'recompute-failed' }>
): void {
  const { asked, proofs } = turn.state.live
  asked.delete(`recompute:${PROOF_AUDIT}${event.plan} ${slotKey(event.slot)}`)
  const plan = turn.state.durable.plans.get(event.plan.toString())
  const outcome = plan?.slots.get(slotKey(event.slot))?.outcome
  if (event.kind !== 'recomputed' || outcome?.kind !== 'settled') return
  for (const [name, proof] of proofs) {
    if (proof.kind !== 'fraud-proof' || !proof.result.unit.equals(outcome.unit)) continue
    judge(turn, name, proof, firstDifference(proof.result, event.trace) !== undefined)
  }
}

function judge(turn: Turn, name: string, proof: Proof, isLie: boolean) {
  const { result, operator, said } = proof
  turn.state.live.proofs.delete(name)
  turn.state.live.asked.delete(name)
  note(turn, 'proof.checked', { proof: said.cid.toString(), isLie })
  if (!isLie) return remember(turn, name)
  // Two proofs may have been checked at the same time.
  const isKnown = turn.state.durable.operators.get(toHex(operator))?.convicted !== undefined
  if (!isKnown) convictByProof(turn, operator, said.envelope)
  recheckResult(turn, toBlock(result).cid)
}

function remember(turn: Turn, name: string): void {
  const { disproved } = turn.state.live
  disproved.add(name)
  const [oldest] = disproved
  if (disproved.size > DISPROVED_MAX && oldest !== undefined) disproved.delete(oldest)
}

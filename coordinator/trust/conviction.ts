/**
 * Convictions. Each stands on a proof that anybody can check without trusting us; it is told to
 * everybody, and the operator gets no further lease.
 */
import { toBlock } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import { GARBAGE_BYTES_MAX } from '../../protocol/limits.ts'
import type { StatementKind, StatementOf } from '../../protocol/message.ts'
import { isGarbage } from '../../protocol/proof/garbage.ts'
import type { UnitResult } from '../../protocol/result.ts'
import { bodyOf } from '../../protocol/signed.ts'
import { tellProof } from '../federation/equivocation.ts'
import { unitOf } from '../slots.ts'
import { findLease, type PlanState, type Replica, type SlotState } from '../state.ts'
import { act, note, record, type Turn } from '../turn.ts'
import { backtrack } from './backtrack.ts'
import type { Execution } from './executions.ts'

interface LeaseCase {
  readonly plan: PlanState
  readonly slot: SlotState
  readonly replica: Replica
}

type ProofKind = Extract<StatementKind, 'fraud-proof' | 'mismatch-proof' | 'garbage-proof'>

/** What else the operator has under way does not count any more either. */
function touchOthers(turn: Turn, operator: string, lease?: string): void {
  const { durable, rules } = turn.state
  const state = durable.operators.get(operator)
  if (state === undefined || !rules.ban) return
  for (const other of [...state.computing, ...state.standing]) {
    const found = other === lease ? undefined : findLease(durable, other)
    if (found !== undefined) turn.touched.add({ plan: found.plan, slot: found.slot })
  }
}

/** Logs the proof, keeps it as a block and tells it. */
function convictWith<K extends ProofKind>(
  turn: Turn,
  { replica }: LeaseCase,
  kind: K,
  body: StatementOf<K>
): void {
  const proof = turn.keyring.sign(kind, body)
  const { id: lease, operatorKey: operator } = replica
  touchOthers(turn, replica.operator, replica.lease)
  record(turn, { kind: 'operator-convicted', operator, lease, proof, atMs: turn.atMs })
  backtrack(turn, replica.operator)
  act(turn, { kind: 'keep', block: proof })
  tellProof(turn, proof)
  note(turn, 'operator.convicted', { operator: replica.operator, lease: replica.lease, by: kind })
}

/** Another coordinator's proof, which we checked. */
export function convictByProof(turn: Turn, operator: Uint8Array, proof: Uint8Array): void {
  const name = toHex(operator)
  touchOthers(turn, name)
  record(turn, { kind: 'operator-convicted', operator, proof, atMs: turn.atMs })
  backtrack(turn, name)
  act(turn, { kind: 'keep', block: proof })
  note(turn, 'operator.convicted', { operator: name, by: 'foreign' })
}

/** Its own trace is wrong in a segment that we ran. */
export function convictReplica(
  turn: Turn,
  found: LeaseCase,
  result: UnitResult,
  { segment, state, outputs }: Execution
): void {
  const { plan, slot, replica } = found
  if (slot.input === undefined || replica.revealed === undefined) {
    throw new Error('defect: a conviction without a result')
  }
  convictWith(turn, found, 'fraud-proof', {
    kind: 'fraud-proof',
    unit: toBlock(unitOf(plan.body, slot.place, slot.input)).bytes,
    binding: replica.binding,
    reveal: replica.revealed.envelope,
    result: toBlock(result).bytes,
    segment,
    found: { state, outputs: [...outputs] }
  })
}

/** Its reveal does not open its commit: both are signed, and speak for themselves. */
export function convictMismatch(turn: Turn, found: LeaseCase, reveal: Uint8Array): void {
  const { binding, commit } = found.replica
  if (commit === undefined) throw new Error('defect: a reveal without a commit')
  convictWith(turn, found, 'mismatch-proof', { kind: 'mismatch-proof', binding, commit, reveal })
}

/** Its commit is around the seal of another digest: one statement that contradicts itself. */
export function convictUnsealed(turn: Turn, found: LeaseCase, commit: Uint8Array): void {
  const { binding } = found.replica
  convictWith(turn, found, 'mismatch-proof', { kind: 'mismatch-proof', binding, commit })
}

/**
 * The block that it revealed is no result: reveal and block speak for themselves.
 * @returns is that so? Else it is a fault, and nothing that could be shown to others
 */
export function convictGarbage(turn: Turn, found: LeaseCase, block: Uint8Array): boolean {
  const { binding, revealed } = found.replica
  if (revealed === undefined || block.length > GARBAGE_BYTES_MAX) return false
  const { envelope: reveal } = revealed
  if (!isGarbage(bodyOf('reveal', reveal), block)) return false
  convictWith(turn, found, 'garbage-proof', { kind: 'garbage-proof', binding, reveal, block })
  return true
}

/**
 * Proofs against operators, opened: every signature and hash in them is checked here, so that what
 * is left to do is to run one segment. Nothing in a proof is taken on the word of who made it.
 */
import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import { cborCid, decode } from '../canonical.ts'
import { commitDigest } from '../commit-digest.ts'
import type { Binding } from '../message/operator.ts'
import type { Commit, Reveal } from '../message/result.ts'
import { type UnitResult, unitResult } from '../result.ts'
import { ShapeError } from '../shape.ts'
import { type Authentic, type Curve, ed25519, openStatement } from '../signed.ts'
import { stateBefore, traceRootOf } from '../trace.ts'
import { type WorkUnit, workUnit } from '../work-unit.ts'

/** A signed result that one segment has to show to be wrong. */
export interface OpenedFraud {
  readonly kind: 'fraud-proof'
  /** Key of the operator that is accused. */
  readonly operator: Uint8Array
  readonly unit: WorkUnit
  readonly result: UnitResult
  readonly segment: number
  /** The state before the segment, as the accused itself names it. */
  readonly before: CID
}

/** A commit and a reveal that contradict each other: proven without running anything. */
export interface OpenedMismatch {
  readonly kind: 'mismatch-proof'
  readonly operator: Uint8Array
}

/** The binding proves that the peer which signed computes for the operator. */
export function checkBinding(
  binding: Authentic<Binding>,
  { signer, body }: Authentic<Reveal> | Authentic<Commit>
): void {
  const isBound =
    equals(binding.body.operator, binding.signer) &&
    equals(binding.body.peer, signer) &&
    equals(body.operator, binding.signer) &&
    equals(body.peer, signer)
  if (!isBound) throw new ShapeError('binding', 'is not of the operator and peer that are accused')
}

/** @throws ShapeError when anything in it does not hold together */
export function openFraudProof(
  network: string,
  envelope: Uint8Array,
  curve: Curve = ed25519
): OpenedFraud {
  const { body } = openStatement('fraud-proof', network, envelope, curve)
  const binding = openStatement('binding', network, body.binding, curve)
  const reveal = openStatement('reveal', network, body.reveal, curve)
  checkBinding(binding, reveal)
  const unit = decode(workUnit, body.unit)
  const result = decode(unitResult, body.result)
  const { segment } = body
  const isOfReveal =
    cborCid(body.result).equals(reveal.body.result) &&
    cborCid(body.unit).equals(reveal.body.unit) &&
    result.unit.equals(reveal.body.unit)
  if (!isOfReveal) throw new ShapeError('result', 'is not the one that was revealed')
  const isTrace =
    result.states.length === unit.segmentCount &&
    result.segments.length === unit.segmentCount &&
    equals(traceRootOf(result), reveal.body.traceRoot)
  if (!isTrace) throw new ShapeError('result', 'has another trace than was revealed')
  if (segment >= unit.segmentCount) throw new ShapeError('segment', 'is not one of the unit')
  const before = stateBefore(result, unit.state, segment)
  return { kind: 'fraud-proof', operator: binding.signer, unit, result, segment, before }
}

/** Nobody honest signs a commit around the seal of another digest. */
function isUnsealed(network: string, commit: Commit, curve: Curve): boolean {
  if (commit.witness === undefined) return false
  const { body } = openStatement('witnessing', network, commit.witness, curve)
  return equals(body.lease, commit.lease) && !equals(body.digest, commit.digest)
}

/** @throws ShapeError when the two statements do not contradict each other */
export function openMismatchProof(
  network: string,
  envelope: Uint8Array,
  curve: Curve = ed25519
): OpenedMismatch {
  const { body } = openStatement('mismatch-proof', network, envelope, curve)
  const binding = openStatement('binding', network, body.binding, curve)
  const commit = openStatement('commit', network, body.commit, curve)
  if (body.reveal === undefined) {
    checkBinding(binding, commit)
    if (!isUnsealed(network, commit.body, curve)) {
      throw new ShapeError('commit', 'is what was sealed: there is no contradiction')
    }
    return { kind: 'mismatch-proof', operator: binding.signer }
  }
  const reveal = openStatement('reveal', network, body.reveal, curve)
  checkBinding(binding, reveal)
  const isOneLease =
    equals(commit.signer, reveal.signer) && equals(commit.body.lease, reveal.body.lease)
  if (!isOneLease) throw new ShapeError('reveal', 'is not of the lease of the commit')
  if (equals(commitDigest(reveal.body), commit.body.digest)) {
    throw new ShapeError('reveal', 'opens the commit: there is no contradiction')
  }
  return { kind: 'mismatch-proof', operator: binding.signer }
}

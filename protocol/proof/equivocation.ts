/**
 * What a coordinator may sign only once. Two statements of one signer that conflict are a proof of
 * equivocation that anybody can check without knowing anything else.
 */
import { equals } from 'uint8arrays/equals'
import { encode } from '../canonical.ts'
import type { Attestation } from '../message/notice.ts'
import type { Verdict, Witnessing } from '../message/result.ts'
import type { Equivocation, Head } from '../message/watch.ts'
import type { Slot } from '../plan.ts'

const isSameSlot = (one: Slot, other: Slot): boolean => equals(encode(one), encode(other))

/** How often the verdict of a slot was revised before this one. */
export const revisionOf = ({ revises }: Pick<Verdict, 'revises'>): number => revises?.revision ?? 0

/**
 * One verdict per (slot, unit, term, revision), for ever. The unit of a later window changes when a
 * verdict before it is revised: then the question is another.
 */
const verdicts = (one: Verdict, other: Verdict): boolean =>
  isSameSlot(one.slot, other.slot) &&
  one.unit.equals(other.unit) &&
  one.term === other.term &&
  revisionOf(one) === revisionOf(other) &&
  !equals(encode(one), encode(other))

/** One result per (slot, unit, revision), whatever the term. */
const attestations = (one: Attestation, other: Attestation): boolean =>
  isSameSlot(one.slot, other.slot) &&
  one.unit.equals(other.unit) &&
  one.revision === other.revision &&
  !one.result.equals(other.result)

/** One log: of one length it has one hash. */
const heads = (one: Head, other: Head): boolean =>
  one.length === other.length && !equals(one.head, other.head)

/** One digest per lease. */
const witnessings = (one: Witnessing, other: Witnessing): boolean =>
  equals(one.lease, other.lease) && !equals(one.digest, other.digest)

/** Do two statements of this kind, of one signer, contradict each other? */
export function conflicts(about: Equivocation, one: unknown, other: unknown): boolean {
  switch (about) {
    case 'verdict':
      return verdicts(one as Verdict, other as Verdict)
    case 'attestation':
      return attestations(one as Attestation, other as Attestation)
    case 'head':
      return heads(one as Head, other as Head)
    case 'witnessing':
      return witnessings(one as Witnessing, other as Witnessing)
  }
}

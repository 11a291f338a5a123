/**
 * What coordinators tell each other about plans and slots, and what they sign for each other.
 */
import { publicKey } from '../federation.ts'
import { REVISIONS_MAX, SEGMENTS_MAX, SOURCES_MAX } from '../limits.ts'
import { slot } from '../plan.ts'
import { type Infer, integer, link, list, object, oneOf, optional } from '../shape.ts'
import { envelope, holder, unixMs } from './parts.ts'

/** Signed by the coordinator that received the forecast file: this plan is to be run. */
export const planProposal = object('plan-proposal', {
  plan: link,
  submittedAtMs: unixMs,
  sources: list(holder, SOURCES_MAX)
})
export type PlanProposal = Infer<typeof planProposal>

/** Signed by the owner of a slot, to every other coordinator: here is my verdict on it. */
export const verdictNotice = object('verdict-notice', { verdict: envelope })
export type VerdictNotice = Infer<typeof verdictNotice>

/**
 * Signed by a coordinator that does not own the slot: it checked the verdict's proof and re-ran a
 * segment of its own choosing, which gave what the result says.
 */
export const attestation = object('attestation', {
  /** CID of the signed verdict. */
  verdict: link,
  slot,
  unit: link,
  /** Revision of the verdict. */
  revision: integer(REVISIONS_MAX),
  result: link,
  coordinator: publicKey,
  segment: integer(SEGMENTS_MAX),
  atMs: unixMs
})
export type Attestation = Infer<typeof attestation>

export const GAP_REASONS = [
  'errors',
  'replicas',
  'distinct',
  'deadline',
  'too-wide',
  'revised'
] as const
export type GapReason = (typeof GAP_REASONS)[number]

/**
 * Signed by the owner of a slot, to every other coordinator: it and every later window of its chain
 * have no result.
 */
export const gapNotice = object('gap-notice', {
  slot,
  term: integer(),
  reason: oneOf(...GAP_REASONS)
})
export type GapNotice = Infer<typeof gapNotice>

/** Signed answer of a coordinator: received; for a forecast proposal its signed cosignature. */
export const acknowledgement = object('acknowledgement', {
  of: link,
  cosignature: optional(envelope)
})
export type Acknowledgement = Infer<typeof acknowledgement>

/**
 * Proofs that an operator lied, which anyone can check: a signed result and one segment of it that
 * gives something else when it is run again, or two statements that cannot both be honest.
 */
import { BLOCK_BYTES_MAX, GARBAGE_BYTES_MAX, LINKS_MAX, SEGMENTS_MAX } from '../limits.ts'
import { bytes, fields, type Infer, integer, link, list, object, optional } from '../shape.ts'
import { envelope } from './parts.ts'

/**
 * Signed by a coordinator: the operator's own trace is wrong in this segment. Run again from the
 * state that the trace itself names before it, the segment gives `found`.
 */
export const fraudProof = object('fraud-proof', {
  /** Canonical bytes of the work unit. */
  unit: bytes(BLOCK_BYTES_MAX, 1),
  binding: envelope,
  reveal: envelope,
  /** Canonical bytes of the result that the reveal names. */
  result: bytes(BLOCK_BYTES_MAX, 1),
  segment: integer(SEGMENTS_MAX),
  found: fields({ state: link, outputs: list(link, LINKS_MAX) })
})
export type FraudProof = Infer<typeof fraudProof>

/**
 * Signed by a coordinator: the reveal does not open the commit, both of one lease and peer. Without
 * a reveal: the commit names another digest than the seal that it carries itself.
 */
export const mismatchProof = object('mismatch-proof', {
  binding: envelope,
  commit: envelope,
  reveal: optional(envelope)
})
export type MismatchProof = Infer<typeof mismatchProof>

/** Signed by a coordinator: the block that the reveal names is no result of its unit. */
export const garbageProof = object('garbage-proof', {
  binding: envelope,
  reveal: envelope,
  /** Bytes of the block. */
  block: bytes(GARBAGE_BYTES_MAX)
})
export type GarbageProof = Infer<typeof garbageProof>

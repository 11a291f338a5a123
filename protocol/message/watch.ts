/**
 * How coordinators watch each other: heads of their logs, silence, proof of double-talk.
 */
import { publicKey } from '../federation.ts'
import { COORDINATORS_MAX, FRAME_BYTES_MAX, LOG_ENTRIES_MAX } from '../limits.ts'
import { bytes, type Infer, integer, link, list, object, oneOf } from '../shape.ts'
import { envelope, hash, unixMs } from './parts.ts'

/**
 * Signed by a coordinator: so long is its log, and this is the hash that ends it. Two of one length
 * with different hashes prove equivocation.
 */
export const head = object('head', {
  coordinator: publicKey,
  length: integer(),
  head: hash,
  atMs: unixMs
})
export type Head = Infer<typeof head>

/** Signed by a coordinator: of `coordinator` it heard nothing for silentMs, in this plan. */
export const silence = object('silence', { plan: link, coordinator: publicKey, atMs: unixMs })
export type Silence = Infer<typeof silence>

/**
 * Signed by a coordinator: so many were told of the silence that the chains of `coordinator` in
 * this plan go to the next in rank.
 */
export const deposition = object('deposition', {
  plan: link,
  coordinator: publicKey,
  silences: list(envelope, COORDINATORS_MAX, 1)
})
export type Deposition = Infer<typeof deposition>

/** What a coordinator may sign only once. */
export const EQUIVOCATIONS = ['verdict', 'attestation', 'head', 'witnessing'] as const
export type Equivocation = (typeof EQUIVOCATIONS)[number]

/** Signed by whoever found it, which proves nothing: two statements of one signer do. */
export const equivocationProof = object('equivocation-proof', {
  about: oneOf(...EQUIVOCATIONS),
  first: envelope,
  second: envelope
})
export type EquivocationProof = Infer<typeof equivocationProof>

/** Signed by a member: give me entries [from, to) of your log. */
export const logRequest = object('log-request', { from: integer(), to: integer() })

/** Signed answer: entries from `from` on, as many as fit, and the hash before the first. */
export const logEntries = object('log-entries', {
  from: integer(),
  before: hash,
  entries: list(bytes(FRAME_BYTES_MAX), LOG_ENTRIES_MAX)
})
export type LogEntries = Infer<typeof logEntries>

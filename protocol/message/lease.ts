/**
 * Leases: open units announced, asked for, granted or refused, kept alive and given back.
 */
import { publicKey } from '../federation.ts'
import {
  BLOCK_BYTES_MAX,
  COORDINATORS_MAX,
  MEMORY_PAGES_MAX,
  OFFLINE_MS_MAX,
  PLAN_BLOCKS_MAX,
  SEGMENTS_MAX,
  SOURCES_MAX
} from '../limits.ts'
import { slot } from '../plan.ts'
import { bytes, type Infer, integer, link, list, object, oneOf, optional } from '../shape.ts'
import { durationMs, envelope, hash, holder, peerKey, unixMs } from './parts.ts'

/** Gossip, signed by a coordinator: it has open units. `nonce` makes repeats new messages. */
export const announcement = object('announcement', {
  plan: link,
  openCount: integer(PLAN_BLOCKS_MAX * 1000),
  kernel: link,
  forcing: link,
  unitFuelMax: integer(),
  memoryPagesMax: integer(MEMORY_PAGES_MAX),
  priority: integer(100, -100),
  deadlineAtMs: unixMs,
  /** Whoever wants work asks at a random moment within this time, so that not all ask at once. */
  askWithinMs: optional(durationMs),
  atMs: unixMs,
  nonce: integer()
})
export type Announcement = Infer<typeof announcement>

/**
 * Signed by the volunteer's peer key. `request` names this request; a repeat gets the same grant.
 */
export const leaseRequest = object('lease-request', {
  request: hash,
  binding: envelope,
  coreCount: integer(4096, 1),
  memoryPagesMax: integer(MEMORY_PAGES_MAX, 1),
  particleStepsPerSecond: integer(1e12, 1),
  kernels: list(link, 64),
  /** Forcings and states whose units it computed lately: their tiles are in its cache. */
  cached: list(link, 64),
  /** Offline bundle: it will not be heard for so long; the lease lasts at least that. */
  offlineMs: optional(integer(OFFLINE_MS_MAX)),
  /** `admission` or `vouch` of the operator, until the owner knows it. */
  admission: optional(envelope),
  atMs: unixMs
})
export type LeaseRequest = Infer<typeof leaseRequest>

/**
 * Signed by the owner. `unit` is the encoded work unit; inputs are fetched from `sources`. The
 * first of `witnesses` that answers seals the commit; with none the forecast is single-source.
 */
export const leaseGrant = object('lease-grant', {
  request: hash,
  lease: hash,
  slot,
  attempt: integer(1_000_000),
  term: integer(),
  unit: bytes(BLOCK_BYTES_MAX, 1),
  operator: publicKey,
  peer: peerKey,
  grantedAtMs: unixMs,
  expiresAtMs: unixMs,
  heartbeatMs: durationMs,
  sources: list(holder, SOURCES_MAX),
  /** Policy throughput: hash of the secret that the verdict shows (lottery.ts). */
  lotterySeal: optional(hash),
  witnesses: list(holder, COORDINATORS_MAX)
})
export type LeaseGrant = Infer<typeof leaseGrant>

export const REFUSALS = [
  'nothing-open',
  'already-on-unit',
  'quota',
  'unknown-operator',
  'no-common-kernel',
  'too-little-memory',
  'unknown-lease',
  'expired',
  'settled',
  'draining',
  'sitting-out',
  'convicted',
  'probation',
  'unknown-plan',
  'not-admitted',
  'stale-term',
  'no-witness',
  'inadmissible'
] as const
export type RefusalReason = (typeof REFUSALS)[number]

/** Signed by the owner: no, why, and when to ask again. */
export const refusal = object('refusal', {
  reason: oneOf(...REFUSALS),
  retryAfterMs: durationMs,
  /** With `stale-term`: the signed silences or the proof that ended the term. */
  evidence: optional(list(envelope, COORDINATORS_MAX))
})
export type Refusal = Infer<typeof refusal>

/** Signed by the volunteer while a lease or commit of its is open. */
export const heartbeat = object('heartbeat', {
  lease: hash,
  particleStepsDone: integer(),
  atMs: unixMs
})
export type Heartbeat = Infer<typeof heartbeat>

/** Signed by the owner: what the volunteer does with this lease now. */
export const directive = object('directive', {
  lease: hash,
  action: oneOf('compute', 'wait', 'reveal', 'settled', 'drop'),
  expiresAtMs: unixMs,
  retryAfterMs: durationMs,
  /** With `settled`: the signed verdict. */
  verdict: optional(envelope),
  /** With `settled`, where our result was the one: the signed receipt. */
  receipt: optional(envelope),
  /** Segments whose state before them is to be had from us from now on. */
  open: optional(list(integer(SEGMENTS_MAX), SEGMENTS_MAX))
})
export type Directive = Infer<typeof directive>

/** Signed by the volunteer: gives a lease back. */
export const release = object('release', {
  lease: hash,
  reason: oneOf('finish', 'failed', 'too-slow', 'inputs-missing')
})
export type Release = Infer<typeof release>

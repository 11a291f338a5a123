/**
 * Every statement peers exchange. Each travels as the body of a Signed envelope (signed.ts) under
 * the domain `driftmesh/<kind>/v1`; who must sign it is written beside it. Requests are idempotent:
 * a repeated one gets the answer of the first, so a lost answer or a killed process costs a retry.
 */
import { federation, publicKey } from './federation.ts'
import {
  BLOCK_BYTES_MAX,
  MEMORY_PAGES_MAX,
  PLAN_BLOCKS_MAX,
  REPLICAS_MAX,
  SOURCES_MAX,
  TEXT_MAX
} from './limits.ts'
import { slot } from './plan.ts'
import {
  bytes,
  fields,
  type Infer,
  integer,
  link,
  list,
  object,
  oneOf,
  optional,
  text,
  union
} from './shape.ts'

const hash = bytes(32, 32)
const unixMs = integer()
const durationMs = integer(30 * 86_400_000)
/** A peer is named by its Ed25519 public key (the libp2p peer id holds the same key). */
const peerKey = publicKey
/** A Signed envelope's bytes, opened by the receiver. */
const envelope = bytes(64 * 1024, 1)

/** Signed by the operator key: this peer computes for this operator. */
export const binding = object('binding', {
  operator: publicKey,
  peer: peerKey,
  expiresAtMs: unixMs
})
export type Binding = Infer<typeof binding>

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
  atMs: unixMs
})
export type LeaseRequest = Infer<typeof leaseRequest>

/** Signed by the owner. `unit` is the encoded work unit; inputs are fetched from `sources`. */
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
  sources: list(fields({ peer: peerKey, addresses: list(text(TEXT_MAX), 16) }), SOURCES_MAX)
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
  'unknown-plan',
  'inadmissible'
] as const
export type RefusalReason = (typeof REFUSALS)[number]

/** Signed by the owner: no, why, and when to ask again. */
export const refusal = object('refusal', {
  reason: oneOf(...REFUSALS),
  retryAfterMs: durationMs
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
  verdict: optional(envelope)
})
export type Directive = Infer<typeof directive>

/** Signed by the volunteer: gives a lease back. */
export const release = object('release', {
  lease: hash,
  reason: oneOf('finish', 'failed', 'too-slow', 'inputs-missing')
})
export type Release = Infer<typeof release>

/** Signed by the volunteer's peer key: sealed before anything of the result is shown. */
export const commit = object('commit', {
  lease: hash,
  unit: link,
  attempt: integer(1_000_000),
  operator: publicKey,
  peer: peerKey,
  /** commitDigest() of the reveal. */
  digest: hash,
  atMs: unixMs
})
export type Commit = Infer<typeof commit>

/** Signed by the volunteer's peer key: opens its commit. */
export const reveal = object('reveal', {
  lease: hash,
  unit: link,
  attempt: integer(1_000_000),
  operator: publicKey,
  peer: peerKey,
  result: link,
  traceRoot: hash,
  fuel: integer(),
  salt: bytes(32, 32)
})
export type Reveal = Infer<typeof reveal>

/** A replica whose reveal counted; the binding proves that the peer computes for the operator. */
const voter = fields({ operator: publicKey, peer: peerKey, binding: envelope, reveal: envelope })

export const FAULTS = ['no-reveal', 'reveal-mismatch', 'blocks-missing', 'blocks-invalid'] as const
export type Fault = (typeof FAULTS)[number]

/** Signed by the owner: the canonical result of a slot and who found it. */
export const verdict = object('verdict', {
  slot,
  term: integer(),
  unit: link,
  result: link,
  traceRoot: hash,
  fuel: integer(),
  agreeing: list(voter, REPLICAS_MAX, 1),
  dissenting: list(voter, REPLICAS_MAX),
  /** Caught without a reveal that counts: what they did instead. */
  faulty: list(
    fields({
      operator: publicKey,
      peer: peerKey,
      fault: oneOf(...FAULTS)
    }),
    REPLICAS_MAX
  )
})
export type Verdict = Infer<typeof verdict>

/** Signed by the coordinator that received the forecast file: this plan is to be run. */
export const planProposal = object('plan-proposal', {
  plan: link,
  submittedAtMs: unixMs,
  sources: list(fields({ peer: peerKey, addresses: list(text(TEXT_MAX), 16) }), SOURCES_MAX)
})
export type PlanProposal = Infer<typeof planProposal>

/** Signed by the owner of a slot, to every other coordinator: here is my verdict on it. */
export const verdictNotice = object('verdict-notice', { verdict: envelope })
export type VerdictNotice = Infer<typeof verdictNotice>

export const GAP_REASONS = ['errors', 'replicas', 'distinct', 'deadline', 'too-wide'] as const
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

/** The body every coordinator signs once it holds for it: the forecast. */
export const forecastBody = object('forecast', {
  plan: link,
  /** CID of the federation manifest itself, not of an envelope. */
  federation: link,
  product: link,
  /** CID of the units table: the signed verdict of every settled slot (units.ts). */
  units: link,
  /** Slots that failed, by name; the products lack them. */
  gaps: list(slot, PLAN_BLOCKS_MAX),
  version: integer(1e6, 1)
})
export type ForecastBody = Infer<typeof forecastBody>

/** Signed by the coordinator itself: it assembled the same product and re-ran `recomputed`. */
export const cosignature = object('cosignature', {
  /** CID of the canonical forecast body. */
  forecast: link,
  coordinator: publicKey,
  /** Slots of its own choosing that it re-executed bit for bit. */
  recomputed: list(slot, 64)
})
export type Cosignature = Infer<typeof cosignature>

/** Signed by the lead, to every other coordinator: sign this if you find the same. */
export const forecastProposal = object('forecast-proposal', { body: bytes(BLOCK_BYTES_MAX, 1) })
export type ForecastProposal = Infer<typeof forecastProposal>

/** Signed answer of a coordinator: received; for a forecast proposal its signed cosignature. */
export const acknowledgement = object('acknowledgement', {
  of: link,
  cosignature: optional(envelope)
})
export type Acknowledgement = Infer<typeof acknowledgement>

/** Gossip, signed by the lead: a forecast is published. */
export const publication = object('publication', {
  forecast: link,
  product: link,
  plan: link,
  name: text(64),
  atMs: unixMs
})
export type Publication = Infer<typeof publication>

/** All statements by kind. */
export const statements = {
  /** Signed by the federation's root key. */
  federation,
  binding,
  announcement,
  'lease-request': leaseRequest,
  'lease-grant': leaseGrant,
  refusal,
  heartbeat,
  directive,
  release,
  commit,
  reveal,
  verdict,
  'plan-proposal': planProposal,
  'verdict-notice': verdictNotice,
  'gap-notice': gapNotice,
  forecast: forecastBody,
  cosignature,
  'forecast-proposal': forecastProposal,
  acknowledgement,
  publication
}
export const statement = union(statements)
export type StatementKind = keyof typeof statements
/** The statement of one kind. */
export type StatementOf<K extends StatementKind> = Infer<(typeof statements)[K]>

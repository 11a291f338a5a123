/**
 * What a coordinator knows for certain: the entries of its ledger. State is nothing but facts
 * applied in order, so a fact holds everything that apply() needs and nothing is decided on replay.
 */
import { decode, encode } from '../protocol/canonical.ts'
import { publicKey } from '../protocol/federation.ts'
import {
  COORDINATORS_MAX,
  FRAME_BYTES_MAX,
  LINKS_MAX,
  MEMBERS_MAX,
  PLAN_BLOCKS_MAX,
  SEGMENTS_MAX,
  UNIT_STEPS_MAX
} from '../protocol/limits.ts'
import { GAP_REASONS } from '../protocol/message/notice.ts'
import { FAULTS } from '../protocol/message/result.ts'
import { plan } from '../protocol/plan.ts'
import {
  bytes,
  fields,
  flag,
  type Infer,
  integer,
  link,
  list,
  object,
  oneOf,
  optional,
  text,
  union
} from '../protocol/shape.ts'

const unixMs = integer()
const leaseId = bytes(32, 32)
const envelope = bytes(FRAME_BYTES_MAX, 1)
const planSlot = fields({
  member: integer(MEMBERS_MAX),
  block: integer(PLAN_BLOCKS_MAX),
  window: integer(UNIT_STEPS_MAX)
})
const bounds = list(integer(1 << 20, -(1 << 20)), 4, 4)

/** Why a lease ended before its commit. */
export const LEASE_ENDS = ['expired', 'silent', 'released', 'failed', 'convicted'] as const

const facts = {
  /** A plan is ours to run; `lead` received the forecast file. */
  'plan-opened': object('plan-opened', {
    plan: link,
    body: plan,
    lead: publicKey,
    submittedAtMs: unixMs,
    sources: list(fields({ peer: publicKey, addresses: list(text(1024), 16) }), 8)
  }),
  /** `unit` is the CID of the work unit inside the grant's envelope. */
  'lease-granted': object('lease-granted', {
    plan: link,
    slot: planSlot,
    unit: link,
    lease: leaseId,
    request: leaseId,
    attempt: integer(1_000_000),
    operator: publicKey,
    peer: publicKey,
    binding: envelope,
    atMs: unixMs,
    expiresAtMs: unixMs,
    grant: envelope,
    lotterySecret: optional(bytes(32, 32)),
    isOffline: optional(flag)
  }),
  'lease-renewed': object('lease-renewed', { lease: leaseId, expiresAtMs: unixMs }),
  'lease-ended': object('lease-ended', {
    lease: leaseId,
    end: oneOf(...LEASE_ENDS),
    atMs: unixMs
  }),
  /** A lease that fell silent was heard again before anyone took its place. */
  'lease-resumed': object('lease-resumed', { lease: leaseId, atMs: unixMs }),
  /** `commit` is the signed envelope. */
  'commit-logged': object('commit-logged', {
    lease: leaseId,
    digest: bytes(32, 32),
    commit: envelope,
    witness: optional(envelope),
    atMs: unixMs
  }),
  /** The last of its plan, and slow: it gets one replica more. */
  'slot-urgent': object('slot-urgent', { plan: link, slot: planSlot }),
  /** Policy throughput: is the slot of this commit computed by a second operator, too? */
  'lottery-drawn': object('lottery-drawn', {
    plan: link,
    slot: planSlot,
    lease: leaseId,
    isReplicated: flag
  }),
  /** The commit set of a slot is closed: these are asked to reveal, and only now. */
  'reveal-asked': object('reveal-asked', {
    leases: list(leaseId, 16, 1),
    /** Drawn now: these are run again before their results count. */
    segments: list(integer(SEGMENTS_MAX), SEGMENTS_MAX),
    atMs: unixMs
  }),
  'reveal-logged': object('reveal-logged', {
    lease: leaseId,
    result: link,
    traceRoot: bytes(32, 32),
    fuel: integer(),
    reveal: envelope,
    atMs: unixMs
  }),
  'replica-faulted': object('replica-faulted', {
    lease: leaseId,
    fault: oneOf(...FAULTS),
    atMs: unixMs
  }),
  /** The revealed result's blocks are here and are what they say. */
  'replica-checked': object('replica-checked', { lease: leaseId, state: link, bounds }),
  /** We ran this segment of the slot's unit from the state before it. */
  'segment-executed': object('segment-executed', {
    plan: link,
    slot: planSlot,
    segment: integer(SEGMENTS_MAX),
    before: link,
    state: link,
    outputs: list(link, LINKS_MAX)
  }),
  /** A lie that anybody can check; of one of our leases, or told by another coordinator. */
  'operator-convicted': object('operator-convicted', {
    operator: publicKey,
    lease: optional(leaseId),
    proof: envelope,
    atMs: unixMs
  }),
  /** Our own verdict; `verdict` is the signed envelope that counts, now and for ever. */
  'slot-settled': object('slot-settled', {
    plan: link,
    slot: planSlot,
    verdict: envelope,
    agreeing: list(leaseId, 16),
    dissenting: list(leaseId, 16),
    state: link,
    bounds,
    atMs: unixMs
  }),
  /** Somebody who agreed was convicted: the slot is computed once more. */
  'slot-rechecked': object('slot-rechecked', { plan: link, slot: planSlot, atMs: unixMs }),
  /** The verdict stands: these found the same, or it is too late to ask. */
  'recheck-ended': object('recheck-ended', {
    plan: link,
    slot: planSlot,
    agreeing: list(leaseId, 16),
    atMs: unixMs
  }),
  /** The verdict was wrong: this one takes its place. */
  'slot-revised': object('slot-revised', {
    plan: link,
    slot: planSlot,
    verdict: envelope,
    agreeing: list(leaseId, 16, 1),
    state: link,
    bounds,
    atMs: unixMs
  }),
  /** Our own gap: this window and the later ones of its chain. */
  'slot-failed': object('slot-failed', {
    plan: link,
    slot: planSlot,
    reason: oneOf(...GAP_REASONS),
    atMs: unixMs
  }),
  /** Another owner's verdict. */
  'verdict-noted': object('verdict-noted', { plan: link, slot: planSlot, verdict: envelope }),
  /** Another owner's gap. */
  'gap-noted': object('gap-noted', {
    plan: link,
    slot: planSlot,
    term: integer(),
    reason: oneOf(...GAP_REASONS)
  }),
  /** The result of another owner's verdict is here. */
  'result-held': object('result-held', { plan: link, slot: planSlot, state: link, bounds }),
  'product-assembled': object('product-assembled', { plan: link, product: link }),
  /** We sealed a digest for another owner's lease. */
  'commit-witnessed': object('commit-witnessed', {
    plan: link,
    lease: leaseId,
    digest: bytes(32, 32),
    witnessing: envelope
  }),
  /** A coordinator, it may be us, checked the result of a verdict itself. */
  'attestation-logged': object('attestation-logged', {
    plan: link,
    slot: planSlot,
    coordinator: publicKey,
    attestation: envelope
  }),
  /** k coordinators signed that it is silent: its chains of this plan go to the next in rank. */
  'coordinator-deposed': object('coordinator-deposed', {
    plan: link,
    coordinator: publicKey,
    silences: list(envelope, COORDINATORS_MAX, 1),
    atMs: unixMs
  }),
  /** Its proof of work, or the vouch of a coordinator. */
  'operator-admitted': object('operator-admitted', {
    operator: publicKey,
    admission: envelope,
    untilMs: unixMs
  }),
  /** It signed two statements of which it may sign one: it has no vote any more. */
  'coordinator-expelled': object('coordinator-expelled', {
    coordinator: publicKey,
    proof: envelope,
    atMs: unixMs
  }),
  /** Something signed does not add up: we sign nothing of this plan any more. */
  'plan-disputed': object('plan-disputed', {
    plan: link,
    slot: planSlot,
    reason: oneOf('unit-differs', 'result-differs', 'segment-differs')
  }),
  /** A cosignature we trust, our own first. */
  'cosignature-logged': object('cosignature-logged', {
    plan: link,
    coordinator: publicKey,
    cosignature: envelope
  }),
  /** The forecast folder is out: by us as lead, or by the lead as gossip told us. */
  'forecast-published': object('forecast-published', { plan: link, forecast: link, atMs: unixMs })
}

const fact = union(facts)
export type Fact = Infer<typeof fact>
export type FactOf<K extends Fact['kind']> = Extract<Fact, { readonly kind: K }>

/** Canonical bytes of a ledger entry. */
export const encodeFact = (value: Fact): Uint8Array => encode(value)

/** @throws ShapeError when a ledger entry is not one of ours */
export const decodeFact = (entry: Uint8Array): Fact => decode(fact, entry)

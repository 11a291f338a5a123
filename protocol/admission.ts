/**
 * Admission of gossip: what a peer does with a message of a topic before it passes it on. `reject`
 * is for provable faults and costs the sender its score, `ignore` for everything an honest peer
 * could send. Checks run in cost order, the signature last.
 */

import { equals } from 'uint8arrays/equals'
import { decode } from './canonical.ts'
import { type Federation, federation as federationShape, manifest } from './federation.ts'
import { type Inbound, type OpenedProof, openInbound, openProof } from './inbound.ts'
import { CLOCK_SKEW_MS, GOSSIP_BYTES_MAX } from './limits.ts'
import type { Publication } from './message/forecast.ts'
import type { Announcement } from './message/lease.ts'
import type { Head } from './message/watch.ts'
import type { StatementOf } from './message.ts'
import { conflicts } from './proof/equivocation.ts'
import { ShapeError } from './shape.ts'
import {
  type Authentic,
  type Curve,
  claimsOf,
  ed25519,
  followsManifest,
  type OpenedFederation,
  openFederation,
  openStatement
} from './signed.ts'

type Rejection =
  | 'oversize'
  | 'malformed'
  | 'not-a-coordinator'
  | 'bad-signature'
  | 'no-conflict'
  | 'not-a-root'
type Ignorance = 'unknown-kind' | 'stale' | 'early' | 'past-deadline' | 'unknown-kernel'

export type Judgement<S> =
  | { readonly action: 'accept'; readonly said: S }
  | { readonly action: 'reject'; readonly reason: Rejection }
  | { readonly action: 'ignore'; readonly reason: Ignorance }
export type Admission<T> = Judgement<Authentic<T>>

export interface Admitting {
  readonly federation: Federation
  /** Unix milliseconds of this machine's clock. */
  readonly atMs: number
  readonly curve?: Curve
}

/** Announcements repeat every announceMs, so an old one is of no use; publications stay true. */
const PUBLICATION_AGE_MS_MAX = 7 * 86_400_000

const isCoordinator = (federation: Federation, signer: Uint8Array): boolean =>
  federation.coordinators.some(({ key }) => equals(key, signer))

/** Is it signed? The one check that costs a curve operation. */
function admitSigned<S>(open: () => S): Judgement<S> {
  try {
    // [REJECT] the signature does not verify
    return { action: 'accept', said: open() }
  } catch (error) {
    if (error instanceof ShapeError) return { action: 'reject', reason: 'bad-signature' }
    throw error
  }
}

type Gossiped =
  | 'announcement'
  | 'publication'
  | 'head'
  | 'equivocation-proof'
  | 'fraud-proof'
  | 'mismatch-proof'
  | 'garbage-proof'

/** Everything that is cheaper than the signature; undefined when all of it holds. */
function faultOf<K extends Gossiped>(
  kind: K,
  bytes: Uint8Array,
  { federation }: Admitting,
  ignoreFor: (body: StatementOf<K>) => Ignorance | undefined
): Exclude<Judgement<never>, { action: 'accept' }> | undefined {
  // [REJECT] longer than a gossip message may be
  if (bytes.length > GOSSIP_BYTES_MAX) return { action: 'reject', reason: 'oversize' }
  try {
    // [REJECT] not an envelope in canonical form
    const { type, signer, body: encoded, shape } = claimsOf(kind, bytes)
    // [IGNORE] of a kind that a later version may send on this topic
    if (type !== kind) return { action: 'ignore', reason: 'unknown-kind' }
    // [REJECT] the body does not have its shape
    const body = decode(shape, encoded)
    // [REJECT] not signed by a coordinator of the federation
    if (!isCoordinator(federation, signer)) return { action: 'reject', reason: 'not-a-coordinator' }
    // [IGNORE] stale, early, or about what this peer does not know
    const reason = ignoreFor(body)
    return reason === undefined ? undefined : { action: 'ignore', reason }
  } catch (error) {
    if (error instanceof ShapeError) return { action: 'reject', reason: 'malformed' }
    throw error
  }
}

function admit<K extends Gossiped>(
  kind: K,
  bytes: Uint8Array,
  context: Admitting,
  ignoreFor: (body: StatementOf<K>) => Ignorance | undefined
): Admission<StatementOf<K>> {
  const fault = faultOf(kind, bytes, context, ignoreFor)
  if (fault !== undefined) return fault
  const { federation, curve = ed25519 } = context
  return admitSigned(() => openStatement(kind, federation.network, bytes, curve))
}

const freshness = (atMs: number, context: Admitting, ageMsMax: number): Ignorance | undefined => {
  if (atMs < context.atMs - ageMsMax) return 'stale'
  return atMs > context.atMs + CLOCK_SKEW_MS ? 'early' : undefined
}

/** Topic `announce`: a coordinator has open units. */
export const admitAnnouncement = (bytes: Uint8Array, context: Admitting): Admission<Announcement> =>
  admit('announcement', bytes, context, ({ atMs, deadlineAtMs, kernel }) => {
    const reason = freshness(atMs, context, CLOCK_SKEW_MS)
    if (reason !== undefined) return reason
    if (deadlineAtMs < context.atMs) return 'past-deadline'
    return context.federation.kernels.some((known) => known.equals(kernel))
      ? undefined
      : 'unknown-kernel'
  })

/** Topic `forecast`: a forecast is published. */
export const admitPublication = (bytes: Uint8Array, context: Admitting): Admission<Publication> =>
  admit('publication', bytes, context, ({ atMs }) =>
    freshness(atMs, context, PUBLICATION_AGE_MS_MAX)
  )

/** Topic `heads`: so long is a coordinator's log. */
export const admitHead = (bytes: Uint8Array, context: Admitting): Admission<Head> =>
  admit('head', bytes, context, ({ atMs }) => freshness(atMs, context, CLOCK_SKEW_MS))

/** What topic `proofs` carries. */
export type GossipedProof =
  | OpenedProof
  | Extract<Inbound, { kind: 'fraud-proof' | 'mismatch-proof' | 'garbage-proof' }>

/**
 * Topic `proofs`: a coordinator signed two statements of which it may sign one, or a volunteer
 * lied. That a traced lie is one shows only the run of its segment: what is checked here is that
 * the liar signed it.
 */
export function admitProof(bytes: Uint8Array, context: Admitting): Judgement<GossipedProof> {
  const { federation, curve = ed25519 } = context
  for (const kind of ['fraud-proof', 'mismatch-proof', 'garbage-proof'] as const) {
    const fault = faultOf(kind, bytes, context, () => undefined)
    if (fault?.reason === 'unknown-kind') continue
    if (fault !== undefined) return fault
    return admitSigned(() => openInbound(federation.network, bytes, curve) as GossipedProof)
  }
  return admitEquivocation(bytes, context)
}

function admitEquivocation(bytes: Uint8Array, context: Admitting): Judgement<OpenedProof> {
  const fault = faultOf('equivocation-proof', bytes, context, () => undefined)
  if (fault !== undefined) return fault
  const { federation, curve = ed25519 } = context
  const judged = admitSigned(() => openProof(federation.network, bytes, curve))
  if (judged.action !== 'accept') return judged
  const { said, first, second } = judged.said
  // [REJECT] by no coordinator of the federation
  if (!isCoordinator(federation, first.signer)) {
    return { action: 'reject', reason: 'not-a-coordinator' }
  }
  // [REJECT] the two statements do not conflict
  return conflicts(said.body.about, first.body, second.body)
    ? judged
    : { action: 'reject', reason: 'no-conflict' }
}

/** Topic `control`: a manifest of a later epoch, signed by enough of the roots of this one. */
export function admitManifest(bytes: Uint8Array, present: Federation): Judgement<OpenedFederation> {
  // [REJECT] longer than a gossip message may be
  if (bytes.length > GOSSIP_BYTES_MAX) return { action: 'reject', reason: 'oversize' }
  try {
    const said = decode(federationShape, decode(manifest, bytes).body)
    // [IGNORE] of another mesh
    if (said.network !== present.network) return { action: 'ignore', reason: 'unknown-kind' }
    // [IGNORE] of an epoch that this peer knows or has left
    if (said.epoch <= present.epoch) return { action: 'ignore', reason: 'stale' }
  } catch (error) {
    // [REJECT] not a manifest in canonical form
    if (error instanceof ShapeError) return { action: 'reject', reason: 'malformed' }
    throw error
  }
  const judged = admitSigned(() => openFederation(bytes))
  if (judged.action !== 'accept') return judged
  // [REJECT] not signed by enough of the roots that this peer trusts
  return followsManifest(judged.said, present) ? judged : { action: 'reject', reason: 'not-a-root' }
}

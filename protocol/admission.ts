/**
 * Admission of gossip: what a peer does with a message of a topic before it passes it on. `reject`
 * is for provable faults and costs the sender its score, `ignore` for everything an honest peer
 * could send. Checks run in cost order, the signature last.
 */

import { equals } from 'uint8arrays/equals'
import { decode } from './canonical.ts'
import type { Federation } from './federation.ts'
import { CLOCK_SKEW_MS, GOSSIP_BYTES_MAX } from './limits.ts'
import type { Announcement, Publication, StatementOf } from './message.ts'
import { ShapeError } from './shape.ts'
import { type Authentic, type Curve, claimsOf, ed25519, openStatement } from './signed.ts'

type Rejection = 'oversize' | 'malformed' | 'not-a-coordinator' | 'bad-signature'
type Ignorance = 'unknown-kind' | 'stale' | 'early' | 'past-deadline' | 'unknown-kernel'

export type Admission<T> =
  | { readonly action: 'accept'; readonly said: Authentic<T> }
  | { readonly action: 'reject'; readonly reason: Rejection }
  | { readonly action: 'ignore'; readonly reason: Ignorance }

export interface Admitting {
  readonly federation: Federation
  /** Unix milliseconds of this machine's clock. */
  readonly atMs: number
  readonly curve?: Curve
}

/** Announcements repeat every announceMs, so an old one is of no use; publications stay true. */
const PUBLICATION_AGE_MS_MAX = 7 * 86_400_000

function admit<K extends 'announcement' | 'publication'>(
  kind: K,
  bytes: Uint8Array,
  context: Admitting,
  ignoreFor: (body: StatementOf<K>) => Ignorance | undefined
): Admission<StatementOf<K>> {
  const { federation, curve = ed25519 } = context
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
    if (!federation.coordinators.some(({ key }) => equals(key, signer))) {
      return { action: 'reject', reason: 'not-a-coordinator' }
    }
    // [IGNORE] stale, early, or about what this peer does not know
    const reason = ignoreFor(body)
    if (reason !== undefined) return { action: 'ignore', reason }
  } catch (error) {
    if (error instanceof ShapeError) return { action: 'reject', reason: 'malformed' }
    throw error
  }
  try {
    // [REJECT] the signature does not verify
    return { action: 'accept', said: openStatement(kind, federation.network, bytes, curve) }
  } catch (error) {
    if (error instanceof ShapeError) return { action: 'reject', reason: 'bad-signature' }
    throw error
  }
}

/** Topic `announce`: a coordinator has open units. */
export const admitAnnouncement = (bytes: Uint8Array, context: Admitting): Admission<Announcement> =>
  admit('announcement', bytes, context, ({ atMs, deadlineAtMs, kernel }) => {
    if (atMs < context.atMs - CLOCK_SKEW_MS) return 'stale'
    if (atMs > context.atMs + CLOCK_SKEW_MS) return 'early'
    if (deadlineAtMs < context.atMs) return 'past-deadline'
    return context.federation.kernels.some((known) => known.equals(kernel))
      ? undefined
      : 'unknown-kernel'
  })

/** Topic `forecast`: a forecast is published. */
export const admitPublication = (bytes: Uint8Array, context: Admitting): Admission<Publication> =>
  admit('publication', bytes, context, ({ atMs }) => {
    if (atMs < context.atMs - PUBLICATION_AGE_MS_MAX) return 'stale'
    return atMs > context.atMs + CLOCK_SKEW_MS ? 'early' : undefined
  })

/**
 * Results: sealed, witnessed, opened, and decided about by a verdict.
 */
import { publicKey } from '../federation.ts'
import { FRAME_BYTES_MAX, REPLICAS_MAX, REVISIONS_MAX } from '../limits.ts'
import { slot } from '../plan.ts'
import {
  bytes,
  fields,
  type Infer,
  integer,
  link,
  list,
  object,
  oneOf,
  optional
} from '../shape.ts'
import { envelope, hash, peerKey, unixMs } from './parts.ts'

/** Signed by the volunteer's peer key: sealed before anything of the result is shown. */
export const commit = object('commit', {
  lease: hash,
  unit: link,
  attempt: integer(1_000_000),
  operator: publicKey,
  peer: peerKey,
  /** commitDigest() of the reveal. */
  digest: hash,
  atMs: unixMs,
  /** The `witnessing` of this digest, where the grant names witnesses. */
  witness: optional(envelope)
})
export type Commit = Infer<typeof commit>

/** Signed by the volunteer, to a witness: seal this digest; `grant` proves the lease. */
export const witnessRequest = object('witness-request', {
  /** The signed `lease-grant`. */
  grant: bytes(FRAME_BYTES_MAX, 1),
  digest: hash,
  atMs: unixMs
})
export type WitnessRequest = Infer<typeof witnessRequest>

/**
 * Signed by a coordinator that does not own the slot: it saw this digest, and no other of this
 * lease. `nonce` is drawn after it saw it.
 */
export const witnessing = object('witnessing', {
  lease: hash,
  unit: link,
  operator: publicKey,
  peer: peerKey,
  digest: hash,
  owner: publicKey,
  atMs: unixMs,
  nonce: hash,
  /** Of the grant, which the witness saw before it drew the nonce. */
  lotterySeal: optional(hash)
})
export type Witnessing = Infer<typeof witnessing>

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

/**
 * A replica whose reveal counted; the binding proves that the peer computes for the
 * operator, the witness that its digest was fixed before anything was revealed.
 */
const voter = fields({
  operator: publicKey,
  peer: peerKey,
  binding: envelope,
  reveal: envelope,
  witness: optional(envelope)
})

export const FAULTS = [
  'no-reveal',
  'reveal-mismatch',
  'blocks-missing',
  'blocks-invalid',
  'opening-missing',
  'convicted',
  'wrong-result',
  'unsealed'
] as const
export type Fault = (typeof FAULTS)[number]

/** Signed by the owner: the canonical result of a slot and who found it. */
export const verdict = object('verdict', {
  slot,
  term: integer(),
  /** Where an earlier verdict was wrong: which, the proof against who agreed, how often now. */
  revises: optional(fields({ revision: integer(REVISIONS_MAX, 1), supersedes: link, proof: link })),
  unit: link,
  result: link,
  traceRoot: hash,
  fuel: integer(),
  /** Policy throughput, one voter: the secret that spared the second. */
  lotterySecret: optional(hash),
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

/** Signed by the owner: so much verified work is to an operator's credit. */
export const receipt = object('receipt', {
  operator: publicKey,
  peer: peerKey,
  slot,
  unit: link,
  /** Particle-steps of the accepted result. */
  fuel: integer(),
  /** CID of the signed verdict. */
  verdict: link,
  atMs: unixMs
})

/**
 * What a restart may forget, because peers say it again or the shell is asked again.
 */
import type { CID } from 'multiformats/cid'
import type { Inbound } from '../protocol/inbound.ts'
import type { UnitResult } from '../protocol/result.ts'
import type { SegmentCheck } from './federation/attestation.ts'
import type { NotedSilence } from './federation/takeover.ts'

/** A statement on its way to another coordinator. */
export interface Outgoing {
  readonly plan: string
  readonly of: CID
  readonly envelope: Uint8Array
  /** Waits for a cosignature, not only for an acknowledgement. */
  readonly wantsCosignature: boolean
  /** What the receiver needs before it can take this, sent when it says so. */
  readonly before?: Uint8Array
  /** A publication whose receiver was told what it lacked. */
  isExplained?: true
  /** When to send it next; an answer is awaited meanwhile. */
  dueAtMs: number
}

/** The last word of a lease, and the one that it was renewed for. */
export interface Word {
  readonly atMs: number
  readonly particleStepsDone: number
  readonly renewed?: { readonly atMs: number; readonly particleStepsDone: number }
}

export interface Live {
  startedAtMs: number
  addresses: readonly string[]
  isDraining: boolean
  /** Last word of each active lease. */
  readonly heard: Map<string, Word>
  /** Work the shell was asked for, and from when it may be asked again. */
  readonly asked: Map<string, { retryAtMs: number }>
  /** The results of which a product is being made, by plan. */
  readonly assembling: Map<string, string>
  readonly announcedAtMs: Map<string, number>
  /** Operators that may stand for newer ones, by the time they were last heard. */
  readonly eldersSeen: Map<string, number>
  /** Peers that asked for work lately, by key, and when. */
  readonly askers: Map<string, number>
  /** Revealed results of slots that are not decided, by lease: equal units have equal results. */
  readonly results: Map<string, UnitResult>
  /** Proofs of others whose segment is being run, by the name of the run. */
  readonly proofs: Map<string, Extract<Inbound, { kind: 'fraud-proof' }>>
  /** Names of runs that showed a proof to prove nothing. */
  readonly disproved: Set<string>
  /** Disputed segment of each lease whose state before it is wanted. */
  readonly openings: Map<string, number>
  readonly outbox: Map<string, Map<string, Outgoing>>
  /** When something of each other coordinator was heard last. */
  readonly words: Map<string, number>
  /** Signed silences by plan and coordinator, then by signer. */
  readonly silences: Map<string, Map<string, NotedSilence>>
  /** Segments being run for attestations, by name of the audit. */
  readonly checks: Map<string, SegmentCheck>
  /** Verdicts that did not prove themselves, by what only one may be signed for. */
  readonly doubtful: Map<string, Uint8Array>
  /** Heads of the others' logs, by coordinator and length. */
  readonly heads: Map<string, Map<number, Uint8Array>>
  headToldAtMs: number
  /** Repetitions left of our publications. */
  readonly publications: Map<string, number>
}

export const emptyLive = (): Live => ({
  startedAtMs: 0,
  addresses: [],
  isDraining: false,
  heard: new Map(),
  asked: new Map(),
  assembling: new Map(),
  announcedAtMs: new Map(),
  eldersSeen: new Map(),
  askers: new Map(),
  results: new Map(),
  proofs: new Map(),
  disproved: new Set(),
  openings: new Map(),
  outbox: new Map(),
  words: new Map(),
  silences: new Map(),
  checks: new Map(),
  doubtful: new Map(),
  heads: new Map(),
  headToldAtMs: 0,
  publications: new Map()
})

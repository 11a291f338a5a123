/**
 * Everything a coordinator asks its shell to do. Effects are carried out in order; the one `append`
 * of a step comes first and is on disk before any other effect of that step starts.
 */
import type { CID } from 'multiformats/cid'
import type { ForecastBody } from '../protocol/message/forecast.ts'
import type { Plan } from '../protocol/plan.ts'
import type { WorkUnit } from '../protocol/work-unit.ts'
import type { Fact } from './fact.ts'
import type { PlanSlot } from './slots.ts'

/** What there is to tell the people who run a coordinator. */
export type NoteName =
  | 'plan.opened'
  | 'plan.refused'
  | 'lease.granted'
  | 'lease.refused'
  | 'lease.ended'
  | 'commit.logged'
  | 'lottery.drawn'
  | 'commit.witnessed'
  | 'reveal.asked'
  | 'replica.faulted'
  | 'audit.failed'
  | 'operator.convicted'
  | 'proof.checked'
  | 'slot.settled'
  | 'slot.failed'
  | 'slot.urgent'
  | 'slot.rechecked'
  | 'slot.confirmed'
  | 'slot.revised'
  | 'notice.accepted'
  | 'notice.refused'
  | 'plan.disputed'
  | 'product.assembled'
  | 'product.failed'
  | 'slot.attested'
  | 'verdict.refuted'
  | 'attest.failed'
  | 'operator.admitted'
  | 'coordinator.silent'
  | 'coordinator.deposed'
  | 'coordinator.expelled'
  | 'forecast.cosigned'
  | 'forecast.not-cosigned'
  | 'forecast.published'
  | 'forecast.publish-failed'

/** Keys are hex, CIDs text. */
export type NoteFields = Readonly<Record<string, string | number | boolean>>

/** A settled slot as assembly wants it. */
export interface SettledSlot extends PlanSlot {
  readonly result: CID
}

export type CoordinatorEffect =
  /** Write all facts (encodeFact) as one atomic, fsynced batch. */
  | { readonly kind: 'append'; readonly facts: readonly Fact[] }
  /** Answer the stream `replyTo` with this envelope; a stream that is gone is no error. */
  | { readonly kind: 'reply'; readonly replyTo: string; readonly envelope: Uint8Array }
  /**
   * Hand an envelope to a volunteer that is connected. No answer: who does not get it asks at its
   * next heartbeat.
   */
  | { readonly kind: 'tell'; readonly to: Uint8Array; readonly envelope: Uint8Array }
  /** Answer a `plan-submitted`; `refused` says why the plan is not run. */
  | {
      readonly kind: 'submitted'
      readonly replyTo: string
      readonly plan: CID
      readonly refused?: string
    }
  /** Publish by gossip; no answer. */
  | {
      readonly kind: 'gossip'
      readonly topic: 'announce' | 'forecast' | 'heads' | 'proofs'
      readonly envelope: Uint8Array
    }
  /**
   * Fetch and store a result: root, state root and chunks, segment blocks. Answer with `fetched` or
   * `fetch-failed`. A fetch that is asked for again while it runs may be ignored.
   *
   */
  | {
      readonly kind: 'fetch'
      /** Name of this fetch, to be repeated in the answer. */
      readonly fetch: string
      readonly result: CID
      /** Most bytes that all its blocks together may have (else `blocks-invalid`). */
      readonly outputBytesMax: number
      /** Keys of peers that hold it, most likely first; ask others too. */
      readonly peers: readonly Uint8Array[]
      /** Give up (`blocks-missing`) after this time. */
      readonly withinMs: number
    }
  /**
   * Send an envelope to another coordinator on channel `cosign`. Answer with `answered` (opened by
   * openNoticeAnswer, signer checked to be `to`) or `unanswered`.
   */
  | {
      readonly kind: 'send'
      readonly to: Uint8Array
      readonly addresses: readonly string[]
      /** CID of the envelope, to be repeated in the answer. */
      readonly of: CID
      readonly envelope: Uint8Array
    }
  /** Assemble the product. Answer with `assembled` or `assemble-failed`. */
  | {
      readonly kind: 'assemble'
      readonly plan: CID
      readonly body: Plan
      /** In slot order; slots that are not listed are gaps. All results are in our store. */
      readonly settled: readonly SettledSlot[]
    }
  /**
   * Run one segment of a unit from the state before it. Answer with `audited` or `audit-failed`.
   */
  | {
      readonly kind: 'audit'
      /** Name of this audit, to be repeated in the answer. */
      readonly audit: string
      readonly unit: WorkUnit
      readonly segment: number
      /** The state before the segment. */
      readonly state: CID
      /** Keys of peers that hold it, most likely first. */
      readonly peers: readonly Uint8Array[]
      /** Give up (`opening-missing`) after this time. */
      readonly withinMs: number
    }
  /** Keep an envelope as a block that anybody can fetch: a proof. */
  | { readonly kind: 'keep'; readonly block: Uint8Array }
  /** Compute a unit ourselves (store nothing). Answer with `recomputed` or `recompute-failed`. */
  | {
      readonly kind: 'recompute'
      readonly plan: CID
      readonly slot: PlanSlot
      readonly unit: WorkUnit
    }
  /**
   * Build the forecast folder, store it, provide it. Answer with `published` or `publish-failed`.
   * `settled` allows to assemble again when the assembled product of this plan is not at hand.
   */
  | {
      readonly kind: 'publish'
      readonly plan: CID
      readonly body: Plan
      readonly forecast: ForecastBody
      /** Signed `cosignature` envelopes, our own first. */
      readonly cosignatures: readonly Uint8Array[]
      /** Signed `verdict` envelopes in slot order; unitsBlocks() makes `forecast.units` of them. */
      readonly verdicts: readonly Uint8Array[]
      /** Signed `attestation` envelopes of these verdicts. */
      readonly attestations: readonly Uint8Array[]
      readonly settled: readonly SettledSlot[]
    }
  /** Log one line and count it. */
  | { readonly kind: 'note'; readonly name: NoteName; readonly fields: NoteFields }

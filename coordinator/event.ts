/**
 * Everything that can happen to a coordinator. The shell turns the world into these and hands them
 * to step() one at a time; it decides nothing. Time and chance enter only through `atMs` and
 * `entropy`.
 */
import type { CID } from 'multiformats/cid'
import type { Inbound, NoticeAnswer, OpenedProof } from '../protocol/inbound.ts'
import type { Publication } from '../protocol/message/forecast.ts'
import type { Head } from '../protocol/message/watch.ts'
import type { Plan } from '../protocol/plan.ts'
import type { UnitResult } from '../protocol/result.ts'
import type { Authentic } from '../protocol/signed.ts'
import type { Trace } from '../protocol/trace.ts'
import type { PlanSlot } from './slots.ts'

/** What the shell adds to every event. */
export interface Occasion {
  /** Whole Unix milliseconds of this machine's clock. */
  readonly atMs: number
  /** 32 fresh random bytes. */
  readonly entropy: Uint8Array
}

/** A statement that waits for exactly one `reply` effect with this token in the same step. */
interface Asked {
  /** Names the waiting stream; any text the shell likes. */
  readonly replyTo: string
}

/** A plan proposal, delivered once its plan block was fetched (unfetchable: close the stream). */
type Proposed = Extract<Inbound, { kind: 'plan-proposal' }> & { readonly plan: Plan }

export type CoordinatorEvent = Occasion &
  (
    | {
        /** First event after replay(): what was in flight is issued again. */
        readonly kind: 'started'
        /** Multiaddresses of this node, named in grants and proposals as sources. */
        readonly addresses: readonly string[]
      }
    /** Timers. To be sent every `tickMs(federation)` (protocol/timers.ts). */
    | { readonly kind: 'tick' }
    /** No new leases: finish what is leased, then the process may stop; `resume` lifts it. */
    | { readonly kind: 'drain' }
    | { readonly kind: 'resume' }
    | {
        /** A plan from our own API; all its blocks are in our store. Answered by `submitted`. */
        readonly kind: 'plan-submitted'
        readonly plan: Plan
        /** CID of the plan's canonical bytes. */
        readonly cid: CID
        readonly replyTo: string
      }
    /** What openInbound() made of a frame from a stream. */
    | (Asked & (Exclude<Inbound, { kind: 'plan-proposal' }> | Proposed))
    | {
        /** Every block of the result is in our store. */
        readonly kind: 'fetched'
        /** `fetch` of the effect. */
        readonly fetch: string
        /** The decoded root. */
        readonly result: UnitResult
      }
    | {
        readonly kind: 'fetch-failed'
        readonly fetch: string
        /** Nobody gave them in time, or they are not what a result is made of. */
        readonly fault: 'blocks-missing' | 'blocks-invalid'
        /** The root block, where it is at hand and the fault lies in it. */
        readonly root?: Uint8Array
      }
    /** The product is in our store. */
    | { readonly kind: 'assembled'; readonly plan: CID; readonly product: CID }
    | { readonly kind: 'assemble-failed'; readonly plan: CID; readonly reason: string }
    | {
        /** What our own run of the segment gave. */
        readonly kind: 'audited'
        /** `audit` of the effect. */
        readonly audit: string
        readonly state: CID
        readonly outputs: readonly CID[]
      }
    | {
        readonly kind: 'audit-failed'
        readonly audit: string
        /** The state before it cannot be had, is not a state, or our own run failed. */
        readonly fault: 'opening-missing' | 'opening-invalid' | 'failed'
      }
    | {
        readonly kind: 'recomputed'
        readonly plan: CID
        readonly slot: PlanSlot
        /** CID of our own result, and its trace. */
        readonly result: CID
        readonly trace: Trace
      }
    | {
        readonly kind: 'recompute-failed'
        readonly plan: CID
        readonly slot: PlanSlot
        readonly reason: string
      }
    | {
        /** What openNoticeAnswer() made of the answer to a `send`. */
        readonly kind: 'answered'
        /** Key of the coordinator that was asked. */
        readonly to: Uint8Array
        /** `of` of the effect. */
        readonly of: CID
        readonly answer: NoticeAnswer
      }
    /** A `send` got no (valid) answer; it will be repeated. */
    | { readonly kind: 'unanswered'; readonly to: Uint8Array; readonly of: CID }
    /** The forecast folder is in our store and provided. */
    | { readonly kind: 'published'; readonly plan: CID; readonly forecast: CID }
    | { readonly kind: 'publish-failed'; readonly plan: CID; readonly reason: string }
    /** A coordinator's forecast came by gossip (admitted by protocol/admission.ts): no reply. */
    | { readonly kind: 'publication'; readonly said: Authentic<Publication> }
    /** A head of another coordinator's log came by gossip: no reply. */
    | { readonly kind: 'head'; readonly said: Authentic<Head> }
    /** A proof of equivocation came by gossip: no reply. */
    | OpenedProof
  )

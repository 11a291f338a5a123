/**
 * Everything that can happen to a volunteer's work. The shell turns the world into these and hands
 * them to step() one at a time. Leases are named by the hex text of their id.
 */
import type { CID } from 'multiformats/cid'
import type { LeaseAnswer } from '../../../protocol/inbound.ts'
import type { Announcement, Directive } from '../../../protocol/message/lease.ts'
import type { Authentic } from '../../../protocol/signed.ts'

/** What the shell adds to every event. */
interface Occasion {
  /** Whole Unix milliseconds of this machine's clock. */
  readonly atMs: number
  /** 32 fresh random bytes. */
  readonly entropy: Uint8Array
}

export type VolunteerEvent = Occasion &
  /** First event after replay(): persisted work goes on. */
  (
    | { readonly kind: 'started' }
    /** Timers. To be sent every `tickMs(federation)` (protocol/timers.ts). */
    | { readonly kind: 'tick' }
    /** A coordinator has open units (admitted by protocol/admission.ts). */
    | { readonly kind: 'announcement'; readonly said: Authentic<Announcement> }
    | {
        /** What openLeaseAnswer() made of the answer; the shell checked that `ask.to` signed it. */
        readonly kind: 'answered'
        /** `exchange` of the effect. */
        readonly exchange: string
        readonly answer: LeaseAnswer
      }
    /** The owner of a lease says unasked what to do with it (its signer was who sent it). */
    | { readonly kind: 'told'; readonly said: Authentic<Directive> }
    /** An `ask` got no (valid) answer. */
    | { readonly kind: 'unanswered'; readonly exchange: string }
    | {
        /** At most a few times per heartbeat; only for the heartbeat. */
        readonly kind: 'progress'
        readonly lease: string
        readonly particleStepsDone: number
      }
    | {
        /** All result blocks are in the store (durably), announced to nobody. */
        readonly kind: 'computed'
        readonly lease: string
        readonly result: CID
        readonly traceRoot: Uint8Array
        readonly fuel: number
        /** Root of the state it ended with. */
        readonly state?: CID | undefined
        /** Wall time of the run, to measure our own speed. */
        readonly wallMs: number
      }
    | {
        readonly kind: 'compute-failed'
        readonly lease: string
        /** 'inputs-missing': blocks could not be fetched; 'failed': the run itself failed. */
        readonly reason: 'inputs-missing' | 'failed'
      }
    /** The states of an `open` are in the store, or cannot be had. */
    | { readonly kind: 'opened'; readonly lease: string }
    /** Finish what is leased, take nothing new; a `resume` lifts it. */
    | { readonly kind: 'drain' }
    | { readonly kind: 'resume' }
    /** So many units may be computed at the same time, at most those of the setup. */
    | { readonly kind: 'slots'; readonly count: number }
  )

/**
 * Everything a volunteer's core asks its shell to do. The one `persist` of a step comes first and
 * is on disk before any other effect of that step starts.
 *
 */
import type { CID } from 'multiformats/cid'
import type { WorkUnit } from '../../../protocol/work-unit.ts'
import type { VolunteerRecord } from './record.ts'

export type VolunteerNoteName =
  | 'lease.taken'
  | 'lease.refused'
  | 'lease.lost'
  | 'unit.computed'
  | 'unit.failed'
  | 'commit.witnessed'
  | 'commit.accepted'
  | 'reveal.accepted'
  | 'unit.verified'
  | 'unit.rejected'
  | 'owner.unreachable'

export type VolunteerEffect =
  /** Write all records (encodeRecord) as one atomic, fsynced batch. */
  | { readonly kind: 'persist'; readonly records: readonly VolunteerRecord[] }
  /**
   * Send an envelope to a coordinator. Answer with `answered` or, also when the answer is invalid
   * or late, `unanswered`.
   *
   */
  | {
      readonly kind: 'ask'
      /** Names this exchange, to be repeated in the answer. */
      readonly exchange: string
      readonly to: Uint8Array
      readonly addresses: readonly string[]
      readonly channel: 'lease' | 'result'
      readonly envelope: Uint8Array
    }
  /** Run a unit. Answer with `computed` or `compute-failed`, and `progress` on the way. */
  | {
      readonly kind: 'compute'
      readonly lease: string
      readonly unit: WorkUnit
      /** Peers that hold the inputs. */
      readonly sources: readonly {
        readonly peer: Uint8Array
        readonly addresses: readonly string[]
      }[]
    }
  /**
   * Have the states before these segments of our result at hand for whoever asks. Answer with
   * `opened`, also where that is not possible.
   */
  | {
      readonly kind: 'open'
      readonly lease: string
      readonly unit: WorkUnit
      readonly result: CID
      readonly segments: readonly number[]
    }
  /** Abort a run; no answer (one that is already under way is ignored). */
  | { readonly kind: 'cancel'; readonly lease: string }
  /** The result's blocks may be deleted: it was decided, or is of no use. */
  | { readonly kind: 'forget'; readonly lease: string; readonly result: CID }
  /** Send a `tick` after this time. */
  | { readonly kind: 'wake'; readonly afterMs: number }
  /** Log one line and count it. */
  | {
      readonly kind: 'note'
      readonly name: VolunteerNoteName
      readonly fields: Readonly<Record<string, string | number | boolean>>
    }

/** What a coordinator has to say to the people who run it: a closed set of names with fields. */

export type NoteName =
  | 'plan.opened'
  | 'plan.refused'
  | 'lease.granted'
  | 'lease.refused'
  | 'lease.ended'
  | 'commit.logged'
  | 'reveal.asked'
  | 'replica.faulted'
  | 'slot.settled'
  | 'slot.failed'
  | 'notice.accepted'
  | 'notice.refused'
  | 'product.assembled'
  | 'product.failed'
  | 'recompute.matched'
  | 'recompute.mismatched'
  | 'recompute.failed'
  | 'forecast.cosigned'
  | 'forecast.not-cosigned'
  | 'forecast.published'
  | 'forecast.publish-failed'

export interface Note {
  readonly name: NoteName
  /** Keys and CIDs as text. */
  readonly fields: Readonly<Record<string, string | number | boolean>>
}

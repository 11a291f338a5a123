/**
 * The rules of trust, each with a switch. In production all are on; tests and the simulator switch
 * one off to show what it is worth. A rule that nobody needs is found here, too.
 */
export interface Rules {
  /** An operator has one replica of a slot. */
  readonly distinctOperators: boolean
  /** Reveals are asked for only when the commits that can complete the quorum are logged. */
  readonly commitBeforeReveal: boolean
  /** A commit opens only for the operator and peer that made it. */
  readonly boundCommit: boolean
  /** Losers sit out. */
  readonly sitOut: boolean
  /** Convicted operators are banned for the epoch. */
  readonly ban: boolean
  readonly quota: boolean
  /** Newcomers are audited twice and settle nothing without an established operator. */
  readonly probation: boolean
  /** Nothing is settled without one of the operators that did most of the work so far. */
  readonly seniority: boolean
  /** Random segments of every distinct result are run again before it counts. */
  readonly audit: boolean
  /** Now and then all segments are, and always where newcomers outlasted the probation's wait. */
  readonly fullAudit: boolean
  /** Where results differ, the first differing segment decides, not the majority. */
  readonly dispute: boolean
  /** What a convicted operator agreed on is computed once more. */
  readonly backtrack: boolean
  /** Policy throughput: whether a replica is run is drawn after the commit. */
  readonly lotteryAfterCommit: boolean
  /** Another coordinator seals the digest of a commit before the owner sees it. */
  readonly witness: boolean
  /** A coordinator that signs two statements of which it may sign one is expelled. */
  readonly expulsion: boolean
  /** The chains of a silent coordinator go to the next. */
  readonly takeover: boolean
  /** Statements of a term that is over are refused. */
  readonly fencing: boolean
  /** A coordinator attests only what it ran itself. */
  readonly attestOwnCheck: boolean
  /** A coordinator attests one result per slot. */
  readonly oneAttestation: boolean
  /** A newcomer pays, or a coordinator vouches for it. */
  readonly admission: boolean
  /** Errors, replicas and different results of a slot are limited. */
  readonly caps: boolean
  /** Leases, reveals and fetches end by themselves. */
  readonly leaseTimers: boolean
  /** The last slots of a plan get an extra replica beside a slow one. */
  readonly urgentTail: boolean
  /** A lease is renewed only while its run makes progress. */
  readonly renewProgress: boolean
  /** Statements of a clock that is far off are refused. */
  readonly skew: boolean
  /** A foreign verdict is about the unit its chain leads to. */
  readonly unitCheck: boolean
}

export const RULES: Rules = {
  distinctOperators: true,
  commitBeforeReveal: true,
  boundCommit: true,
  sitOut: true,
  ban: true,
  quota: true,
  probation: true,
  seniority: true,
  audit: true,
  fullAudit: true,
  dispute: true,
  backtrack: true,
  lotteryAfterCommit: true,
  witness: true,
  expulsion: true,
  takeover: true,
  fencing: true,
  attestOwnCheck: true,
  oneAttestation: true,
  admission: true,
  caps: true,
  leaseTimers: true,
  urgentTail: true,
  renewProgress: true,
  skew: true,
  unitCheck: true
}

/** The catalogue of faults: probabilities per occasion, spans in virtual milliseconds. */
export interface Faults {
  readonly loss: number
  readonly repeat: number
  /** Each message takes up to this long, so they overtake each other. */
  readonly delayMsMax: number
  /** Per event of a node: the process dies in the middle of its effects. */
  readonly crash: number
  readonly downMsMax: number
  /** Writes reach the disk up to so late; what was not flushed may be lost with the process. */
  readonly flushMsMax: number
  /**
   * Per crash: some of what was not flushed is on disk all the same, up to a batch that is torn and
   * that recovery drops whole; else all of it is lost.
   */
  readonly torn: number
  /** Every clock is wrong by up to this much, either way. */
  readonly skewMsMax: number
  /** Per coordinator or volunteer and simulated minute: its clock jumps to another skew. */
  readonly jumpPerMinute: number
  /** Per look at a holder of blocks: it does not give them this time. */
  readonly missing: number
  /** Partitions per simulated hour, each up to partitionMsMax; half of them cut one way only. */
  readonly partitionsPerHour: number
  readonly partitionMsMax: number
}

export const CALM: Faults = {
  loss: 0,
  repeat: 0,
  delayMsMax: 40,
  crash: 0,
  downMsMax: 1000,
  flushMsMax: 0,
  torn: 0,
  skewMsMax: 0,
  jumpPerMinute: 0,
  missing: 0,
  partitionsPerHour: 0,
  partitionMsMax: 0
}

export const STORM: Faults = {
  loss: 0.08,
  repeat: 0.08,
  delayMsMax: 400,
  crash: 0.006,
  downMsMax: 6000,
  flushMsMax: 8,
  torn: 0.3,
  skewMsMax: 20_000,
  jumpPerMinute: 0.2,
  missing: 0.1,
  partitionsPerHour: 60,
  partitionMsMax: 8000
}

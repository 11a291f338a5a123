/**
 * How long and how often a transfer waits. Data servers are slow, shared and busy: the limits are
 * patient with those and end with the others. Tests pass shorter ones.
 */
export interface TransferLimits {
  /** Attempts in a row that bring nothing new before a transfer gives up. */
  readonly attempts: number
  /** The first pause; each next one doubles, by a random half to whole, so that clients spread. */
  readonly firstPauseMs: number
  readonly pauseMsMax: number
  /** A server that asks for more than this (Retry-After) is left for another day. */
  readonly retryAfterMsMax: number
  readonly connectMs: number
  /** ERDDAP and THREDDS cut subsets out of archives before they say the first word. */
  readonly headersMs: number
  /** Silence within a body. */
  readonly stallMs: number
  /** A body slower than this over the window holds a connection and brings nothing. */
  readonly slowBytesPerSecond: number
  readonly slowWindowMs: number
  /** Portals redirect to a log-in and back; more is a circle. */
  readonly redirects: number
  /** Descriptions of data sets and axes: those of a century of hours are some megabytes. */
  readonly textBytesMax: number
  /** A subset that is decoded in memory, three times its size at most; longer times are cut. */
  readonly decodedBytesMax: number
  /** A subset that goes to disk; servers cut off requests that take minutes. */
  readonly fileBytesMax: number
}

export const TRANSFER_LIMITS: TransferLimits = {
  attempts: 8,
  firstPauseMs: 500,
  pauseMsMax: 60_000,
  retryAfterMsMax: 300_000,
  connectMs: 15_000,
  headersMs: 300_000,
  stallMs: 30_000,
  slowBytesPerSecond: 100,
  slowWindowMs: 60_000,
  redirects: 5,
  textBytesMax: 64 * 1024 * 1024,
  decodedBytesMax: 64 * 1024 * 1024,
  fileBytesMax: 256 * 1024 * 1024
}

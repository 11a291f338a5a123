/**
 * Failures of the world (a file, a peer, a disk) as one error with a closed set of codes. A code
 * decides the exit code; the message is for people and says what, why and what to do.
 */

/** Every failure code with the exit code of a command that ends on it (DESIGN §4). */
export const EXIT_CODES = {
  'cli/usage': 2,
  'forecast/invalid': 3,
  'forecast/unsupported': 3,
  'config/invalid': 3,
  'forcing/unreadable': 1,
  'forcing/not-understood': 1,
  'forcing/no-overlap': 1,
  'data/unreachable': 6,
  'data/refused': 6,
  'data/mismatch': 5,
  'data/limit': 1,
  'data/not-understood': 1,
  'plan/refused': 1,
  'skill/unreadable': 1,
  'kernel/fault': 1,
  'worker/limit': 1,
  'store/failed': 1,
  'store/full': 1,
  'store/locked': 1,
  'node/unreachable': 4,
  'verify/mismatch': 5,
  'net/port-busy': 6,
  'net/unreachable': 6,
  'net/block-missing': 6,
  'cli/interrupted': 130
} as const
export type ErrorCode = keyof typeof EXIT_CODES

export class MeshError extends Error {
  readonly code: ErrorCode
  readonly detail: Readonly<Record<string, unknown>>
  readonly retryable: boolean
  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; detail?: Record<string, unknown>; retryable?: boolean } = {}
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'MeshError'
    this.code = code
    this.detail = options.detail ?? {}
    this.retryable = options.retryable ?? false
  }
}

/** Is this a failure, of one of these codes if any are given? */
export const isMeshError = (error: unknown, ...codes: ErrorCode[]): error is MeshError =>
  error instanceof MeshError && (codes.length === 0 || codes.includes(error.code))

/** What an error says, for a log line or an answer. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** An answer that is not what was asked for: the HTTP status and one sentence for the reader. */
import { isMeshError } from '../mesh-error.ts'

export class Refusal extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.headers = headers
  }
}

/** What a failure below is to a reader; defects pass. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  if (isMeshError(error, 'verify/mismatch')) return new Refusal(502, error.message)
  if (isMeshError(error, 'net/block-missing')) return new Refusal(504, error.message)
  if (isMeshError(error)) return new Refusal(500, error.message)
  return
}

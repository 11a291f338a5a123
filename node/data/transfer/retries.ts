/**
 * Tries again what failed for a passing reason: pauses that double, spread by chance, or as long as
 * the server asks, until nothing new has come for a number of attempts in a row.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { isMeshError, MeshError } from '../../mesh-error.ts'
import type { HttpAnswer } from './http-client.ts'
import type { TransferLimits } from './limits.ts'
import { shownUrl } from './shown-url.ts'

/** Answers of servers that are busy, starting or behind a broken proxy. */
const PASSING = [408, 425, 429, 500, 502, 503, 504]
/** Enough of an error page to hold the sentence. */
const EXCERPT_BYTES = 4096
const EXCERPT_CHARACTERS = 200

/** Milliseconds that a Retry-After asks for: seconds, or a date. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000
  const atMs = Date.parse(header)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}

/** The sentence in an error page, DAP or ERDDAP error, or nothing. */
async function excerpt({ body }: HttpAnswer): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const piece of body) {
      parts.push(piece)
      bytes += piece.length
      if (bytes >= EXCERPT_BYTES) break
    }
  } catch {
    // The status said enough.
  }
  const text = Buffer.concat(parts).toString('utf8')
  const quoted = /message\s*=?\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]
  const plain = (quoted ?? text)
    .replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
  return plain.slice(0, EXCERPT_CHARACTERS)
}

const ADVICE: Readonly<Record<number, string>> = {
  401: 'it wants a log-in: give --credentials FILE',
  403: 'it does not allow this: check --credentials',
  404: 'not found there: check the address and the name of the data set',
  407: 'the proxy wants a log-in: give it in HTTPS_PROXY',
  413: 'it finds this too much: ask for a smaller box or time'
}

/** An answer that is no success, as a failure: retryable where the reason may pass. */
export async function refusal(answer: HttpAnswer): Promise<MeshError> {
  const { status, headers, url } = answer
  const said = await excerpt(answer)
  const isPassing = PASSING.includes(status)
  const parts = [`${shownUrl(url)} answers ${status}`, ADVICE[status] ?? '', said && `"${said}"`]
  const afterMs = retryAfterMs(headers['retry-after'], Date.now())
  return new MeshError(
    isPassing ? 'data/unreachable' : 'data/refused',
    parts.filter((part) => part !== '').join(': '),
    { retryable: isPassing, detail: { status, ...(afterMs === undefined ? {} : { afterMs }) } }
  )
}

export interface RetryOptions {
  readonly limits: TransferLimits
  readonly signal?: AbortSignal | undefined
  /** Grows while attempts bring something; they are counted anew then. */
  readonly progress?: () => number
  /** Told before each pause. */
  readonly onPause?: ((reason: string, ms: number) => void) | undefined
}

/** @throws MeshError of the last attempt; the signal's reason */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { limits, signal, progress = () => 0, onPause }: RetryOptions
): Promise<T> {
  let best = progress()
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (cause) {
      signal?.throwIfAborted()
      if (!isMeshError(cause) || !cause.retryable) throw cause
      if (progress() > best) {
        best = progress()
        failures = 1
      }
      const { afterMs } = cause.detail
      const asked = typeof afterMs === 'number' ? afterMs : 0
      if (failures >= limits.attempts || asked > limits.retryAfterMsMax) {
        throw gaveUp(cause, failures, asked, limits)
      }
      const doubled = Math.min(limits.pauseMsMax, limits.firstPauseMs * 2 ** (failures - 1))
      const ms = Math.max(asked, doubled * (0.5 + Math.random() / 2))
      onPause?.(cause.message, ms)
      await pause(ms, undefined, signal === undefined ? {} : { signal })
    }
  }
}

function gaveUp(
  cause: MeshError,
  failures: number,
  askedMs: number,
  limits: TransferLimits
): MeshError {
  const why =
    askedMs > limits.retryAfterMsMax
      ? `it asks to come back in ${Math.ceil(askedMs / 1000)} s`
      : `gave up after ${failures} attempts that brought nothing`
  const message = `${cause.message}; ${why}. What has come is kept: try again later`
  return new MeshError(cause.code, message, { cause, detail: cause.detail })
}

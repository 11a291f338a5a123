/**
 * A Zarr store on a web server, one request per object. Attempts are few, each has its time, and no
 * answer may be longer than a chunk.
 */
import { setTimeout } from 'node:timers/promises'
import { isMeshError, MeshError } from '../../../mesh-error.ts'
import { unreadable } from '../data-file.ts'
import { CHUNK_BYTES_MAX } from '../limits.ts'
import type { ByteRange, ZarrStore } from './zarr-store.ts'

/** A server that fails this often is down. */
const TRIES_MAX = 4
/** Doubles from try to try. */
const PAUSE_MS_FIRST = 500
/** A chunk of 256 MiB in this time is 17 Mbit/s. */
const TRY_MS_MAX = 120_000
const NOTHING_THERE = new Set([404, 410])

/** What may go better a moment later. */
class Hiccup extends Error {}

export function httpStore(url: string, pauseMs = PAUSE_MS_FIRST): ZarrStore {
  const request = (key: string, range: ByteRange | undefined, signal: AbortSignal | undefined) => {
    const address = addressOf(url, key)
    return trying(address, pauseMs, signal, () => once(address, range, signal))
  }
  return {
    place: url,
    get: (key, options) => request(key, undefined, options?.signal),
    getRange: (key, range, options) => request(key, range, options?.signal)
  }
}

async function trying<T>(
  address: string,
  pauseMs: number,
  signal: AbortSignal | undefined,
  work: () => Promise<T>
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (cause) {
      signal?.throwIfAborted()
      if (isMeshError(cause)) throw cause
      if (tries === TRIES_MAX) {
        const why = cause instanceof Hiccup ? cause.message : 'the server does not answer'
        const what = `${address}: ${why} (${TRIES_MAX} tries); try again later`
        throw new MeshError('net/unreachable', what, { cause, retryable: true })
      }
      await setTimeout(pauseMs * 2 ** (tries - 1), undefined, signal ? { signal } : {})
    }
  }
}

/** The store's address with a key after its path; a query (a token) stays behind it. */
function addressOf(url: string, key: string): string {
  const address = new URL(url)
  address.pathname = address.pathname.replace(/\/$/, '') + key
  return address.href
}

async function once(
  address: string,
  range: ByteRange | undefined,
  signal: AbortSignal | undefined
): Promise<Uint8Array | undefined> {
  const limit = AbortSignal.timeout(TRY_MS_MAX)
  const response = await fetch(address, {
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    headers: range === undefined ? {} : { range: headerOf(range) }
  })
  const { status, body } = response
  if (NOTHING_THERE.has(status)) {
    await body?.cancel()
    return undefined
  }
  if (status === 429 || status >= 500) {
    await body?.cancel()
    throw new Hiccup(`the server answers ${status}`)
  }
  const isWhole = range === undefined ? status === 200 : status === 206
  if (!isWhole) {
    await body?.cancel()
    const what = status === 200 ? 'knows no ranges, which shards need' : `answers ${status}`
    throw unreadable(address, `the server ${what}`, 'check the address and your access')
  }
  return await readBody(address, response)
}

const headerOf = (range: ByteRange): string =>
  'suffixLength' in range
    ? `bytes=-${range.suffixLength}`
    : `bytes=${range.offset}-${range.offset + range.length - 1}`

async function readBody(address: string, { body }: Response): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body ?? []) {
    length += piece.length
    if (length > CHUNK_BYTES_MAX) {
      const what = `the answer is longer than ${CHUNK_BYTES_MAX} bytes`
      throw unreadable(address, what, 'use a store of smaller chunks')
    }
    pieces.push(piece)
  }
  return new Uint8Array(Buffer.concat(pieces))
}

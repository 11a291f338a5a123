/**
 * What we are waiting for: one fetch per block however many ask for it, a limited number at once,
 * each with a deadline. A fetch ends early when nobody waits for it any more or when the block is
 * put here meanwhile (bitswap would not tell its own waiters).
 */
import type { CID } from 'multiformats/cid'
import { BLOCK_BYTES_MAX } from '../../protocol/limits.ts'
import { startDeadline } from '../net/deadline.ts'
import { blockMissing } from './block-check.ts'
import type { GetOptions } from './blocks.ts'
import { openGate } from './gate.ts'

/**
 * Bytes wanted of the network at once, by the mean size of late. A bitswap peer packs all we want
 * of it before it sends the first byte, all on one stream, and a stream that gets more than the
 * net's UNREAD_BYTES_MAX before it is read is lost.
 */
const WANTED_BYTES_MAX = 8 * 1024 * 1024
/** Bitswap peers remember 1024 wants of ours and stall beyond (NETWORK §6.1); we stay far below. */
const WANTS_MAX = 256
/** Weight of a new block in the mean size. */
const MEAN_WEIGHT = 0.1

export interface Wants {
  get(cid: CID, options?: GetOptions): Promise<Uint8Array>
  /** The block is here: whoever waits for it gets it. */
  arrived(cid: CID, bytes: Uint8Array): void
  /** Ends every fetch. */
  stop(): void
}

interface Want {
  readonly bytes: Promise<Uint8Array>
  readonly resolve: (bytes: Uint8Array) => void
  readonly abort: (reason: unknown) => void
  waiters: number
}

type Fetch = (cid: CID, signal: AbortSignal, holders: readonly Uint8Array[]) => Promise<Uint8Array>

export function openWants(fetch: Fetch, deadlineMs: number): Wants {
  const wants = new Map<string, Want>()
  let meanBytes = BLOCK_BYTES_MAX
  const gate = openGate(() => Math.min(WANTS_MAX, Math.floor(WANTED_BYTES_MAX / meanBytes)))

  const fetchInTime = async (cid: CID, signal: AbortSignal, holders: readonly Uint8Array[]) => {
    const deadline = startDeadline(deadlineMs, signal)
    try {
      const bytes = await fetch(cid, deadline.signal, holders)
      meanBytes += MEAN_WEIGHT * (Math.max(1, bytes.byteLength) - meanBytes)
      return bytes
    } catch (cause) {
      if (!deadline.isPast()) throw cause
      throw blockMissing(cid, `nobody sent it within ${deadlineMs} ms`, cause)
    } finally {
      deadline.clear()
    }
  }
  const start = (cid: CID, key: string, holders: readonly Uint8Array[]): Want => {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    const controller = new AbortController()
    const { signal } = controller
    const want = { bytes: promise, resolve, abort: (r: unknown) => controller.abort(r), waiters: 0 }
    wants.set(key, want)
    gate(() => fetchInTime(cid, signal, holders), signal)
      .then(resolve, reject)
      .finally(() => {
        if (wants.get(key) === want) wants.delete(key)
      })
    // a fetch that everyone left fails with nobody to tell
    promise.catch(() => {})
    return want
  }
  return {
    get: async (cid, { signal, holders = [] } = {}) => {
      signal?.throwIfAborted()
      const key = cid.toString()
      const want = wants.get(key) ?? start(cid, key, holders)
      want.waiters += 1
      try {
        return await orAborted(want.bytes, signal)
      } finally {
        want.waiters -= 1
        if (want.waiters === 0) {
          if (wants.get(key) === want) wants.delete(key)
          want.abort(new DOMException('nobody waits for it any more', 'AbortError'))
        }
      }
    },
    arrived: (cid, bytes) => wants.get(cid.toString())?.resolve(bytes),
    stop: () => {
      const reason = new DOMException('the store was stopped', 'AbortError')
      for (const want of wants.values()) want.abort(reason)
    }
  }
}

function orAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/**
 * Repeats a want until it is met. Bitswap tells a peer of a want once and never again, so a want
 * that was lost would wait for ever. It is withdrawn and repeated only when nothing at all has
 * arrived for a while: a want cut off while its block is on the way costs more than it saves,
 * because the sender takes the repetition for a duplicate.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { isMeshError } from '../mesh-error.ts'

/** Quiet time after which a want is repeated; at 1 Mbit/s a full block takes 8 s. */
const QUIET_MS = 10_000
const QUIET_GROWTH = 1.5
/** Twice in the deadline of a get. */
const QUIET_MS_MAX = 25_000
/** Bitswap forgets a withdrawn want only after its debounce (10 ms). */
const BETWEEN_MS = 50

export type FetchOnce = (cid: CID, signal: AbortSignal) => Promise<Uint8Array>

/** Ends with the signal, or at once when our own store refuses what arrived. */
export function openRepeating(fetchOnce: FetchOnce): FetchOnce {
  let lastArrivalMs = 0
  const attempt = async (cid: CID, quietMs: number, signal: AbortSignal) => {
    const controller = new AbortController()
    const startedMs = performance.now()
    const onAbort = () => controller.abort(signal.reason)
    const look = () => {
      const quietSoFarMs = performance.now() - Math.max(startedMs, lastArrivalMs)
      if (quietSoFarMs >= quietMs) controller.abort(new DOMException('quiet', 'TimeoutError'))
      else timer = setTimeout(look, quietMs - quietSoFarMs)
    }
    let timer = setTimeout(look, quietMs)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      const bytes = await fetchOnce(cid, controller.signal)
      lastArrivalMs = performance.now()
      return bytes
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  }
  return async (cid, signal) => {
    for (let quietMs = QUIET_MS; ; quietMs = Math.min(QUIET_MS_MAX, quietMs * QUIET_GROWTH)) {
      signal.throwIfAborted()
      try {
        return await attempt(cid, quietMs, signal)
      } catch (error) {
        signal.throwIfAborted()
        // Helia hides why a want failed; only our own store's refusals are final
        if (isMeshError(error)) throw error
      }
      await pause(BETWEEN_MS, undefined, { signal })
    }
  }
}

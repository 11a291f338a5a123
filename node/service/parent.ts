/**
 * The tie to the process that started us, where there is one: says when we serve, and turns the
 * loss of the parent into a stop. A stop that hangs ends all the same.
 */
import { z } from 'zod'

export const readyShape = z.object({
  kind: z.literal('ready'),
  peerId: z.string(),
  addresses: z.array(z.string())
})
/** What a node says to its parent once it serves. */
export type Ready = z.infer<typeof readyShape>

/** A clean stop that takes longer than this hangs on a peer. */
const STOP_MS = 6_000

/** Tells the parent, if any, that we serve. */
export const sayReady = (ready: Omit<Ready, 'kind'>): void => {
  process.send?.({ kind: 'ready', ...ready })
}

/** Aborts when the given signal does, when the parent is gone, or when asked through `stop`. */
export function lifetime(signal: AbortSignal): { signal: AbortSignal; stop(): void } {
  const own = new AbortController()
  if (process.connected) process.once('disconnect', () => own.abort())
  const joined = AbortSignal.any([signal, own.signal])
  joined.addEventListener('abort', () => setTimeout(() => process.exit(1), STOP_MS).unref(), {
    once: true
  })
  return { signal: joined, stop: () => own.abort() }
}

/** Resolves when the signal aborts. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

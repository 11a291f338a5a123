/**
 * A signal that aborts with its parent or after a time, and lets go of both when cleared.
 * `AbortSignal.any` and `timeout` keep their sources alive (NETWORK §6.2), so hot paths use this.
 */
import { setMaxListeners } from 'node:events'

export interface Deadline {
  readonly signal: AbortSignal
  /** Did the time run out (rather than the parent abort)? */
  isPast(): boolean
  clear(): void
}

export function startDeadline(ms: number, parent?: AbortSignal): Deadline {
  const controller = new AbortController()
  // libp2p adds a listener per stream operation and would warn from the eleventh on
  setMaxListeners(0, controller.signal)
  let isPast = false
  const onParent = () => controller.abort(parent?.reason)
  const timer = setTimeout(() => {
    isPast = true
    controller.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError'))
  }, ms)
  if (parent?.aborted === true) onParent()
  else parent?.addEventListener('abort', onParent, { once: true })
  return {
    signal: controller.signal,
    isPast: () => isPast,
    clear: () => {
      clearTimeout(timer)
      parent?.removeEventListener('abort', onParent)
    }
  }
}

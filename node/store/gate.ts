/**
 * A gate lets a limited number of pieces of work run at once and keeps the others in order.
 */

export type Gate = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>

/**
 * `width` is asked at every turn and may change. The signal's reason is thrown when it aborts
 * before the work's turn.
 */
export function openGate(width: () => number): Gate {
  let running = 0
  const waiting = new Set<() => void>()
  const turn = (signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener('abort', leave)
        waiting.delete(enter)
        running += 1
        resolve()
      }
      const leave = () => {
        waiting.delete(enter)
        reject(signal?.reason)
      }
      if (running < width()) enter()
      else {
        waiting.add(enter)
        signal?.addEventListener('abort', leave, { once: true })
      }
    })
  return async (work, signal) => {
    signal?.throwIfAborted()
    await turn(signal)
    try {
      return await work()
    } finally {
      running -= 1
      for (const enter of waiting) {
        if (running >= width()) break
        enter()
      }
    }
  }
}

/**
 * Runs a pure core: events in, effects out, one batch at a time. Everything a batch wants stored is
 * on disk before any of its other effects happens (STYLE, law 1; PROTOCOL §3), whatever arrives
 * meanwhile waits for the next batch, so one fsync serves many events.
 */

/** Events waiting for the core; beyond it callers are refused, so a flood cannot eat memory. */
const QUEUE_EVENTS_MAX = 20_000
/** Events of one batch: bounds the delay of an answer behind a flood. */
const BATCH_EVENTS_MAX = 256

export interface ReactorInit<Event, Effect> {
  /** The core: changes its own state and says what to do. */
  readonly step: (event: Event) => readonly Effect[]
  /** Makes the storing effects of a batch durable. */
  readonly store: (effects: readonly Effect[]) => Promise<void>
  /** Starts one effect; must not throw. */
  readonly perform: (effect: Effect) => void
  /** A step or a store failed: the process cannot go on. */
  readonly onDefect: (error: unknown) => void
}

export interface Reactor<Event> {
  /** Hands an event to the core. @returns false when the queue is full and the event was dropped */
  post(event: Event): boolean
  /** Resolves when the batch at work is done; later events are ignored. */
  stop(): Promise<void>
}

export function startReactor<Event, Effect>(init: ReactorInit<Event, Effect>): Reactor<Event> {
  let queue: Event[] = []
  let isStopped = false
  let working: Promise<void> | undefined

  const work = async (): Promise<void> => {
    while (queue.length > 0 && !isStopped) {
      const batch = queue.splice(0, BATCH_EVENTS_MAX)
      const effects = batch.flatMap((event) => init.step(event))
      await init.store(effects)
      for (const effect of effects) init.perform(effect)
    }
  }

  const wake = (): void => {
    working ??= work()
      .catch((error: unknown) => {
        isStopped = true
        init.onDefect(error)
      })
      .finally(() => {
        working = undefined
        if (queue.length > 0 && !isStopped) wake()
      })
  }

  return {
    post: (event) => {
      if (isStopped || queue.length >= QUEUE_EVENTS_MAX) return false
      queue.push(event)
      queueMicrotask(wake)
      return true
    },
    stop: async () => {
      isStopped = true
      queue = []
      await working
    }
  }
}

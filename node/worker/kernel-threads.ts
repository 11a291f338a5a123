/**
 * Threads for units: as many at a time as allowed, the others wait in order. Idle ones are used
 * again; one that a unit broke is replaced at once, so that the next need not wait for its start.
 */
import type { Worker } from 'node:worker_threads'
import { openGate } from '../store/gate.ts'
import { type Brake, makeBrake } from './effort/brake.ts'
import { spawnThread } from './kernel-thread.ts'

export interface KernelThreads {
  /** Runs the work when a thread is free. @throws the signal's reason when it aborts before */
  turn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
  /** A thread, within a turn. */
  take(): Worker
  /** Gives it back; one that is not sound is ended. */
  give(thread: Worker, isSound: boolean): Promise<void>
  /** Lets so many threads work, each for a share of the time; the others sleep where they are. */
  setPace(pace: Pace): void
  stop(): Promise<void>
}

export interface Pace {
  readonly threads: number
  readonly dutyPerMille: number
}

/** @param niceness of the threads, where not the process's */
export function openKernelThreads(count: number, niceness?: number): KernelThreads {
  const idle: Worker[] = []
  const brakes = new WeakMap<Worker, Brake>()
  /** In the order in which they were taken. */
  const busy: Worker[] = []
  let pace: Pace = { threads: count, dutyPerMille: 1000 }
  const applyPace = (): void => {
    for (const [index, thread] of busy.entries()) {
      const { dutyPerMille } = pace
      brakes.get(thread)?.set({ isHeld: index >= pace.threads, dutyPerMille })
    }
  }
  let isStopped = false
  const turn = openGate(() => count)

  /** A thread that ends by itself, even idle, is not used again. */
  const spawn = (): Worker => {
    const brake = makeBrake()
    const thread = spawnThread({ brake: brake.shared, niceness })
    brakes.set(thread, brake)
    const forget = (): void => {
      const index = idle.indexOf(thread)
      if (index >= 0) idle.splice(index, 1)
    }
    return thread.on('error', forget).on('exit', forget)
  }
  return {
    turn,
    take: () => {
      const thread = idle.pop() ?? spawn()
      thread.ref()
      busy.push(thread)
      applyPace()
      return thread
    },
    give: async (thread, isSound) => {
      thread.unref()
      const place = busy.indexOf(thread)
      if (place >= 0) busy.splice(place, 1)
      applyPace()
      if (isSound && !isStopped) {
        idle.push(thread)
        return
      }
      if (!isStopped) {
        const next = spawn()
        next.unref()
        idle.push(next)
      }
      await thread.terminate()
    },
    setPace: (wanted) => {
      pace = wanted
      applyPace()
    },
    stop: async () => {
      isStopped = true
      await Promise.all(idle.splice(0).map((thread) => thread.terminate()))
    }
  }
}

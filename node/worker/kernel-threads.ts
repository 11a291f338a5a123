/**
 * Threads for units: as many at a time as allowed, the others wait in order. Idle ones are used
 * again; one that a unit broke is replaced at once, so that the next need not wait for its start.
 */
import type { Worker } from 'node:worker_threads'
import { openGate } from '../store/gate.ts'
import { spawnThread } from './kernel-thread.ts'

export interface KernelThreads {
  /** Runs the work when a thread is free. @throws the signal's reason when it aborts before */
  turn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
  /** A thread, within a turn. */
  take(): Worker
  /** Gives it back; one that is not sound is ended. */
  give(thread: Worker, isSound: boolean): Promise<void>
  stop(): Promise<void>
}

export function openKernelThreads(count: number): KernelThreads {
  const idle: Worker[] = []
  let isStopped = false
  const turn = openGate(() => count)

  /** A thread that ends by itself, even idle, is not used again. */
  const spawn = (): Worker => {
    const thread = spawnThread()
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
      return thread
    },
    give: async (thread, isSound) => {
      thread.unref()
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
    stop: async () => {
      isStopped = true
      await Promise.all(idle.splice(0).map((thread) => thread.terminate()))
    }
  }
}

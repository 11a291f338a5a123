/** One worker against several, each with a unit and memory of its own: seconds on the wall. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { EddyOptions } from '../../test/oracle/eddies.ts'
import type { Contender } from './rounds.ts'

export interface WorkerBench {
  readonly contenders: readonly Contender[]
  close(): Promise<void>
}

export async function openWorkers(
  counts: readonly number[],
  options: EddyOptions
): Promise<WorkerBench> {
  const script = new URL('./kernel.thread.ts', import.meta.url)
  const workers = Array.from({ length: Math.max(...counts) }, () => new Worker(script))
  const tell = (count: number, message: EddyOptions | 'run'): Promise<unknown> =>
    Promise.all(
      workers.slice(0, count).map((worker) => {
        const answer = once(worker, 'message')
        worker.postMessage(message)
        return answer
      })
    )
  await tell(workers.length, options)
  return {
    contenders: counts.map((count) => ({
      name: `${count} worker${count === 1 ? '' : 's'}`,
      particleSteps: count * options.particles * options.steps,
      round: async () => {
        const startMs = performance.now()
        await tell(count, 'run')
        return (performance.now() - startMs) / 1000
      }
    })),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
  }
}

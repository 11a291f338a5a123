/**
 * One worker against several, each with a unit and memory of its own: seconds on the wall, and
 * of the threads' own processor time.
 */
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
  const tell = (count: number, message: EddyOptions | 'run'): Promise<number[]> =>
    Promise.all(
      workers.slice(0, count).map(async (worker) => {
        const answer = once(worker, 'message') as Promise<[seconds: number]>
        worker.postMessage(message)
        return (await answer)[0]
      })
    )
  await tell(workers.length, options)
  const name = (count: number, by: string): string =>
    `${count} worker${count === 1 ? '' : 's'}, by ${by}`
  const wall = counts.map((count) => ({
    name: name(count, 'the wall'),
    particleSteps: count * options.particles * options.steps,
    round: async () => {
      const startMs = performance.now()
      await tell(count, 'run')
      return (performance.now() - startMs) / 1000
    }
  }))
  // What the cores do to each other (memory, caches), without what other processes do to them.
  const processor = counts.map((count) => ({
    name: name(count, 'processor time'),
    particleSteps: count * options.particles * options.steps,
    round: async () => {
      const seconds = await tell(count, 'run')
      return seconds.reduce((sum, each) => sum + each, 0) / count
    }
  }))
  return {
    contenders: [...wall, ...processor],
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
  }
}

/**
 * The node's side of the HDF5 thread: asks one question at a time, watches the clock, and replaces
 * the thread after any failure, so that what a broken file left behind in the library (open
 * handles, memory, an aborted module) touches no other file.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { HDF5_CALL_MS_MAX } from '../limits.ts'
import type { FromHdf5, Hdf5Failure, ToHdf5 } from './hdf5-messages.ts'

/** JavaScript heap of the thread: what the library's memory is copied to lies outside it. */
const HEAP_MEGABYTES_MAX = 512

/** Its nursery would else grow to 100 MB for objects that live for one answer. */
const NURSERY_MEGABYTES_MAX = 8

/** The thread's own program: beside this file in a checkout, beside the chunk in the bundle. */
const THREAD_PROGRAM = new URL(
  import.meta.url.endsWith('.mjs') ? './hdf5.thread.mjs' : './hdf5.thread.ts',
  import.meta.url
)

type Answer<Kind extends FromHdf5['kind']> = Extract<FromHdf5, { kind: Kind }>

/** The library said no, died or did not answer in time. */
export class Hdf5Error extends Error {
  readonly filter: string | undefined
  readonly isHung: boolean
  constructor({ reason, filter, isHung = false }: Hdf5Failure) {
    super(reason)
    this.filter = filter
    this.isHung = isHung
  }
}

export class Hdf5Thread {
  #worker: Promise<Worker> | undefined
  #last: Promise<unknown> = Promise.resolve()
  readonly #callMsMax: number
  /** Grows when the thread is replaced: files opened before are not open any more. */
  generation = 0

  constructor(callMsMax = HDF5_CALL_MS_MAX) {
    this.#callMsMax = callMsMax
  }

  /** @throws Hdf5Error */
  async ask<Kind extends 'opened' | 'values' | 'closed'>(
    kind: Kind,
    question: ToHdf5
  ): Promise<Answer<Kind>> {
    const turn = this.#last.then(() => this.#answer(question))
    this.#last = turn.catch(() => undefined)
    const answer = await turn
    if (answer.kind === kind) return answer as Answer<Kind>
    if (answer.kind === 'failed') throw new Hdf5Error(answer)
    throw new Error(`the HDF5 thread answers ${answer.kind} to ${question.kind}`)
  }

  /** Ends the thread, whose memory goes back to the system; the next question starts another. */
  async release(): Promise<void> {
    await this.#last
    const worker = await this.#worker
    if (worker !== undefined) await this.#replace(worker)
  }

  async #answer(question: ToHdf5): Promise<FromHdf5> {
    this.#worker ??= spawn()
    const worker = await this.#worker
    worker.ref()
    const alarm = AbortSignal.timeout(this.#callMsMax)
    const ended = new AbortController()
    const options = { signal: AbortSignal.any([alarm, ended.signal]) }
    try {
      const answered = once(worker, 'message', options)
      const exited = once(worker, 'exit', options).then(() => {
        throw new Error('the HDF5 library ended')
      })
      exited.catch(() => undefined)
      worker.postMessage(question)
      const [answer] = (await Promise.race([answered, exited])) as [FromHdf5]
      if (answer.kind === 'failed' && answer.filter === undefined) await this.#replace(worker)
      return answer
    } catch (cause) {
      await this.#replace(worker)
      const seconds = this.#callMsMax / 1000
      return alarm.aborted
        ? { kind: 'failed', reason: `no answer within ${seconds} s`, isHung: true }
        : { kind: 'failed', reason: reasonOf(cause) }
    } finally {
      ended.abort()
      worker.unref()
    }
  }

  async #replace(worker: Worker): Promise<void> {
    this.#worker = undefined
    this.generation++
    await worker.terminate()
  }
}

const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)

async function spawn(): Promise<Worker> {
  // What it writes is thrown away in it: a stream that is read here keeps the process alive.
  const worker = new Worker(THREAD_PROGRAM, {
    resourceLimits: {
      maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX,
      maxYoungGenerationSizeMb: NURSERY_MEGABYTES_MAX
    }
  })
  await once(worker, 'message')
  return worker
}

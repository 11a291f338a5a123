/**
 * The pool's side of one kernel thread: hands it a unit and its slices, watches the wall clock and
 * kills it when the unit overruns, is aborted or breaks the thread. A killed thread is replaced by
 * the next unit.
 */
import { Worker } from 'node:worker_threads'
import { decode, toBlock } from '../../protocol/canonical.ts'
import { unitResult } from '../../protocol/result.ts'
import type { WorkUnit } from '../../protocol/work-unit.ts'
import { MeshError } from '../mesh-error.ts'
import type { ComputedUnit, ComputeOptions } from './kernel-pool.ts'
import { boundary } from './segment.ts'
import {
  blocksOf,
  type FromThread,
  plainRan,
  ranOf,
  SLICES_AHEAD,
  type ToThread
} from './thread-messages.ts'
import type { UnitInputs } from './unit-inputs.ts'
import type { RanSegments } from './unit-run.ts'

/** JavaScript heap of a thread: its code and small objects; fields and state live outside it. */
const HEAP_MEGABYTES_MAX = 512

/** The thread's own program: beside this file in a checkout, beside the chunk in the bundle. */
const THREAD_PROGRAM = new URL(
  import.meta.url.endsWith('.mjs') ? './kernel.thread.mjs' : './kernel.thread.ts',
  import.meta.url
)

/** What a thread is started with. */
export interface ThreadInit {
  readonly brake: SharedArrayBuffer
  /** Its own priority, where not the process's. */
  readonly niceness?: number | undefined
}

export const spawnThread = (init: ThreadInit): Worker =>
  new Worker(THREAD_PROGRAM, {
    workerData: init,
    // what the system calls the thread, where processor time is told by thread
    name: 'kernel',
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX }
  })

/** Counts the jobs of this process. */
let jobs = 0

/** The job of the segments of a unit that come after `from`; `inputs` are those of this rest. */
function jobOf(
  number: number,
  unit: WorkUnit,
  inputs: UnitInputs,
  { from = NOTHING_RAN, onSegment }: ComputeOptions
): ToThread {
  const { kernel, setup, clock, roles } = inputs
  const { outputEverySteps, segmentCount, memoryPagesMax, outputBytesMax } = unit
  const limits = { outputEverySteps, memoryPagesMax, outputBytesMax }
  const ranCount = from.states.length
  const start = boundary(unit, ranCount)
  const segmentEnds = Array.from(
    { length: segmentCount - ranCount },
    (_, index) => boundary(unit, ranCount + index + 1) - start
  )
  const wantsStates = onSegment !== undefined
  const job = { kernel, setup, clock, roles, segmentEnds, wantsStates, ...limits }
  return { kind: 'job', number, job, unit: unitCid(unit), before: plainRan(from) }
}

const NOTHING_RAN: RanSegments = { states: [], segments: [], fuel: 0 }

const unitCid = (unit: WorkUnit): Uint8Array => toBlock(unit).cid.bytes

function computed(message: Extract<FromThread, { kind: 'done' }>): ComputedUnit {
  const blocks = blocksOf(message.blocks)
  const root = blocks.at(-1)
  if (root === undefined) throw new RangeError('a thread returned no blocks')
  try {
    return { cid: root.cid, result: decode(unitResult, root.bytes), blocks }
  } catch (cause) {
    throw new MeshError('kernel/fault', 'the kernel returned an ill-formed result', { cause })
  }
}

/** Everything about one unit while it runs in one thread. */
export class Execution {
  readonly #thread: Worker
  readonly #number = ++jobs
  readonly #wallMs: number
  readonly #options: ComputeOptions
  readonly #done = Promise.withResolvers<ComputedUnit>()
  #budgetMs: number
  #startedAtMs = 0
  #timer: NodeJS.Timeout | undefined
  #underWay = 0
  #room: (() => void) | undefined
  #isOver = false
  #isWaiting = false
  #isSound = true
  #hasEnded = false

  constructor(thread: Worker, wallMs: number, options: ComputeOptions) {
    this.#thread = thread
    this.#wallMs = wallMs
    this.#budgetMs = wallMs
    this.#options = options
  }

  /**
   * Did the thread end the unit by itself, with a result or a reason? Then it may go on: an
   * instance of a kernel has no way out of its own memory.
   */
  get isSound(): boolean {
    return this.#isSound
  }

  async run(unit: WorkUnit, inputs: UnitInputs): Promise<ComputedUnit> {
    const { signal } = this.#options
    const onAbort = (): void => this.#kill(signal?.reason)
    const onMessage = (message: FromThread): void => this.#hear(message)
    const onError = (cause: unknown): void => this.#broken(cause)
    const onExit = (): void => this.#broken(undefined)
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#thread.on('message', onMessage).on('error', onError).on('exit', onExit)
    try {
      signal?.throwIfAborted()
      this.#thread.postMessage(jobOf(this.#number, unit, inputs, this.#options))
      await Promise.race([this.#feed(inputs), this.#done.promise])
      return await this.#done.promise
    } catch (error) {
      this.#isSound &&= this.#hasEnded
      throw error
    } finally {
      this.#isOver = true
      this.#pause()
      this.#room?.()
      this.#done.promise.catch(() => undefined)
      signal?.removeEventListener('abort', onAbort)
      this.#thread.off('message', onMessage).off('error', onError).off('exit', onExit)
    }
  }

  /** Sends slices, a few ahead; the clock stands while the thread waits for us. */
  async #feed(inputs: UnitInputs): Promise<void> {
    for await (const slice of inputs.slices()) {
      while (this.#underWay >= SLICES_AHEAD && !this.#isOver) {
        await new Promise<void>((resolve) => {
          this.#room = resolve
        })
      }
      if (this.#isOver) return
      this.#underWay++
      if (this.#isWaiting) this.#resume()
      this.#isWaiting = false
      const buffers = [slice.u.buffer, slice.v.buffer]
      const message: ToThread = { kind: 'slice', number: this.#number, slice }
      this.#thread.postMessage(message, buffers)
    }
  }

  #hear(message: FromThread): void {
    if (message.kind === 'started') this.#resume()
    else if (message.kind === 'progress') this.#options.onProgress?.(message.particleSteps)
    else if (message.kind === 'segment') {
      this.#options.onSegment?.(ranOf(message.ran), blocksOf(message.blocks))
    } else if (message.kind === 'taken') {
      this.#underWay--
      this.#room?.()
    } else if (message.kind === 'waiting') {
      this.#isWaiting = this.#underWay === 0
      if (this.#isWaiting) this.#pause()
    } else if (message.kind === 'resting') {
      if (message.isResting) this.#pause()
      else this.#resume()
    } else if (message.kind === 'failed') {
      this.#hasEnded = true
      this.#fail(new MeshError(message.code, message.message))
    } else {
      this.#hasEnded = true
      try {
        this.#done.resolve(computed(message))
      } catch (error) {
        this.#fail(error)
      }
    }
  }

  #broken(cause: unknown): void {
    const code = (cause as { code?: string } | undefined)?.code
    const isMemory = code === 'ERR_WORKER_OUT_OF_MEMORY'
    const what = isMemory ? 'needed more memory than it may have' : 'ended unexpectedly'
    this.#kill(new MeshError('worker/limit', `the thread of the unit ${what}`, { cause }))
  }

  /** Ends the unit from outside: whatever the thread does now, it is not to be used again. */
  #kill(error: unknown): void {
    this.#isSound = false
    this.#fail(error)
  }

  #fail(error: unknown): void {
    this.#done.reject(error)
  }

  #resume(): void {
    if (this.#timer !== undefined) return
    this.#startedAtMs = performance.now()
    this.#timer = setTimeout(() => {
      const limit = `its wall clock limit of ${this.#wallMs} ms`
      this.#kill(new MeshError('worker/limit', `the unit ran longer than ${limit}`))
    }, this.#budgetMs)
  }

  #pause(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#budgetMs -= performance.now() - this.#startedAtMs
  }
}

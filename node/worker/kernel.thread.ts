/**
 * A kernel thread: one unit at a time, each in a fresh instance of its kernel. It touches nothing
 * but its messages; whatever a foreign kernel does, the pool can kill it.
 */
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import { KernelFault } from '../../kernel/fault.ts'
import { type CompiledKernel, compileKernel, type Kernel } from '../../kernel/kernel.ts'
import { isMeshError } from '../mesh-error.ts'
import { restOn } from './effort/brake.ts'
import type { ThreadInit } from './kernel-thread.ts'
import { type FromThread, plainBlocks, plainRan, ranOf, type ToThread } from './thread-messages.ts'
import type { Slice } from './unit-inputs.ts'
import { runUnit, type UnitJob } from './unit-run.ts'

const port = parentPort
if (port === null) throw new Error('kernel.thread.ts runs only as a worker thread')

const say = (message: FromThread): void => port.postMessage(message)

const { brake, niceness } = workerData as ThreadInit
if (niceness !== undefined) {
  try {
    // On Linux the priority of this thread alone: the network's stays.
    setPriority(niceness)
  } catch {
    // Not allowed here: it computes at the usual priority.
  }
}
const rest = restOn(brake, {
  nowMs: () => performance.now(),
  tell: (isResting) => say({ kind: 'resting', isResting })
})

/** The job under way, 0 between jobs. */
let current = 0
const waiting: Slice[] = []
let wake: (() => void) | undefined

async function nextSlice(): Promise<Slice> {
  for (;;) {
    const slice = waiting.shift()
    if (slice !== undefined) {
      say({ kind: 'taken' })
      return slice
    }
    say({ kind: 'waiting' })
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
}

/** What a kernel does wrong is a fault of the kernel; what outgrows its limits is a limit. */
function failure(error: unknown): FromThread {
  const message = error instanceof Error ? error.message : String(error)
  if (isMeshError(error)) return { kind: 'failed', code: error.code, message }
  const isLimit = error instanceof KernelFault && error.code === 'memory'
  const prefix = error instanceof KernelFault ? '' : 'the kernel failed: '
  const code = isLimit ? 'worker/limit' : 'kernel/fault'
  return { kind: 'failed', code, message: prefix + message }
}

/** The module compiled last: units of one forecast share it, and what the engine made of it. */
let compiled: { wasm: Uint8Array; pagesMax: number; kernel: CompiledKernel } | undefined

function freshKernel(wasm: Uint8Array, pagesMax: number): Kernel {
  const isSame = compiled?.pagesMax === pagesMax && equals(compiled.wasm, wasm)
  if (compiled === undefined || !isSame) {
    const kernel = compileKernel(wasm, { memoryPagesMax: pagesMax })
    compiled = { wasm, pagesMax, kernel }
  }
  return compiled.kernel.instantiate()
}

/** Buffers that hold nothing but one block: they move to the pool, the others are copied. */
function ownBuffers(blocks: readonly { readonly bytes: Uint8Array }[]): ArrayBuffer[] {
  const own = new Set<ArrayBuffer>()
  for (const { bytes } of blocks) {
    const { buffer } = bytes
    if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length) own.add(buffer)
  }
  return [...own]
}

async function compute(job: UnitJob): Promise<void> {
  say({ kind: 'started' })
  try {
    const { root, blocks } = await runUnit(job, {
      freshKernel,
      nextSlice,
      onProgress: (particleSteps) => say({ kind: 'progress', particleSteps }),
      onSegment: (ran, state, outputs) => {
        const blocks = plainBlocks([...state, ...outputs])
        const ended: FromThread = { kind: 'segment', ran: plainRan(ran), blocks }
        port?.postMessage(ended, ownBuffers(state))
      },
      nowMs: () => performance.now(),
      rest
    })
    const done: FromThread = { kind: 'done', root: root.bytes, blocks: plainBlocks(blocks) }
    port?.postMessage(done, ownBuffers(blocks))
  } catch (error) {
    say(failure(error))
  } finally {
    waiting.length = 0
    current = 0
  }
}

port.on('message', (message: ToThread) => {
  if (message.kind === 'slice') {
    if (message.number !== current) return
    waiting.push(message.slice)
    wake?.()
    wake = undefined
  } else {
    current = message.number
    const { job, unit, before } = message
    void compute({ ...job, unit: CID.decode(unit), before: ranOf(before) })
  }
})

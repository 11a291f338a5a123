/**
 * Runs a unit inside its thread: packs, steps and emits segment by segment, and makes the blocks of
 * the result. Leaves bind state and outputs of each segment; their Merkle root is the trace.
 */
import { createHash, hash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as digest from 'multiformats/hashes/digest'
import type { Kernel } from '../../kernel/kernel.ts'
import type { Run, RunSetup } from '../../kernel/run.ts'
import { type Block, encode, toBlock } from '../../protocol/canonical.ts'
import { BLOCK_BYTES_MAX } from '../../protocol/limits.ts'
import { merkleRoot } from '../../protocol/merkle.ts'
import { type Output, STATE_CHUNK_PARTICLES } from '../../protocol/result.ts'
import { MeshError } from '../mesh-error.ts'
import { bracketOf, type RoleTimes, type RunClock, Slots, secondsOf } from './schedule.ts'
import type { Slice } from './unit-inputs.ts'

/** Progress is told at most this often: a person reads it. */
const PROGRESS_MS = 250

export interface UnitJob {
  readonly kernel: Uint8Array
  readonly unit: CID
  readonly setup: RunSetup
  readonly clock: RunClock
  readonly roles: readonly RoleTimes[]
  readonly outputEverySteps: number
  readonly segmentCount: number
  readonly memoryPagesMax: number
  readonly outputBytesMax: number
}

export interface UnitRunDeps {
  /** A kernel in a sandbox of its own: memory that no other unit saw. */
  freshKernel(wasm: Uint8Array, memoryPagesMax: number): Kernel
  /** The next slice of the schedule. */
  nextSlice(): Promise<Slice>
  onProgress(particleSteps: number): void
  nowMs(): number
}

export interface UnitBlocks {
  readonly root: CID
  readonly blocks: readonly Block[]
}

const SHA2_256_CODE = 0x12

/** A raw block; results are large, and the engine's own SHA-256 is several times as fast. */
function rawBlockOf(bytes: Uint8Array): Block {
  const multihash = digest.create(SHA2_256_CODE, new Uint8Array(hash('sha256', bytes, 'buffer')))
  return { cid: CID.createV1(raw.code, multihash), bytes }
}

/** The blocks of a result while it grows, under the unit's limit of bytes. */
class ResultBlocks {
  readonly blocks: Block[] = []
  readonly #bytesMax: number
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  add(block: Block): CID {
    this.#bytes += block.bytes.length
    if (this.#bytes > this.#bytesMax) {
      throw new MeshError(
        'worker/limit',
        `the unit's result is larger than its limit of ${this.#bytesMax} bytes`
      )
    }
    this.blocks.push(block)
    return block.cid
  }

  /** Raw blocks of at most `size` bytes. */
  addCut(bytes: Uint8Array, size: number): CID[] {
    const links: CID[] = []
    for (let at = 0; at < bytes.length; at += size) {
      links.push(this.add(rawBlockOf(bytes.slice(at, at + size))))
    }
    return links
  }
}

/** Loads the slices around a time and packs the record of a half step. */
async function packHalf(
  run: Run,
  job: UnitJob,
  slots: Slots,
  deps: UnitRunDeps,
  step: number,
  half: 0 | 1 | 2
): Promise<void> {
  const seconds = secondsOf(job.clock, step, half)
  for (const axis of job.roles) {
    const bracket = bracketOf(axis, seconds)
    for (const use of slots.take(axis.role, bracket)) {
      const slice = await deps.nextSlice()
      if (slice.role !== use.role || slice.index !== use.index) {
        throw new RangeError(`slice ${slice.role} ${slice.index} came out of order`)
      }
      run.loadSlice(slice.role, slice.index, slice.u, slice.v)
    }
    const time = axis.times[bracket.index] ?? seconds
    run.bracket(axis.role, bracket.index, seconds, time, axis.times[bracket.index + 1] ?? time)
  }
  run.pack(half)
}

const outputOf = (run: Run, step: number): Output => ({ step, ...run.output() })

/** @throws KernelFault, MeshError `worker/limit` */
export async function runUnit(job: UnitJob, deps: UnitRunDeps): Promise<UnitBlocks> {
  const { clock, segmentCount } = job
  const run = deps.freshKernel(job.kernel, job.memoryPagesMax).startRun(job.setup)
  const result = new ResultBlocks(job.outputBytesMax)
  const slots = new Slots()
  const segments: CID[][] = []
  const leaves: Uint8Array[] = []
  let toldAtMs = deps.nowMs()
  let done = 0
  for (let segment = 1; segment <= segmentCount; segment++) {
    const outputs: Output[] =
      done === 0 && clock.firstStep === 0 && segment === 1 ? [outputOf(run, 0)] : []
    const end = Math.floor((segment * clock.stepCount) / segmentCount)
    for (; done < end; done++) {
      if (done === 0) await packHalf(run, job, slots, deps, 0, 0)
      await packHalf(run, job, slots, deps, done, 1)
      await packHalf(run, job, slots, deps, done, 2)
      run.step()
      const step = clock.firstStep + done + 1
      if (step % job.outputEverySteps === 0) outputs.push(outputOf(run, step))
      const nowMs = deps.nowMs()
      if (nowMs - toldAtMs >= PROGRESS_MS) {
        toldAtMs = nowMs
        deps.onProgress(run.fuel)
      }
    }
    const bytes = encode({ kind: 'outputs', outputs })
    segments.push(result.addCut(bytes, BLOCK_BYTES_MAX))
    leaves.push(new Uint8Array(createHash('sha256').update(run.state()).update(bytes).digest()))
  }
  const { particleBytes, particleCount } = run
  const chunks = result.addCut(run.state(), STATE_CHUNK_PARTICLES * particleBytes)
  const { firstParticle } = job.setup
  const root = {
    kind: 'result',
    unit: job.unit,
    state: result.add(
      toBlock({ kind: 'state', firstParticle, particleCount, particleBytes, chunks })
    ),
    segments,
    leaves,
    traceRoot: merkleRoot(leaves),
    fuel: run.fuel,
    counts: run.counts(),
    bounds: run.bounds
  }
  return { root: result.add(toBlock(root)), blocks: result.blocks }
}

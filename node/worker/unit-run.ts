/**
 * Runs a unit inside its thread: packs, steps and emits segment by segment, and makes the blocks of
 * the result. What each segment reached is told as it is, so that a killed run can go on from there
 * and an audit can start from there.
 */
import type { CID } from 'multiformats/cid'
import type { Kernel } from '../../kernel/kernel.ts'
import type { Run, RunSetup } from '../../kernel/run.ts'
import { type Block, encode, toBlock } from '../../protocol/canonical.ts'
import { BLOCK_BYTES_MAX } from '../../protocol/limits.ts'
import { type Output, STATE_CHUNK_PARTICLES } from '../../protocol/result.ts'
import { traceRootOf } from '../../protocol/trace.ts'
import { MeshError } from '../mesh-error.ts'
import { rawBlockOf } from '../store/raw-block.ts'
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
  /** Steps of this run at the end of each of its segments, ascending; the last is its end. */
  readonly segmentEnds: readonly number[]
  /** Segments of the unit that ran before, in another run that ended at the setup's state. */
  readonly before: RanSegments
  /** States on the way are wanted, not their CIDs alone. */
  readonly wantsStates: boolean
  readonly memoryPagesMax: number
  readonly outputBytesMax: number
}

/** The trace of a unit so far, and the particle-steps it took. */
export interface RanSegments {
  readonly states: readonly CID[]
  readonly segments: readonly (readonly CID[])[]
  readonly fuel: number
}

export interface UnitRunDeps {
  /** A kernel in a sandbox of its own: memory that no other unit saw. */
  freshKernel(wasm: Uint8Array, memoryPagesMax: number): Kernel
  /** The next slice of the schedule. */
  nextSlice(): Promise<Slice>
  onProgress(particleSteps: number): void
  /**
   * A segment ended that is not the last. The blocks of its state are not used here any more, and
   * may be moved away; those of the outputs are.
   */
  onSegment(ran: RanSegments, state: readonly Block[], outputs: readonly Block[]): void
  nowMs(): number
  /** Between two steps: returns when work may go on. */
  rest?(): void
}

export interface UnitBlocks {
  readonly root: CID
  readonly blocks: readonly Block[]
}

/** The blocks of a result while it grows, under the unit's limit of bytes. */
class ResultBlocks {
  readonly blocks: Block[] = []
  readonly #bytesMax: number
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  add(block: Block): void {
    this.#bytes += block.bytes.length
    if (this.#bytes > this.#bytesMax) {
      throw new MeshError(
        'worker/limit',
        `the unit's result is larger than its limit of ${this.#bytesMax} bytes`
      )
    }
    this.blocks.push(block)
  }

  /** Raw blocks of at most `size` bytes. */
  addCut(bytes: Uint8Array, size: number): Block[] {
    const cut: Block[] = []
    for (let at = 0; at < bytes.length; at += size) {
      const block = rawBlockOf(bytes.slice(at, at + size))
      this.add(block)
      cut.push(block)
    }
    return cut
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

/**
 * Blocks of the run's present state, the root first. Bytes that are not kept are views into the
 * kernel's memory: their CIDs alone are good.
 */
function stateBlocks(run: Run, firstParticle: number, areKept: boolean): Block[] {
  const { particleBytes, particleCount } = run
  const state = run.state()
  const size = STATE_CHUNK_PARTICLES * particleBytes
  const chunks: Block[] = []
  for (let at = 0; at < state.length; at += size) {
    const view = state.subarray(at, at + size)
    chunks.push(rawBlockOf(areKept ? view.slice() : view))
  }
  const links = chunks.map(({ cid }) => cid)
  const root = { kind: 'state', firstParticle, particleCount, particleBytes, chunks: links }
  return [toBlock(root), ...chunks]
}

/** Runs to the end of a segment; the outputs on the way. */
async function runTo(
  end: number,
  from: number,
  run: Run,
  context: { job: UnitJob; slots: Slots; deps: UnitRunDeps; tell: () => void }
): Promise<Output[]> {
  const { job, slots, deps, tell } = context
  const { clock } = job
  const outputs: Output[] = from === 0 && clock.firstStep === 0 ? [outputOf(run, 0)] : []
  for (let done = from; done < end; done++) {
    if (done === 0) await packHalf(run, job, slots, deps, 0, 0)
    await packHalf(run, job, slots, deps, done, 1)
    await packHalf(run, job, slots, deps, done, 2)
    run.step()
    const step = clock.firstStep + done + 1
    if (step % job.outputEverySteps === 0) outputs.push(outputOf(run, step))
    tell()
    deps.rest?.()
  }
  return outputs
}

/** @throws KernelFault, MeshError `worker/limit` */
export async function runUnit(job: UnitJob, deps: UnitRunDeps): Promise<UnitBlocks> {
  const run = deps.freshKernel(job.kernel, job.memoryPagesMax).startRun(job.setup)
  const result = new ResultBlocks(job.outputBytesMax)
  const slots = new Slots()
  const states = [...job.before.states]
  const segments = [...job.before.segments]
  const fuel = (): number => job.before.fuel + run.fuel
  let toldAtMs = deps.nowMs()
  const tell = (): void => {
    const nowMs = deps.nowMs()
    if (nowMs - toldAtMs < PROGRESS_MS) return
    toldAtMs = nowMs
    deps.onProgress(fuel())
  }
  let done = 0
  for (const end of job.segmentEnds) {
    const outputs = await runTo(end, done, run, { job, slots, deps, tell })
    done = end
    const cut = result.addCut(encode({ kind: 'outputs', outputs }), BLOCK_BYTES_MAX)
    const isLast = end === job.segmentEnds.at(-1)
    const reached = stateBlocks(run, job.setup.firstParticle, isLast || job.wantsStates)
    const [root] = reached
    if (root === undefined) throw new RangeError('a state has a root')
    states.push(root.cid)
    segments.push(cut.map(({ cid }) => cid))
    if (isLast) for (const block of reached) result.add(block)
    else if (job.wantsStates) {
      const ran = { states: [...states], segments: [...segments], fuel: fuel() }
      deps.onSegment(ran, reached, cut)
    }
  }
  const trace = { states, segments }
  const root = toBlock({
    kind: 'result',
    unit: job.unit,
    ...trace,
    traceRoot: traceRootOf(trace),
    fuel: fuel(),
    counts: run.counts(),
    bounds: run.bounds
  })
  result.add(root)
  return { root: root.cid, blocks: result.blocks }
}

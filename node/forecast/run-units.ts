/**
 * Runs every unit of a plan on this machine: the windows of one (member, block) in order, such
 * chains side by side, one per thread.
 */
import { cropOf, firstInput, type PlanSlot, unitOf, windowCount } from '../../coordinator/slots.ts'
import { CROP_CELLS_MAX } from '../../protocol/limits.ts'
import type { Plan } from '../../protocol/plan.ts'
import { finalState } from '../../protocol/trace.ts'
import { MeshError } from '../mesh-error.ts'
import type { Blocks } from '../store/blocks.ts'
import type { ComputeUnit } from '../worker/kernel-pool.ts'
import type { SettledSlot } from './product/assemble.ts'

export interface RunUnitsInput {
  readonly plan: Plan
  readonly blocks: Blocks
  readonly compute: ComputeUnit
  readonly threads: number
  readonly signal?: AbortSignal | undefined
  /** In particle-steps; a particle that ended early counts as done. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

class Progress {
  readonly #total: number
  readonly #report: (done: number, total: number) => void
  readonly #running = new Map<PlanSlot, number>()
  #settled = 0

  constructor(total: number, report: (done: number, total: number) => void) {
    this.#total = total
    this.#report = report
  }

  running(slot: PlanSlot, particleSteps: number): void {
    this.#running.set(slot, particleSteps)
    this.#tell()
  }

  settled(slot: PlanSlot, particleSteps: number): void {
    this.#running.delete(slot)
    this.#settled += particleSteps
    this.#tell()
  }

  #tell(): void {
    let done = this.#settled
    for (const particleSteps of this.#running.values()) done += particleSteps
    this.#report(Math.min(done, this.#total), this.#total)
  }
}

/** Chains of windows: every (member, block) of the plan. */
const chainsOf = (plan: Plan): { member: number; block: number }[] =>
  Array.from({ length: plan.memberCount }, (_, member) =>
    plan.blocks.map((_block, block) => ({ member, block }))
  ).flat()

async function runChain(
  chain: { readonly member: number; readonly block: number },
  input: RunUnitsInput,
  progress: Progress,
  signal: AbortSignal
): Promise<SettledSlot[]> {
  const { plan, blocks, compute } = input
  const settled: SettledSlot[] = []
  let from = firstInput(plan, { ...chain, window: 0 })
  for (let window = 0; window < windowCount(plan); window += 1) {
    const slot = { ...chain, window }
    if (cropOf(plan, slot, from) === undefined) {
      throw new MeshError(
        'plan/refused',
        `block ${chain.block} of member ${chain.member} has spread wider than the ` +
          `${CROP_CELLS_MAX} cells of a unit in window ${window}; ` +
          'use a shorter mesh.window or smaller mesh.unitParticles'
      )
    }
    const unit = unitOf(plan, slot, from)
    const computed = await compute(unit, {
      signal,
      onProgress: (particleSteps) => progress.running(slot, particleSteps)
    })
    for (const block of computed.blocks) await blocks.put(block, { signal })
    progress.settled(slot, unit.fuelMax)
    settled.push({ ...slot, result: computed.cid })
    from = { state: finalState(computed.result), bounds: computed.result.bounds }
  }
  return settled
}

/** Every slot of the plan, computed. @throws MeshError of the first unit that fails */
export async function runUnits(input: RunUnitsInput): Promise<SettledSlot[]> {
  const { plan, threads } = input
  const failed = new AbortController()
  const signal =
    input.signal === undefined ? failed.signal : AbortSignal.any([input.signal, failed.signal])
  const total = plan.particleCount * plan.memberCount * plan.stepCount
  const progress = new Progress(total, (done, of) => input.onProgress?.(done, of))
  const waiting = chainsOf(plan)
  const settled: SettledSlot[] = []
  const work = async (): Promise<void> => {
    for (let chain = waiting.shift(); chain !== undefined; chain = waiting.shift()) {
      signal.throwIfAborted()
      settled.push(...(await runChain(chain, input, progress, signal)))
    }
  }
  const workers = Array.from({ length: threads }, async () => {
    try {
      await work()
    } catch (error) {
      // The first failure is the one to report; it ends the chains beside it.
      failed.abort(error)
      throw error
    }
  })
  const outcomes = await Promise.allSettled(workers)
  input.signal?.throwIfAborted()
  if (failed.signal.aborted) throw failed.signal.reason
  const rejected = outcomes.find((outcome) => outcome.status === 'rejected')
  if (rejected !== undefined) throw rejected.reason
  return settled
}

/**
 * Checks that every verdict is about the unit the plan mints for its slot, and that the result it
 * names holds together: its trace over its leaves, its last leaf over its final state and outputs.
 */
import type { CID } from 'multiformats/cid'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { firstInput, type SlotInput, unitOf } from '../../../../coordinator/slots.ts'
import { decode, toBlock } from '../../../../protocol/canonical.ts'
import type { Plan } from '../../../../protocol/plan.ts'
import {
  STATE_CHUNK_PARTICLES,
  STATE_STATUS_OFFSET,
  STATUSES,
  stateParticleBytes,
  state as stateShape,
  type UnitResult
} from '../../../../protocol/result.ts'
import { ShapeError } from '../../../../protocol/shape.ts'
import { finalState, traceRootOf } from '../../../../protocol/trace.ts'
import type { WorkUnit } from '../../../../protocol/work-unit.ts'
import type { Blocks } from '../../../store/blocks.ts'
import type { SettledSlot } from '../assemble.ts'
import type { OpenedForecast } from '../evidence/evidence.ts'
import { mismatch, type OpenedVerdict } from '../evidence/verdict-evidence.ts'
import { naming } from '../naming.ts'
import { readAhead, readRoot, type SlotResult, unitName } from '../results.ts'

/** Byte of a particle's status in its state (kernel/README.md). */

export interface CheckedUnit {
  readonly slot: SettledSlot
  readonly unit: WorkUnit
}

interface CheckOptions {
  readonly blocks: Blocks
  readonly signal?: AbortSignal | undefined
  readonly onUnit?: (done: number, total: number) => void
}

const settledSlot = ({ verdict }: OpenedVerdict): SettledSlot => ({
  member: verdict.slot.member,
  block: verdict.slot.block,
  window: verdict.slot.window,
  result: verdict.result
})

function checkCounts(result: UnitResult, state: Uint8Array, particleBytes: number): void {
  const counts = STATUSES.map(() => 0)
  for (let at = STATE_STATUS_OFFSET; at < state.length; at += particleBytes) {
    const status = state[at] ?? STATUSES.length
    counts[status] = (counts[status] ?? 0) + 1
  }
  if (counts.some((count, status) => count !== (result.counts[status] ?? 0))) {
    throw new ShapeError('counts', 'are not those of the final state')
  }
}

/** The trace root binds states and outputs; the final state is that of the block's particles. */
async function checkTrace(plan: Plan, root: SlotResult, options: CheckOptions): Promise<void> {
  const { result, slot } = root
  const { blocks, signal } = options
  const get = (cid: CID) => blocks.get(cid, signal === undefined ? {} : { signal })
  if (!equals(traceRootOf(result), result.traceRoot)) {
    throw new ShapeError('traceRoot', 'is not that of its states and segments')
  }
  const { chunks, firstParticle, particleBytes, particleCount } = decode(
    stateShape,
    await get(finalState(result))
  )
  const block = plan.blocks[slot.block]
  if (block?.firstParticle !== firstParticle || block.particleCount !== particleCount) {
    throw new ShapeError('state', 'holds other particles than the block')
  }
  if (chunks.length !== Math.ceil(particleCount / STATE_CHUNK_PARTICLES)) {
    throw new ShapeError('state', 'has more or fewer chunks than its particles fill')
  }
  const pieces: Uint8Array[] = []
  for (const chunk of chunks) pieces.push(await get(chunk))
  const state = concat(pieces)
  const isSized = particleBytes === stateParticleBytes(plan.physics)
  if (!isSized || state.length !== particleCount * particleBytes) {
    throw new ShapeError('state', 'is not of its particles')
  }
  checkCounts(result, state, particleBytes)
}

function mint(plan: Plan, { slot }: SlotResult, input: SlotInput | undefined): WorkUnit {
  try {
    return unitOf(plan, slot, input ?? firstInput(plan, slot))
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw mismatch(`unit ${unitName(slot)}`, `cannot be minted: ${cause.message}`)
  }
}

/** The units of a forecast in slot order, each the one its verdict and result are about. */
export async function checkUnits(
  forecast: OpenedForecast,
  options: CheckOptions
): Promise<CheckedUnit[]> {
  const { plan, verdicts } = forecast
  const inputs = new Map<string, SlotInput>()
  const checked: CheckedUnit[] = []
  const read = async (verdict: OpenedVerdict) => {
    const root = await readRoot(plan, settledSlot(verdict), options.blocks, options.signal)
    await naming(`unit ${unitName(root.slot)}`, () => checkTrace(plan, root, options))
    return { root, verdict: verdict.verdict }
  }
  for await (const { root, verdict } of readAhead(verdicts, read)) {
    const { result, slot } = root
    const name = `unit ${unitName(slot)}`
    const chain = `${slot.member}/${slot.block}`
    const unit = mint(plan, root, inputs.get(chain))
    const { cid } = toBlock(unit)
    if (!cid.equals(verdict.unit)) {
      throw mismatch(name, 'has a verdict on another unit', verdict.unit, cid)
    }
    if (!result.unit.equals(cid)) throw mismatch(name, 'is of another unit', result.unit, cid)
    if (!equals(result.traceRoot, verdict.traceRoot) || result.fuel !== verdict.fuel) {
      throw mismatch(name, 'has another trace or fuel than its verdict')
    }
    inputs.set(chain, { state: finalState(result), bounds: result.bounds })
    checked.push({ slot, unit })
    options.onUnit?.(checked.length, verdicts.length)
  }
  return checked
}

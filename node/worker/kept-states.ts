/**
 * States on the way of runs whose verdict is not spoken: an audit asks for one of them. They stay
 * in memory as far as the budget goes, thinned out for a unit with many and dropped for the units
 * that ran longest ago; what is not there any more is computed again from what is.
 */
import type { CID } from 'multiformats/cid'
import type { Block } from '../../protocol/canonical.ts'
import type { UnitResult } from '../../protocol/result.ts'
import type { WorkUnit } from '../../protocol/work-unit.ts'
import { MeshError } from '../mesh-error.ts'
import type { Blocks } from '../store/blocks.ts'
import type { ComputeUnit } from './kernel-pool.ts'
import { runSegment } from './segment.ts'

/** Bytes of all states kept: a quarter of the memory a volunteer gives by default. */
const KEPT_BYTES_MAX = 256 * 1024 * 1024
/** Of that one unit may take this share: its states are thinned out to every 2nd, 4th, … */
const UNIT_SHARE = 0.25

interface UnitStates {
  /** Every so many segments one state is kept. */
  stride: number
  /** Blocks of the state after a segment, root first, by the number of segments before it. */
  readonly states: Map<number, readonly Block[]>
}

export interface KeptStates {
  /** Computes as `compute` does and keeps the states on the way. */
  readonly compute: ComputeUnit
  /**
   * Blocks of the state that segment `index` starts from, root first; none for the first segment,
   * which starts from the unit's input.
   * @throws MeshError as `compute` does; `kernel/fault` when our own run reached another state
   */
  open(unit: WorkUnit, result: UnitResult, index: number, signal: AbortSignal): Promise<Block[]>
  /** Bytes of a state's block, if it is kept. */
  find(cid: CID): Uint8Array | undefined
  forget(unit: CID): void
}

const bytesOf = ({ states }: UnitStates): number => {
  let sum = 0
  for (const blocks of states.values()) for (const { bytes } of blocks) sum += bytes.length
  return sum
}

/** Keeps every 2nd state of those kept. */
function thin(unit: UnitStates): void {
  unit.stride *= 2
  for (const count of unit.states.keys()) if (count % unit.stride !== 0) unit.states.delete(count)
}

export function keepStates(
  compute: ComputeUnit,
  keyOf: (unit: WorkUnit) => string,
  blocks: Pick<Blocks, 'put'>,
  bytesMax: number = KEPT_BYTES_MAX
): KeptStates {
  /** In the order in which the units ran. */
  const units = new Map<string, UnitStates>()

  const keep = (key: string, count: number, state: readonly Block[]): void => {
    const unit = units.get(key)
    if (unit === undefined || count % unit.stride !== 0) return
    unit.states.set(count, state)
    while (bytesOf(unit) > bytesMax * UNIT_SHARE && unit.states.size > 1) thin(unit)
    let total = [...units.values()].reduce((sum, one) => sum + bytesOf(one), 0)
    for (const [oldest, { states }] of units) {
      if (total <= bytesMax || oldest === key) return
      total -= bytesOf({ stride: 1, states })
      units.delete(oldest)
    }
  }

  /** The state after `count` segments, computed from the nearest kept before it. */
  const recompute = async (
    unit: WorkUnit,
    result: UnitResult,
    count: number,
    signal: AbortSignal
  ): Promise<Block[]> => {
    const states = units.get(keyOf(unit))?.states ?? new Map<number, readonly Block[]>()
    const nearest = Math.max(0, ...[...states.keys()].filter((kept) => kept <= count))
    let made = [...(states.get(nearest) ?? [])]
    let state = made[0]?.cid ?? unit.state
    for (let index = nearest; index < count; index += 1) {
      for (const block of made) await blocks.put(block, { signal })
      const ran = await runSegment(compute, unit, index, state, { signal })
      state = ran.state
      made = ran.computed.blocks.filter(({ cid }) => !cid.equals(ran.computed.cid))
    }
    const claimed = result.states[count - 1]
    if (claimed === undefined || !state.equals(claimed)) {
      throw new MeshError('kernel/fault', `the run did not reach ${claimed} again, but ${state}`)
    }
    return [...made].sort((a, b) => Number(b.cid.equals(state)) - Number(a.cid.equals(state)))
  }

  return {
    compute: async (unit, options = {}) => {
      const key = keyOf(unit)
      units.delete(key)
      units.set(key, { stride: 1, states: new Map() })
      return await compute(unit, {
        ...options,
        onSegment: (ran, made) => {
          const outputs = new Set(ran.segments.at(-1)?.map(String))
          const count = ran.states.length
          keep(
            key,
            count,
            made.filter(({ cid }) => !outputs.has(cid.toString()))
          )
          options.onSegment?.(ran, made)
        }
      })
    },
    open: async (unit, result, index, signal) => {
      if (index === 0) return []
      const kept = units.get(keyOf(unit))?.states.get(index)
      return kept === undefined ? await recompute(unit, result, index, signal) : [...kept]
    },
    find: (cid) => {
      for (const { states } of units.values()) {
        for (const kept of states.values()) {
          const block = kept.find((one) => one.cid.equals(cid))
          if (block !== undefined) return block.bytes
        }
      }
      return undefined
    },
    forget: (unit) => {
      units.delete(unit.toString())
    }
  }
}

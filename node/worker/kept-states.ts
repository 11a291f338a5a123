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

/**
 * Units of which states are kept, however small: more than may wait for a verdict at a time, and
 * few enough that the names of their blocks are a few megabytes.
 */
const UNITS_MAX = 64

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

/** Blocks by CID: every peer that lacks a block asks all its neighbours for it. */
class BlockIndex {
  readonly #held = new Map<string, { readonly bytes: Uint8Array; count: number }>()

  add(blocks: readonly Block[]): void {
    for (const { cid, bytes } of blocks) {
      const held = this.#held.get(cid.toString())
      if (held === undefined) this.#held.set(cid.toString(), { bytes, count: 1 })
      else held.count += 1
    }
  }

  drop(blocks: readonly Block[]): void {
    for (const { cid } of blocks) {
      const held = this.#held.get(cid.toString())
      if (held === undefined) continue
      held.count -= 1
      if (held.count === 0) this.#held.delete(cid.toString())
    }
  }

  find(cid: CID): Uint8Array | undefined {
    return this.#held.get(cid.toString())?.bytes
  }
}

export function keepStates(
  compute: ComputeUnit,
  keyOf: (unit: WorkUnit) => string,
  blocks: Pick<Blocks, 'put'>,
  bytesMax: number = KEPT_BYTES_MAX
): KeptStates {
  /** In the order in which the units ran. */
  const units = new Map<string, UnitStates>()
  const index = new BlockIndex()

  const drop = (key: string): void => {
    for (const blocks of units.get(key)?.states.values() ?? []) index.drop(blocks)
    units.delete(key)
  }

  /** Keeps every 2nd state of those kept. */
  const thin = (unit: UnitStates): void => {
    unit.stride *= 2
    for (const [count, blocks] of unit.states) {
      if (count % unit.stride === 0) continue
      unit.states.delete(count)
      index.drop(blocks)
    }
  }

  const keep = (key: string, count: number, state: readonly Block[]): void => {
    const unit = units.get(key)
    if (unit === undefined || count % unit.stride !== 0) return
    unit.states.set(count, state)
    index.add(state)
    while (bytesOf(unit) > bytesMax * UNIT_SHARE && unit.states.size > 1) thin(unit)
    let total = [...units.values()].reduce((sum, one) => sum + bytesOf(one), 0)
    for (const [oldest, { states }] of units) {
      if ((total <= bytesMax && units.size <= UNITS_MAX) || oldest === key) return
      total -= bytesOf({ stride: 1, states })
      drop(oldest)
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
    for (let segment = nearest; segment < count; segment += 1) {
      for (const block of made) await blocks.put(block, { signal })
      const ran = await runSegment(compute, unit, segment, state, { signal })
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
      drop(key)
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
    open: async (unit, result, segment, signal) => {
      if (segment === 0) return []
      const kept = units.get(keyOf(unit))?.states.get(segment)
      return kept === undefined ? await recompute(unit, result, segment, signal) : [...kept]
    },
    find: (cid) => index.find(cid),
    forget: (unit) => drop(unit.toString())
  }
}

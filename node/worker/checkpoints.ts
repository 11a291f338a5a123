/**
 * Checkpoints of the units under way, so that a killed process goes on where it was: after every
 * segment, but not more often than a person would notice the loss, its state goes to disk in one
 * atomic record. Outputs of the segments before it are in the block store already.
 */
import { hash } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { type Block, decode, encode } from '../../protocol/canonical.ts'
import { BLOCK_BYTES_MAX, LINKS_MAX, SEGMENTS_MAX } from '../../protocol/limits.ts'
import {
  bytes,
  fields,
  type Infer,
  integer,
  link,
  list,
  object,
  ShapeError
} from '../../protocol/shape.ts'
import type { WorkUnit } from '../../protocol/work-unit.ts'
import type { Blocks } from '../store/blocks.ts'
import type { Records } from '../store/records.ts'
import type { ComputeUnit } from './kernel-pool.ts'
import type { RanSegments } from './unit-run.ts'

/** A state is written at most this often: segments of short units are not worth a write each. */
const CHECKPOINT_MS = 500
/** Units under way at once, and a few of leases that were lost. */
const CHECKPOINTS_MAX = 64

const checkpoint = object('checkpoint', {
  states: list(link, SEGMENTS_MAX, 1),
  segments: list(list(link, LINKS_MAX), SEGMENTS_MAX, 1),
  fuel: integer(),
  /** Blocks of the last state. */
  blocks: list(fields({ cid: link, bytes: bytes(BLOCK_BYTES_MAX) }), LINKS_MAX)
})
type Checkpoint = Infer<typeof checkpoint>

export interface CheckpointDeps {
  readonly records: Pick<Records, 'put' | 'delete' | 'all'>
  readonly blocks: Pick<Blocks, 'put'>
  keyOf(unit: WorkUnit): string
  nowMs(): number
  readonly checkpointMs?: number
}

interface Resumable {
  /** Computes from the last checkpoint of the unit, if there is one, and makes further ones. */
  readonly compute: ComputeUnit
  /** The unit is over for us: its checkpoint is dropped. */
  forget(unit: CID): Promise<void>
}

/** @throws MeshError store/* */
export async function resumable(compute: ComputeUnit, deps: CheckpointDeps): Promise<Resumable> {
  const { records, blocks, keyOf, nowMs, checkpointMs = CHECKPOINT_MS } = deps
  const found = new Map<string, Checkpoint>()
  for await (const { key, value } of records.all()) {
    const read = readable(value)
    if (read === undefined || found.size >= CHECKPOINTS_MAX) await records.delete(key)
    else found.set(key, read)
  }

  const save = async (key: string, ran: RanSegments, made: readonly Block[]): Promise<void> => {
    const { states, segments, fuel } = ran
    const value = { kind: 'checkpoint', states, segments, fuel, blocks: made }
    const bytes = encode(value)
    await records.put(key, concat([digestOf(bytes), bytes]))
  }

  return {
    compute: async (unit, options = {}) => {
      const key = keyOf(unit)
      const last = found.get(key)
      found.delete(key)
      const { signal } = options
      const only = signal === undefined ? {} : { signal }
      for (const block of last?.blocks ?? []) await blocks.put(block, only)
      let savedAtMs = nowMs()
      let writing: Promise<void> = Promise.resolve()
      let isWriting = false
      const computed = await compute(unit, {
        ...options,
        ...(last === undefined ? {} : { from: last }),
        onSegment: (ran, made) => {
          options.onSegment?.(ran, made)
          const outputs = new Set(ran.segments.at(-1)?.map(String))
          const isOutput = ({ cid }: Block): boolean => outputs.has(cid.toString())
          const isDue = !isWriting && nowMs() - savedAtMs >= checkpointMs
          if (isDue) savedAtMs = nowMs()
          isWriting = isWriting || isDue
          const step = async (): Promise<void> => {
            for (const block of made.filter(isOutput)) await blocks.put(block)
            if (!isDue) return
            await save(
              key,
              ran,
              made.filter((block) => !isOutput(block))
            )
            isWriting = false
          }
          writing = writing.then(step)
          // A disk that is full is told by the unit's own end; it must not count as unhandled.
          writing.catch(() => {})
        }
      })
      await writing
      return computed
    },
    forget: async (unit) => {
      found.delete(unit.toString())
      await records.delete(unit.toString())
    }
  }
}

const DIGEST_BYTES = 32
const digestOf = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')

/**
 * A record of another version is no checkpoint, nor is one with a changed bit: going on from it
 * would be a lie.
 */
function readable(value: Uint8Array): Checkpoint | undefined {
  const stored = value.subarray(DIGEST_BYTES)
  if (!equals(digestOf(stored), value.subarray(0, DIGEST_BYTES))) return undefined
  try {
    return decode(checkpoint, stored)
  } catch (error) {
    if (error instanceof ShapeError) return undefined
    throw error
  }
}

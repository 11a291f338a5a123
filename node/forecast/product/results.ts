/**
 * Reads unit results: roots, and the outputs of segments in a fixed order with a bounded number of
 * segments under way, so that neither a slow peer nor a long forecast decides the memory used.
 */
import { concat } from 'uint8arrays/concat'
import {
  BEACHED_ENTRY_BYTES,
  DENSITY_ENTRY_BYTES,
  decodeSegment,
  type SegmentExpectation,
  TRACK_ENTRY_BYTES
} from '../../../coordinator/product/outputs.ts'
import { segmentSteps, windowSteps } from '../../../coordinator/product/timeline.ts'
import { decode } from '../../../protocol/canonical.ts'
import type { Plan } from '../../../protocol/plan.ts'
import {
  type Output,
  STATE_CHUNK_PARTICLES,
  STATE_CLASS_OFFSET,
  state,
  type UnitResult,
  unitResult
} from '../../../protocol/result.ts'
import { ShapeError } from '../../../protocol/shape.ts'
import type { Blocks } from '../../store/blocks.ts'
import type { SettledSlot } from './assemble.ts'
import { naming } from './naming.ts'

/** Reads under way: hides a round trip to a peer, keeps at most this many segments in memory. */
const READS_AHEAD = 12

export const unitName = (slot: { member: number; block: number; window: number }): string =>
  `${slot.member}/${slot.block}/${slot.window}`

export interface SlotResult {
  readonly slot: SettledSlot
  readonly result: UnitResult
}

/** Results of `read` in the order of `items`, up to READS_AHEAD under way. */
export async function* readAhead<I, O>(
  items: Iterable<I>,
  read: (item: I) => Promise<O>
): AsyncGenerator<O> {
  const under: Promise<O>[] = []
  for (const item of items) {
    const reading = read(item)
    // A failure is thrown when its turn comes; until then it must not count as unhandled.
    reading.catch(() => {})
    under.push(reading)
    const first = under.length >= READS_AHEAD ? under.shift() : undefined
    if (first !== undefined) yield await first
  }
  for (const reading of under) yield await reading
}

const optionsOf = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal })

/** Root of the result of a slot, checked against the plan. */
export function readRoot(
  plan: Plan,
  slot: SettledSlot,
  blocks: Blocks,
  signal?: AbortSignal
): Promise<SlotResult> {
  return naming(`unit ${unitName(slot)}`, async () => {
    const result = decode(unitResult, await blocks.get(slot.result, optionsOf(signal)))
    const { segmentCount } = windowSteps(plan, slot.window)
    if (result.segments.length !== segmentCount || result.states.length !== segmentCount) {
      throw new ShapeError('segments', `must be ${segmentCount}`)
    }
    const total = result.counts.reduce((sum, count) => sum + count, 0)
    if (total !== plan.blocks[slot.block]?.particleCount) {
      throw new ShapeError('counts', 'must be those of its particles')
    }
    return { slot, result }
  })
}

const expectationOf = (
  plan: Plan,
  slot: SettledSlot,
  segment: number,
  coastalCellCount = 0
): SegmentExpectation => {
  const { density, trackedCount } = plan.products
  const block = plan.blocks[slot.block]
  return {
    steps: segmentSteps(plan, slot.window, segment),
    firstParticle: block?.firstParticle ?? 0,
    particleCount: block?.particleCount ?? 0,
    trackedCount,
    classCount: plan.classes.length,
    coastalCellCount,
    originCount: plan.originStarts.length + 1,
    cellCount: density.rows * density.columns
  }
}

/** Frame of one output, and of the list around them (coordinator/slots.ts). */
const OUTPUT_FRAME_BYTES = 256

/** More bytes than these cannot be outputs of the segment: a hostile result ends here. */
function segmentBytesMax({ particleCount, steps }: SegmentExpectation): number {
  const outputBytesMax =
    OUTPUT_FRAME_BYTES +
    particleCount * (Math.max(DENSITY_ENTRY_BYTES, BEACHED_ENTRY_BYTES) + TRACK_ENTRY_BYTES)
  return OUTPUT_FRAME_BYTES + steps.length * outputBytesMax
}

/** Bytes of one segment's outputs. */
export async function readSegmentBytes(
  plan: Plan,
  { result, slot }: SlotResult,
  segment: number,
  blocks: Blocks,
  signal?: AbortSignal
): Promise<Uint8Array> {
  let room = segmentBytesMax(expectationOf(plan, slot, segment))
  const pieces: Uint8Array[] = []
  for (const link of result.segments[segment] ?? []) {
    const piece = await blocks.get(link, optionsOf(signal))
    room -= Math.max(1, piece.length)
    if (room < 0) throw new ShapeError(`segments[${segment}]`, 'is larger than its outputs can be')
    pieces.push(piece)
  }
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : concat(pieces)
}

interface SegmentOf extends SlotResult {
  readonly segment: number
  readonly coastalCellCount: number
}

/** Checked outputs of one segment. */
export function readSegment(
  plan: Plan,
  { segment, coastalCellCount, ...root }: SegmentOf,
  blocks: Blocks,
  signal?: AbortSignal
): Promise<readonly Output[]> {
  return naming(`unit ${unitName(root.slot)} segment ${segment}`, async () =>
    decodeSegment(
      await readSegmentBytes(plan, root, segment, blocks, signal),
      expectationOf(plan, root.slot, segment, coastalCellCount)
    )
  )
}

/** Class of each of the plan's first `trackedCount` particles, from their state before step 0. */
export async function readTrackedClasses(
  plan: Plan,
  trackedCount: number,
  blocks: Blocks,
  signal?: AbortSignal
): Promise<Uint8Array> {
  const classes = new Uint8Array(trackedCount)
  for (const [index, block] of plan.blocks.entries()) {
    const count = Math.min(block.particleCount, trackedCount - block.firstParticle)
    if (count <= 0) continue
    await naming(`initial state of block ${index}`, async () => {
      const root = decode(state, await blocks.get(block.state, optionsOf(signal)))
      for (let first = 0; first < count; first += STATE_CHUNK_PARTICLES) {
        const link = root.chunks[first / STATE_CHUNK_PARTICLES]
        if (link === undefined) throw new ShapeError('chunks', 'are too few')
        const chunk = await blocks.get(link, optionsOf(signal))
        for (let at = 0; at < Math.min(STATE_CHUNK_PARTICLES, count - first); at += 1) {
          const classIndex = chunk[at * root.particleBytes + STATE_CLASS_OFFSET]
          if (classIndex === undefined || plan.classes[classIndex] === undefined) {
            throw new ShapeError('class', 'is not one of the plan')
          }
          classes[block.firstParticle + first + at] = classIndex
        }
      }
    })
  }
  return classes
}

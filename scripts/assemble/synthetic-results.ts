/**
 * Unit results of a large forecast without its kernel: blocks of particles that spread from a point
 * and drift across a basin, some of them ashore. Only what assembling reads is real: shapes, sizes
 * and counts.
 */
import type { CID } from 'multiformats/cid'
import { segmentSteps, windowSteps } from '../../coordinator/product/timeline.ts'
import { windowCount } from '../../coordinator/slots.ts'
import type { SettledSlot } from '../../node/forecast/product/assemble.ts'
import type { Blocks } from '../../node/store/blocks.ts'
import { encode, toBlock, toRawBlock } from '../../protocol/canonical.ts'
import { BLOCK_BYTES_MAX } from '../../protocol/limits.ts'
import type { Plan } from '../../protocol/plan.ts'
import { type Output, STATUSES } from '../../protocol/result.ts'
import {
  BASIN,
  COASTAL_CELLS,
  little,
  makePlan,
  type Put,
  STEPS_PER_DAY,
  type SyntheticSize
} from './synthetic-plan.ts'

/** Cells from the middle of a patch to its edge after a day and at the most. */
const PATCH_GROWTH = 1.2
const PATCH_CELLS_MAX = 30
const STRANDED_SHARE = 0.1

type Place = Pick<SettledSlot, 'member' | 'block'>

/** Where the middle of a patch is, in cells. */
function middleOf(plan: Plan, { block, member }: Place, step: number): [number, number] {
  const { columns, rows } = plan.products.density
  const day = step / STEPS_PER_DAY
  const across = (0.1 + 0.07 * block + 0.011 * day + 0.003 * member * day) % 1
  const up = (0.2 + 0.05 * block + 0.009 * day + 0.001 * member * day) % 1
  return [Math.floor(across * columns), Math.floor(up * rows)]
}

/** Triples of a square patch, more in its middle, `afloat` particles at the most. */
function densityOf(plan: Plan, place: Place, step: number, afloat: number): Uint8Array {
  const { columns, rows } = plan.products.density
  const [middleX, middleY] = middleOf(plan, place, step)
  const reach = Math.min(PATCH_CELLS_MAX, 3 + Math.floor((PATCH_GROWTH * step) / STEPS_PER_DAY))
  const most = (4 * afloat) / (2 * reach + 1) ** 2
  const triples: number[] = []
  let left = afloat
  for (
    let row = Math.max(0, middleY - reach);
    row <= Math.min(rows - 1, middleY + reach);
    row += 1
  ) {
    const up = 1 - Math.abs(row - middleY) / (reach + 1)
    const last = Math.min(columns - 1, middleX + reach)
    for (let column = Math.max(0, middleX - reach); column <= last; column += 1) {
      const across = 1 - Math.abs(column - middleX) / (reach + 1)
      const mixed = (row * 7919 + column * 104_729 + step * 31 + place.member * 17) % 97
      const count = Math.min(left, Math.floor((most * up * across * mixed) / 97))
      if (count === 0) continue
      left -= count
      triples.push(row * columns + column, 0, count)
    }
  }
  return little(Uint32Array.from(triples))
}

/** Quadruples of a stretch of coast. */
function beachedOf({ block, member }: Place, step: number, stranded: number): Uint8Array {
  const first = (block * 190 + member * 3) % COASTAL_CELLS
  const cells = Math.min(100, Math.floor(step / 40), COASTAL_CELLS - first)
  const quadruples: number[] = []
  for (let cell = first; cell < first + cells; cell += 1) {
    const count = Math.floor(stranded / cells)
    if (count > 0) quadruples.push(cell, block, 0, count)
  }
  return little(Uint32Array.from(quadruples))
}

function tracksOf(plan: Plan, place: Place, step: number): Uint8Array {
  const { firstParticle = 0, particleCount = 0 } = plan.blocks[place.block] ?? {}
  const end = Math.min(firstParticle + particleCount, plan.products.trackedCount)
  const count = Math.max(0, end - firstParticle)
  const view = new DataView(new ArrayBuffer(count * 24))
  const [x, y] = middleOf(plan, place, step)
  for (let index = 0; index < count; index += 1) {
    const spread = ((index * 37 + step) % 101) / 101
    view.setUint32(index * 24, firstParticle + index, true)
    view.setUint32(index * 24 + 4, STATUSES.indexOf('afloat'), true)
    view.setFloat64(index * 24 + 8, BASIN.west + (x + spread) * 0.1, true)
    view.setFloat64(index * 24 + 16, BASIN.south + (y + spread) * 0.1, true)
  }
  return new Uint8Array(view.buffer)
}

function outputOf(plan: Plan, place: Place, step: number): Output {
  const particles = plan.blocks[place.block]?.particleCount ?? 0
  const stranded = Math.floor((particles * STRANDED_SHARE * step) / plan.stepCount)
  const counts = [0, particles - stranded, stranded, 0, 0, 0]
  return {
    step,
    counts,
    density: densityOf(plan, place, step, particles - stranded),
    beached: beachedOf(place, step, stranded),
    tracks: tracksOf(plan, place, step)
  }
}

async function putSegment(bytes: Uint8Array, put: Put): Promise<CID[]> {
  const links: CID[] = []
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES_MAX) {
    const block = toRawBlock(bytes.subarray(from, from + BLOCK_BYTES_MAX))
    await put(block)
    links.push(block.cid)
  }
  return links
}

async function makeResult(plan: Plan, place: Place, window: number, put: Put): Promise<CID> {
  const { firstStep, segmentCount, stepCount } = windowSteps(plan, window)
  const segments: CID[][] = []
  for (let segment = 0; segment < segmentCount; segment += 1) {
    const outputs = segmentSteps(plan, window, segment).map((step) => outputOf(plan, place, step))
    segments.push(await putSegment(encode({ kind: 'outputs', outputs }), put))
  }
  const nothing = toRawBlock(Uint8Array.of(place.member, place.block)).cid
  const last = outputOf(plan, place, firstStep + stepCount)
  const particles = plan.blocks[place.block]?.particleCount ?? 0
  const root = toBlock({
    kind: 'result',
    unit: nothing,
    states: segments.map(() => nothing),
    segments,
    traceRoot: new Uint8Array(32),
    fuel: particles * stepCount,
    counts: last.counts,
    bounds: [0, 0, 1, 1]
  })
  await put(root)
  return root.cid
}

/** Writes plan inputs and results into the store. */
export async function makeResults(
  size: SyntheticSize,
  blocks: Blocks,
  onWindow: (done: number, total: number) => void
): Promise<{ plan: Plan; slots: SettledSlot[]; byteCount: number }> {
  let byteCount = 0
  const put: Put = async (block) => {
    byteCount += block.bytes.length
    await blocks.put(block)
  }
  const plan = await makePlan(size, put)
  const slots: SettledSlot[] = []
  for (let window = 0; window < windowCount(plan); window += 1) {
    for (let member = 0; member < plan.memberCount; member += 1) {
      for (const block of plan.blocks.keys()) {
        const result = await makeResult(plan, { member, block }, window, put)
        slots.push({ member, block, window, result })
      }
    }
    onWindow(window + 1, windowCount(plan))
  }
  return { plan, slots, byteCount }
}

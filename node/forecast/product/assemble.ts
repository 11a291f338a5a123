/**
 * Assembles the product folder of a plan from the results of its slots, one segment at a time, so
 * that memory stays bounded whatever the forecast's length. The product CID is a pure function of
 * the plan's meaning and of which slots are missing: never of block cutting, order, peer or clock.
 */
import { setImmediate } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { gapsOf } from '../../../coordinator/product/gaps.ts'
import { outputCount, windowSteps } from '../../../coordinator/product/timeline.ts'
import { windowCount } from '../../../coordinator/slots.ts'
import type { Kernel } from '../../../kernel/kernel.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { type Output, STATUSES, type Status } from '../../../protocol/result.ts'
import type { Blocks } from '../../store/blocks.ts'
import { readCoast } from './coast.ts'
import { addToFolder } from './folder/add-to-folder.ts'
import { Digests, described } from './folder/digests.ts'
import { type WrittenFolder, writeFolder } from './folder/unixfs.ts'
import { viewerFiles } from './folder/viewer-files.ts'
import { roCrateFile } from './formats/ro-crate.ts'
import { stacFile } from './formats/stac.ts'
import { ProductStores, type TrackRow } from './product-stores.ts'
import {
  readAhead,
  readRoot,
  readSegment,
  readTrackedClasses,
  type SlotResult,
  unitName
} from './results.ts'

export interface SettledSlot {
  readonly member: number
  readonly block: number
  readonly window: number
  readonly result: CID
}

export interface AssembledProduct {
  readonly product: CID
  readonly products: Readonly<Record<string, { readonly path: string; readonly cid: CID }>>
  /** CID of every file and folder of the product by its path. */
  readonly files: ReadonlyMap<string, CID>
  /** SHA-256 of files and of the values of arrays, by path (folder/digests.ts). */
  readonly contents: Readonly<Record<string, string>>
  /** Particles by status after the last step, all members together; gaps count nowhere. */
  readonly status: Readonly<Record<Status, number>>
  /** Particles of all members. */
  readonly particles: number
  readonly particleSteps: number
}

export interface AssembleInput {
  readonly plan: Plan
  /** In any order; a slot that is not listed is a gap. */
  readonly slots: readonly SettledSlot[]
  readonly blocks: Blocks
  readonly kernel: Pick<Kernel, 'rowAreasKm2'>
  readonly signal?: AbortSignal
  /** Rows by member and particle, then time, within each stretch of time written at once. */
  readonly onTrack?: (row: TrackRow) => void
  readonly onProgress?: (segmentsDone: number, segmentsTotal: number) => void
}

/** Names of the products in summaries and manifests. */
const PRODUCTS: Readonly<Record<string, string>> = {
  'density.zarr': 'density',
  'beaching.zarr': 'beaching',
  'trajectories.zarr': 'trajectories',
  'trajectories.parquet': 'tracks',
  'forecast.nc': 'netcdf',
  'density-mean.tif': 'map',
  'hotspots.geojson': 'hotspots'
}

interface Totals {
  readonly counts: number[]
  particleSteps: number
}

function addRoot(totals: Totals, { result }: SlotResult, isLastWindow: boolean): void {
  totals.particleSteps += result.fuel
  if (!isLastWindow) return
  for (const [index, count] of result.counts.entries()) {
    totals.counts[index] = (totals.counts[index] ?? 0) + count
  }
}

/** Slots of each window; a slot listed twice is a defect of the caller. */
function byWindow(slots: readonly SettledSlot[]): Map<number, SettledSlot[]> {
  const windows = new Map<number, SettledSlot[]>()
  const seen = new Set<string>()
  for (const slot of slots) {
    if (seen.has(unitName(slot))) throw new Error(`slot ${unitName(slot)} is listed twice`)
    seen.add(unitName(slot))
    const window = windows.get(slot.window) ?? []
    window.push(slot)
    windows.set(slot.window, window)
  }
  return windows
}

/** Outputs of every slot, segment by segment; `afterSegment` follows the last of each. */
async function* outputsInOrder(
  input: AssembleInput,
  totals: Totals,
  coastalCellCount: number
): AsyncGenerator<{ member: number; outputs: readonly Output[] } | { stepsDone: number }> {
  const { blocks, plan, signal } = input
  const windows = byWindow(input.slots)
  const windowTotal = windowCount(plan)
  const segmentsTotal = Array.from(
    { length: windowTotal },
    (_, window) => windowSteps(plan, window).segmentCount
  ).reduce((sum, count) => sum + count, 0)
  let segmentsDone = 0
  for (let window = 0; window < windowTotal; window += 1) {
    const roots: SlotResult[] = []
    const reads = (slot: SettledSlot) => readRoot(plan, slot, blocks, signal)
    for await (const root of readAhead(windows.get(window) ?? [], reads)) {
      addRoot(totals, root, window === windowTotal - 1)
      roots.push(root)
    }
    const { firstStep, segmentCount, stepCount } = windowSteps(plan, window)
    for (let segment = 0; segment < segmentCount; segment += 1) {
      signal?.throwIfAborted()
      const readOne = async (root: SlotResult) => ({
        member: root.slot.member,
        outputs: await readSegment(plan, { ...root, segment, coastalCellCount }, blocks, signal)
      })
      yield* readAhead(roots, readOne)
      segmentsDone += 1
      input.onProgress?.(segmentsDone, segmentsTotal)
      // Blocks that are already here never wait: without this no other work would get a turn.
      await setImmediate()
      yield { stepsDone: firstStep + Math.floor(((segment + 1) * stepCount) / segmentCount) }
    }
  }
}

/** What the plan, its inputs and the missing slots say before any result is read. */
async function openStores(input: AssembleInput): Promise<ProductStores> {
  const { blocks, onTrack, plan, signal } = input
  const settled = new Set(input.slots.map(unitName))
  const gaps = gapsOf(plan, (member, block, window) =>
    settled.has(unitName({ member, block, window }))
  )
  const { resolutionDegrees: side, rows, southDegrees } = plan.products.density
  const areasKm2 = input.kernel.rowAreasKm2(southDegrees, side, side, rows, plan.metric)
  const coast = await readCoast(plan, blocks, signal)
  const trackedCount = Math.min(plan.products.trackedCount, plan.particleCount)
  const classes = await readTrackedClasses(plan, trackedCount, blocks, signal)
  return new ProductStores(plan, { areasKm2, coast, classes, gaps, blocks, signal, onTrack })
}

async function* productFiles(input: AssembleInput, stores: ProductStores, totals: Totals) {
  const { plan } = input
  yield* stores.head()
  yield* viewerFiles(plan, input.blocks, input.signal)
  for await (const part of outputsInOrder(input, totals, stores.coastalCellCount)) {
    if ('outputs' in part) {
      for (const output of part.outputs) {
        stores.add(part.member, output.step / plan.outputEverySteps, output)
      }
    } else {
      yield* stores.complete(Math.floor(part.stepsDone / plan.outputEverySteps) + 1)
    }
  }
  yield* stores.complete(outputCount(plan))
  yield* stores.finish()
}

/** The data, then what describes it from outside, which names what was written. */
async function writeProduct(
  input: AssembleInput,
  totals: Totals
): Promise<WrittenFolder & Pick<AssembledProduct, 'contents'>> {
  const { blocks, plan, signal } = input
  const stores = await openStores(input)
  const digests = new Digests()
  const files = digests.noting(productFiles(input, stores, totals))
  const data = await writeFolder(files, blocks, signal)
  const items = described(stores.items, data.files, digests.files)
  const descriptions = [stacFile(plan, stores.layout, items), roCrateFile(plan, items)]
  const whole = await addToFolder(data.cid, descriptions, blocks, signal)
  const written = new Map([...data.files, ...whole.files])
  return { cid: whole.cid, files: written, contents: digests.contents() }
}

/**
 * Writes the product folder into `blocks`.
 * @throws MeshError net/block-missing or verify/mismatch naming the unit, plan/refused
 */
export async function assembleProduct(input: AssembleInput): Promise<AssembledProduct> {
  const { plan } = input
  const totals: Totals = { counts: STATUSES.map(() => 0), particleSteps: 0 }
  const written = await writeProduct(input, totals)
  const products: Record<string, { path: string; cid: CID }> = {}
  for (const [path, cid] of written.files) {
    const name = PRODUCTS[path]
    if (name !== undefined) products[name] = { path, cid }
  }
  const status = Object.fromEntries(
    STATUSES.map((name, index) => [name, totals.counts[index] ?? 0])
  ) as Record<Status, number>
  return {
    product: written.cid,
    products,
    files: written.files,
    contents: written.contents,
    status,
    particles: plan.particleCount * plan.memberCount,
    particleSteps: totals.particleSteps
  }
}

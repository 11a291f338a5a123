/**
 * A small ocean whose particles move by a formula instead of a kernel: plans, states and unit
 * results made with the protocol's own encoders, for any cutting into blocks and windows.
 */
import type { CID } from 'multiformats/cid'
import { concat } from 'uint8arrays/concat'
import { segmentSteps, windowSteps } from '../../../coordinator/product/timeline.ts'
import { type Block, encode, toBlock, toRawBlock } from '../../../protocol/canonical.ts'
import type { Plan } from '../../../protocol/plan.ts'
import {
  type Output,
  STATE_CLASS_OFFSET,
  STATE_PARTICLE_BYTES,
  STATE_STATUS_OFFSET,
  STATUSES,
  type UnitResult
} from '../../../protocol/result.ts'
import { traceRootOf } from '../../../protocol/trace.ts'
import type { DensityGrid } from '../../../protocol/work-unit.ts'
import { PLAIN_PHYSICS, plainClass } from '../../fixtures/plain-physics.ts'
import { COASTAL_CELLS, makeForcing } from './coast.ts'

export interface WorldOptions {
  readonly particles?: number
  readonly members?: number
  readonly classNames?: readonly string[]
  /** Particles of each block; the rest goes into one more. */
  readonly cuts?: readonly number[]
  readonly stepCount?: number
  readonly windowSteps?: number
  readonly outputEverySteps?: number
  readonly tracked?: number
  readonly grid?: DensityGrid
  readonly originStarts?: readonly number[]
  /** The forcing knows no coast: particles strand, but in no cell. */
  readonly isCoastless?: boolean
}

export const GRID: DensityGrid = {
  westDegrees: 8,
  southDegrees: 42,
  resolutionDegrees: 0.25,
  columns: 8,
  rows: 6
}

export interface Place {
  readonly lon: number
  readonly lat: number
  readonly status: number
}

const RELEASE_EVERY = 3
const WAITING = STATUSES.indexOf('waiting')
const AFLOAT = STATUSES.indexOf('afloat')
const STRANDED = STATUSES.indexOf('stranded')

/** Where a particle of a member is after a step: late release, drift, sometimes a beach. */
export function placeOf(particle: number, member: number, step: number): Place {
  const lon = 8 + ((particle * 37 + member * 11 + step * 3) % 199) / 100
  const lat = 42 + ((particle * 53 + member * 7 + step) % 149) / 100
  if (step < (particle % RELEASE_EVERY) * 2) return { lon, lat, status: WAITING }
  return { lon, lat, status: (particle + step) % 11 === 10 ? STRANDED : AFLOAT }
}

/** Coastal cell of a stranded particle. */
export const beachOf = (particle: number, member: number): number =>
  (particle * 5 + member) % COASTAL_CELLS

/** Seeding entry of a particle. */
export const originOf = (plan: Plan, particle: number): number =>
  plan.originStarts.filter((start) => start <= particle).length

/** The kernel's own form of what is stranded: quadruples, ascending. */
function beachedOf(plan: Plan, stranded: readonly number[], member: number): Uint8Array {
  const counts = new Map<number, number>()
  const origins = plan.originStarts.length + 1
  for (const particle of stranded) {
    const place = beachOf(particle, member) * origins + originOf(plan, particle)
    const key = place * plan.classes.length + classOf(particle, plan.classes.length)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const sorted = [...counts].sort(([left], [right]) => left - right)
  const values = sorted.flatMap(([key, count]) => {
    const place = Math.floor(key / plan.classes.length)
    return [Math.floor(place / origins), place % origins, key % plan.classes.length, count]
  })
  return new Uint8Array(Uint32Array.from(values).buffer)
}

export const classOf = (particle: number, classCount: number): number => particle % classCount

/** Blocks of a particle state, root first; before a run every particle waits. */
function stateOf(
  first: number,
  count: number,
  classCount: number,
  at?: { member: number; step: number }
): [Block, Block] {
  const bytes = new Uint8Array(count * STATE_PARTICLE_BYTES)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < count; index += 1) {
    const particle = first + index
    const row = index * STATE_PARTICLE_BYTES
    view.setInt32(row, at === undefined ? -1 : at.member * 1000 + at.step, true)
    view.setInt32(row + 4, particle, true)
    if (at !== undefined) {
      bytes[row + STATE_STATUS_OFFSET] = placeOf(particle, at.member, at.step).status
    }
    bytes[row + STATE_CLASS_OFFSET] = classOf(particle, classCount)
  }
  const chunk = toRawBlock(bytes)
  const root = {
    kind: 'state',
    firstParticle: first,
    particleCount: count,
    particleBytes: STATE_PARTICLE_BYTES,
    chunks: [chunk.cid]
  }
  return [toBlock(root), chunk]
}

/** A plan of this world and the blocks it links. */
export function makePlan(options: WorldOptions = {}): { plan: Plan; blocks: Block[] } {
  const particles = options.particles ?? 40
  const names = options.classNames ?? ['bottle', 'net']
  const members = options.members ?? 2
  const stepCount = options.stepCount ?? 24
  const grid = options.grid ?? GRID
  const crop = { column: 0, row: 0, columns: 10, rows: 10 }
  const forcing = makeForcing(options.isCoastless)
  const blocks: Block[] = [...forcing.blocks]
  const planBlocks: Plan['blocks'][number][] = []
  let first = 0
  for (const cut of [...(options.cuts ?? []), particles]) {
    const count = Math.min(cut, particles - first)
    if (count === 0) break
    const [root, chunk] = stateOf(first, count, names.length)
    blocks.push(root, chunk)
    planBlocks.push({ firstParticle: first, particleCount: count, state: root.cid, crop })
    first += count
  }
  const plan: Plan = {
    kind: 'plan',
    name: 'test-basin',
    title: 'Test basin',
    institution: 'Driftmesh tests',
    license: 'CC-BY-4.0',
    attributions: ['Nobody'],
    kernel: toRawBlock(Uint8Array.of(1)).cid,
    forcing: forcing.cid,
    startSeconds: 1_400_000_000,
    stepSeconds: 600,
    stepCount,
    outputEverySteps: options.outputEverySteps ?? 2,
    windowSteps: options.windowSteps ?? stepCount,
    metric: 'wgs84',
    physics: PLAIN_PHYSICS,
    classes: names.map((name) => plainClass(name, [0, 0.03])),
    particleCount: particles,
    blocks: planBlocks,
    memberCount: members,
    rngSeed: [0, 42],
    memberKeys: Array.from({ length: members }, (_, member) => [0, member]),
    perturbations: [],
    originStarts: options.originStarts ?? [],
    levelCount: 1,
    reachCellsPerStep: 0.5,
    gridColumns: 10,
    gridIsPeriodic: false,
    gridRows: 10,
    products: { density: grid, trackedCount: options.tracked ?? 10 },
    mesh: { policy: 'quorum', quorum: 2, deadlineSeconds: 3600, priority: 0 }
  }
  return { plan, blocks }
}

function outputOf(plan: Plan, member: number, block: number, step: number): Output {
  const { firstParticle = 0, particleCount = 0 } = plan.blocks[block] ?? {}
  const grid = plan.products.density
  const counts = STATUSES.map(() => 0)
  const cells = new Map<number, number>()
  const tracks: Uint8Array[] = []
  const stranded: number[] = []
  for (let particle = firstParticle; particle < firstParticle + particleCount; particle += 1) {
    const { lat, lon, status } = placeOf(particle, member, step)
    counts[status] = (counts[status] ?? 0) + 1
    if (status === STRANDED) stranded.push(particle)
    const column = Math.floor((lon - grid.westDegrees) / grid.resolutionDegrees)
    const row = Math.floor((lat - grid.southDegrees) / grid.resolutionDegrees)
    if (status === AFLOAT && column < grid.columns && row < grid.rows) {
      const classIndex = classOf(particle, plan.classes.length)
      const key = (row * grid.columns + column) * plan.classes.length + classIndex
      cells.set(key, (cells.get(key) ?? 0) + 1)
    }
    if (particle < plan.products.trackedCount) {
      const entry = new DataView(new ArrayBuffer(24))
      entry.setUint32(0, particle, true)
      entry.setUint32(4, status, true)
      entry.setFloat64(8, lon, true)
      entry.setFloat64(16, lat, true)
      tracks.push(new Uint8Array(entry.buffer))
    }
  }
  const sorted = [...cells].sort(([left], [right]) => left - right)
  const density = new Uint32Array(
    sorted.flatMap(([key, count]) => {
      const classIndex = key % plan.classes.length
      return [(key - classIndex) / plan.classes.length, classIndex, count]
    })
  )
  const hasCoast = plan.forcing.equals(makeForcing().cid)
  const beached = hasCoast ? beachedOf(plan, stranded, member) : new Uint8Array(0)
  return { step, counts, density: new Uint8Array(density.buffer), beached, tracks: concat(tracks) }
}

/** The result of one slot for a unit CID, with all its blocks, root first. */
export function resultOf(
  plan: Plan,
  slot: { member: number; block: number; window: number },
  unit: CID,
  alter: (result: UnitResult) => UnitResult = (honest) => honest
): { result: UnitResult; cid: CID; blocks: Block[] } {
  const { firstStep, segmentCount, stepCount } = windowSteps(plan, slot.window)
  const blocks: Block[] = []
  const segments: CID[][] = []
  const states: CID[] = []
  const { firstParticle = 0, particleCount = 0 } = plan.blocks[slot.block] ?? {}
  const at = { member: slot.member, step: firstStep + stepCount }
  const [stateRoot, stateChunk] = stateOf(firstParticle, particleCount, plan.classes.length, at)
  for (let segment = 0; segment < segmentCount; segment += 1) {
    const outputs = segmentSteps(plan, slot.window, segment).map((step) =>
      outputOf(plan, slot.member, slot.block, step)
    )
    const bytes = encode({ kind: 'outputs', outputs })
    // Cut in two, so that readers must join.
    const pieces = [bytes.subarray(0, 7), bytes.subarray(7)].map(toRawBlock)
    blocks.push(...pieces)
    segments.push(pieces.map(({ cid }) => cid))
    const isLast = segment === segmentCount - 1
    states.push(isLast ? stateRoot.cid : toRawBlock(bytes).cid)
  }
  const last = outputOf(plan, slot.member, slot.block, firstStep + stepCount)
  const result = alter({
    kind: 'result',
    unit,
    states,
    segments,
    traceRoot: traceRootOf({ states, segments }),
    fuel: particleCount * stepCount,
    counts: last.counts,
    bounds: [1, 1, 8, 8]
  })
  const root = toBlock(result)
  return { result, cid: root.cid, blocks: [root, stateRoot, stateChunk, ...blocks] }
}

/** Rough areas by arithmetic alone; the kernel's own are tested with the kernel. */
export const areas = {
  rowAreasKm2: (south: number, resolution: number, _columns: number, rows: number) =>
    Float64Array.from({ length: rows }, (_, row) => 500 - (south + row * resolution))
}

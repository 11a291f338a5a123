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
import {
  type Output,
  STATE_CHUNK_PARTICLES,
  STATE_PARTICLE_BYTES,
  STATUSES
} from '../../protocol/result.ts'

export interface SyntheticSize {
  readonly members: number
  readonly particles: number
  readonly days: number
  readonly resolutionDegrees: number
  readonly tracked: number
}

/** A basin of the size of the Mediterranean. */
const BASIN = { west: -5, south: 30, width: 42, height: 16 }
const UNIT_PARTICLES = 100_000
const STEP_SECONDS = 600
const OUTPUT_STEPS = 6
const STEPS_PER_DAY = 144
const COASTAL_CELLS = 2000
const COAST_COLUMNS = 500
/** Cells from the middle of a patch to its edge after a day and at the most. */
const PATCH_GROWTH = 1.2
const PATCH_CELLS_MAX = 30
const STRANDED_SHARE = 0.1

type Put = (bytes: { cid: CID; bytes: Uint8Array }) => Promise<void>

const little = (values: Uint32Array | Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** The forcing as products read it: a grid and a coast along its southern edge. */
async function makeForcing(put: Put): Promise<CID> {
  const raw = async (values: Uint32Array | Float32Array): Promise<CID> => {
    const block = toRawBlock(little(values))
    await put(block)
    return block.cid
  }
  const cells = { length: COASTAL_CELLS }
  const rows = COASTAL_CELLS / COAST_COLUMNS
  const axis = (count: number, first: number, step: number): Uint8Array =>
    little(Float64Array.from({ length: count }, (_, index) => first + index * step))
  const nothing = toRawBlock(Uint8Array.of(0)).cid
  const block = toBlock({
    kind: 'forcing',
    columns: COAST_COLUMNS,
    rows,
    isPeriodic: false,
    isFlat: false,
    longitudes: axis(COAST_COLUMNS, BASIN.west, BASIN.width / COAST_COLUMNS),
    latitudes: axis(rows, BASIN.south, BASIN.height / rows),
    tileRows: rows,
    tileColumns: COAST_COLUMNS,
    land: nothing,
    metric: nothing,
    current: nothing,
    coast: {
      distance: nothing,
      cell: nothing,
      cellCount: COASTAL_CELLS,
      cells: {
        nodes: [await raw(Uint32Array.from(cells, (_, cell) => cell))],
        lengths: [await raw(Float32Array.from(cells, () => 5000))],
        countryOf: [await raw(new Uint32Array(COASTAL_CELLS))],
        countries: []
      }
    }
  })
  await put(block)
  return block.cid
}

async function makeState(put: Put, firstParticle: number, particleCount: number): Promise<CID> {
  const chunks: CID[] = []
  for (let first = 0; first < particleCount; first += STATE_CHUNK_PARTICLES) {
    const count = Math.min(STATE_CHUNK_PARTICLES, particleCount - first)
    const chunk = toRawBlock(new Uint8Array(count * STATE_PARTICLE_BYTES))
    await put(chunk)
    chunks.push(chunk.cid)
  }
  const particleBytes = STATE_PARTICLE_BYTES
  const root = toBlock({ kind: 'state', firstParticle, particleCount, particleBytes, chunks })
  await put(root)
  return root.cid
}

/** A plan of this size; its kernel and its physics move nothing here. */
async function makePlan(size: SyntheticSize, put: Put): Promise<Plan> {
  const crop = { column: 0, row: 0, columns: 4, rows: 4 }
  const planBlocks: Plan['blocks'][number][] = []
  for (let first = 0; first < size.particles; first += UNIT_PARTICLES) {
    const particleCount = Math.min(UNIT_PARTICLES, size.particles - first)
    const state = await makeState(put, first, particleCount)
    planBlocks.push({ firstParticle: first, particleCount, state, crop })
  }
  const { members, resolutionDegrees } = size
  return {
    kind: 'plan',
    name: 'bench-assemble',
    title: 'Synthetic basin',
    institution: 'bench:assemble',
    license: 'CC0-1.0',
    attributions: [],
    kernel: toRawBlock(Uint8Array.of(1)).cid,
    forcing: await makeForcing(put),
    startSeconds: 1_700_000_000,
    stepSeconds: STEP_SECONDS,
    stepCount: size.days * STEPS_PER_DAY,
    outputEverySteps: OUTPUT_STEPS,
    windowSteps: STEPS_PER_DAY,
    metric: 'wgs84',
    physics: {
      scheme: 'rk4',
      diffusivity: 1,
      diffusivityFrom: 'constant',
      isWindRelative: false,
      stokes: 'none',
      vertical: 'surface',
      coast: 'strand'
    },
    classes: [
      { name: 'bottle', windage: [0, 0.03], riseVelocityMetresPerSecond: 0, depthMetres: 0 }
    ],
    particleCount: size.particles,
    blocks: planBlocks,
    memberCount: members,
    rngSeed: [0, 1],
    memberKeys: Array.from({ length: members }, (_, member) => [0, member]),
    perturbations: [],
    originStarts: planBlocks.slice(1).map(({ firstParticle }) => firstParticle),
    levelCount: 1,
    reachCellsPerStep: 0.5,
    gridColumns: COAST_COLUMNS,
    gridRows: COASTAL_CELLS / COAST_COLUMNS,
    gridIsPeriodic: false,
    products: {
      density: {
        westDegrees: BASIN.west,
        southDegrees: BASIN.south,
        resolutionDegrees,
        columns: Math.round(BASIN.width / resolutionDegrees),
        rows: Math.round(BASIN.height / resolutionDegrees)
      },
      trackedCount: size.tracked
    },
    mesh: { policy: 'quorum', quorum: 2, deadlineSeconds: 3600, priority: 0 }
  }
}

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

/**
 * The plan of a synthetic forecast and what it links: a basin of the size of the Mediterranean with
 * a coast, seeded in blocks. Its kernel and its physics move nothing here.
 */
import type { CID } from 'multiformats/cid'
import { toBlock, toRawBlock } from '../../protocol/canonical.ts'
import type { Plan } from '../../protocol/plan.ts'
import { STATE_CHUNK_PARTICLES, STATE_PARTICLE_BYTES } from '../../protocol/result.ts'

export interface SyntheticSize {
  readonly members: number
  readonly particles: number
  readonly days: number
  readonly resolutionDegrees: number
  readonly tracked: number
}

/** A basin of the size of the Mediterranean. */
export const BASIN = { west: -5, south: 30, width: 42, height: 16 }
const UNIT_PARTICLES = 100_000
const STEP_SECONDS = 600
const OUTPUT_STEPS = 6
export const STEPS_PER_DAY = 144
export const COASTAL_CELLS = 2000
const COAST_COLUMNS = 500
export type Put = (bytes: { cid: CID; bytes: Uint8Array }) => Promise<void>

export const little = (values: Uint32Array | Float32Array | Float64Array): Uint8Array =>
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

/** A plan of this size. */
export async function makePlan(size: SyntheticSize, put: Put): Promise<Plan> {
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

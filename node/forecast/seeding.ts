/**
 * Particles of a forecast at their start: every seeding entry laid out by the kernel, in file
 * order, cut into blocks of consecutive ids with their state as content.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { NodePlaces } from '../../kernel/nodes.ts'
import type { AxisPlaces } from '../../kernel/seeding.ts'
import { type Block, toBlock, toRawBlock } from '../../protocol/canonical.ts'
import { PLAN_BLOCKS_MAX } from '../../protocol/limits.ts'
import type { PlanBlock } from '../../protocol/plan.ts'
import {
  STATE_CELLS_OFFSET,
  STATE_CHUNK_PARTICLES,
  STATE_PARTICLE_BYTES,
  type State,
  stateParticleBytes
} from '../../protocol/result.ts'
import { boxOf } from '../forcing/meaning/grid.ts'
import type { Blocks } from '../store/blocks.ts'
import { definitionError, type ForecastDefinition, type SeedingEntry } from './definition.ts'

/** Blocks a forecast is cut into by default: four for each of three volunteers. */
const BLOCKS_WANTED = 12
/** Smallest block by default: below it a unit's overhead outweighs its work. */
const UNIT_PARTICLES_LEAST = 1000
/** Largest block by default: its state fits a few blocks, its work a few minutes. */
const UNIT_PARTICLES_MOST = 100_000

type SeedingGrid = (AxisPlaces | NodePlaces) & {
  readonly isPeriodic: boolean
  /** 1 land, C order. */
  readonly land: Uint8Array
}

export interface SeedingContext {
  readonly definition: ForecastDefinition
  readonly grid: SeedingGrid
  readonly kernel: Pick<Kernel, 'seedPoints'>
  readonly stepSeconds: number
}

/** Consecutive particle ids. */
export interface ParticleRange {
  readonly firstParticle: number
  readonly particleCount: number
}

export type SeededBlock = Omit<PlanBlock, 'crop'> & {
  /** Cells that hold every particle: [x0, y0, x1, y1]. */
  readonly bounds: readonly number[]
}

/** @throws MeshError plan/refused when the file asks for more blocks than a plan may have */
export function cutBlocks(definition: ForecastDefinition): ParticleRange[] {
  const total = definition.seeding.reduce((sum, entry) => sum + entry.particleCount, 0)
  const chosen = Math.ceil(total / BLOCKS_WANTED)
  const size =
    definition.mesh.unitParticles ??
    Math.min(Math.max(chosen, UNIT_PARTICLES_LEAST), UNIT_PARTICLES_MOST)
  const count = Math.ceil(total / size)
  if (count > PLAN_BLOCKS_MAX) {
    const mark = definition.markOf(['spec', 'mesh', 'unitParticles'])
    const message =
      `cuts ${total} particles into ${count} blocks, more than ${PLAN_BLOCKS_MAX}; ` +
      `use ${Math.ceil(total / PLAN_BLOCKS_MAX)} or more`
    throw definitionError('plan/refused', [{ mark, message }])
  }
  return Array.from({ length: count }, (_, index) => ({
    firstParticle: index * size,
    particleCount: Math.min(size, total - index * size)
  }))
}

/** Points as the grid counts longitudes: 350 is −10 where the grid runs from −180. */
function onGrid(
  points: readonly (readonly [number, number])[],
  context: SeedingContext
): (readonly [number, number])[] {
  const { grid } = context
  if (context.definition.metric === 'flat' || 'lonLats' in grid) return [...points]
  const { longitudes, isPeriodic } = grid
  const west = longitudes[0] ?? 0
  const east = isPeriodic ? west + 360 : (longitudes.at(-1) ?? 0)
  return points.map(([lon, lat]) => {
    const shifted = [lon, lon + 360, lon - 360].find((each) => each >= west && each <= east)
    return [shifted ?? lon, lat]
  })
}

function placeFailure(
  entry: SeedingEntry,
  index: number,
  why: 'land' | 'outside',
  { grid, definition }: SeedingContext
): Error {
  const [lon, lat] = entry.points[index] ?? [0, 0]
  const around = entry.radiusMetres > 0 ? ` (with ${entry.radiusMetres} m around it)` : ''
  const { west, east, south, north } = boxOf(grid)
  const range = (low: number, high: number): string => `${low.toFixed(4)} to ${high.toFixed(4)}`
  const names = definition.metric === 'flat' ? ['x', 'y'] : ['longitude', 'latitude']
  const reason =
    why === 'land'
      ? 'is on land in the current data: move it to sea'
      : `is outside the current data (${names[0]} ${range(west, east)}, ` +
        `${names[1]} ${range(south, north)})`
  return definitionError('forecast/invalid', [
    { mark: entry.markOfPoint(index), message: `point [${lon}, ${lat}]${around} ${reason}` }
  ])
}

/** State bytes of ids [first, first + count) of one entry, whose own first id is `entryFirst`. */
function seedEntry(
  entry: SeedingEntry,
  entryFirst: number,
  range: ParticleRange,
  context: SeedingContext
): Uint8Array {
  const { definition, grid, kernel, stepSeconds } = context
  const points = onGrid(entry.points, context)
  // Particles are dealt round-robin over the whole entry, also where a block begins inside it.
  const turn = (range.firstParticle - entryFirst) % points.length
  const { state, failedPoint } = kernel.seedPoints({
    ...grid,
    metric: definition.metric,
    points: [...points.slice(turn), ...points.slice(0, turn)],
    radiusMetres: entry.radiusMetres,
    firstParticle: range.firstParticle,
    particleCount: range.particleCount,
    rngSeed: definition.rngSeed,
    releaseStep: Math.abs(entry.releaseSeconds - definition.startSeconds) / stepSeconds,
    classIndex: entry.classIndex
  })
  if (failedPoint === undefined) return state
  const index = (failedPoint.index + turn) % points.length
  throw placeFailure(entry, index, failedPoint.why, context)
}

/** State bytes of a range of ids, whichever entries they belong to. */
export function seedRange(range: ParticleRange, context: SeedingContext): Uint8Array {
  const state = new Uint8Array(range.particleCount * STATE_PARTICLE_BYTES)
  const end = range.firstParticle + range.particleCount
  let entryFirst = 0
  for (const entry of context.definition.seeding) {
    const first = Math.max(range.firstParticle, entryFirst)
    const last = Math.min(end, entryFirst + entry.particleCount)
    if (first < last) {
      const part = { firstParticle: first, particleCount: last - first }
      const bytes = seedEntry(entry, entryFirst, part, context)
      state.set(bytes, (first - range.firstParticle) * STATE_PARTICLE_BYTES)
    }
    entryFirst += entry.particleCount
  }
  return state
}

/** Cells that hold every particle of a state: [x0, y0, x1, y1]. */
function boundsOf(state: Uint8Array): number[] {
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength)
  const bounds = [Infinity, Infinity, -Infinity, -Infinity]
  for (let at = 0; at < state.length; at += STATE_PARTICLE_BYTES) {
    const x = view.getInt16(at + STATE_CELLS_OFFSET, true)
    const y = view.getInt16(at + STATE_CELLS_OFFSET + 2, true)
    bounds[0] = Math.min(bounds[0] ?? x, x)
    bounds[1] = Math.min(bounds[1] ?? y, y)
    bounds[2] = Math.max(bounds[2] ?? x, x)
    bounds[3] = Math.max(bounds[3] ?? y, y)
  }
  return bounds
}

/** The same particles in rows of `particleBytes`, with zeros behind each. */
function widened(state: Uint8Array, particleBytes: number): Uint8Array {
  const count = state.length / STATE_PARTICLE_BYTES
  const wide = new Uint8Array(count * particleBytes)
  for (let i = 0; i < count; i += 1) {
    const row = state.subarray(i * STATE_PARTICLE_BYTES, (i + 1) * STATE_PARTICLE_BYTES)
    wide.set(row, i * particleBytes)
  }
  return wide
}

/** A state as content: its chunks, then its root. */
function stateBlocks(
  range: ParticleRange,
  state: Uint8Array,
  particleBytes: number
): { root: Block; chunks: Block[] } {
  const bytes = STATE_CHUNK_PARTICLES * particleBytes
  const chunks = Array.from({ length: Math.ceil(state.length / bytes) }, (_, index) =>
    toRawBlock(state.slice(index * bytes, (index + 1) * bytes))
  )
  const links = chunks.map(({ cid }) => cid)
  const root: State = { kind: 'state', ...range, particleBytes, chunks: links }
  return { root: toBlock(root), chunks }
}

/** Seeds one block of ids and stores its state. */
export async function seedBlock(
  range: ParticleRange,
  context: SeedingContext,
  store: { readonly blocks: Blocks; readonly signal?: AbortSignal | undefined }
): Promise<SeededBlock> {
  const state = seedRange(range, context)
  const particleBytes = stateParticleBytes(context.definition.physics)
  const { root, chunks } = stateBlocks(range, widened(state, particleBytes), particleBytes)
  const options = store.signal === undefined ? {} : { signal: store.signal }
  for (const block of [...chunks, root]) await store.blocks.put(block, options)
  return { ...range, state: root.cid, bounds: boundsOf(state) }
}

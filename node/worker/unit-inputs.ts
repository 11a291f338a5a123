/**
 * Everything a unit reads, gathered from the blocks port: kernel bytes, forcing manifest, the tiles
 * its crop touches and its state. Slices come one by one, in the order in which the run loads them.
 */
import type { CID } from 'multiformats/cid'
import type { NodePlaces } from '../../kernel/nodes.ts'
import { haloBox, type Role, type RunSetup } from '../../kernel/run.ts'
import type { AxisPlaces } from '../../kernel/seeding.ts'
import { decode } from '../../protocol/canonical.ts'
import { type Forcing, forcing as forcingShape } from '../../protocol/forcing.ts'
import { STATE_CHUNK_PARTICLES, state, stateParticleBytes } from '../../protocol/result.ts'
import { type Shape, ShapeError } from '../../protocol/shape.ts'
import type { WorkUnit } from '../../protocol/work-unit.ts'
import { type ErrorCode, MeshError } from '../mesh-error.ts'
import { cutPlanes, type FetchBlock } from './crop-tiles.ts'
import { builtInKernel } from './kernel-file.ts'
import { bracketOf, type RoleTimes, type RunClock, secondsOf, slicesOf } from './schedule.ts'
import { driftOf } from './unit-drift.ts'
import { FieldReader, fieldsOf } from './unit-fields.ts'

export interface Slice {
  readonly role: Role
  readonly index: number
  readonly u: Float32Array<ArrayBuffer>
  readonly v: Float32Array<ArrayBuffer>
}

export interface UnitInputs {
  readonly kernel: Uint8Array
  readonly setup: RunSetup
  readonly clock: RunClock
  readonly roles: readonly RoleTimes[]
  /** Every slice the run loads, in its order. */
  slices(): AsyncIterable<Slice>
}

function decodeInput<T>(shape: Shape<T>, bytes: Uint8Array, code: ErrorCode, what: string): T {
  try {
    return decode(shape, bytes)
  } catch (cause) {
    if (!(cause instanceof ShapeError)) throw cause
    throw new MeshError(code, `the unit's ${what} is not well-formed: ${cause.message}`, { cause })
  }
}

const doubles = (bytes: Uint8Array): Float64Array => new Float64Array(bytes.slice().buffer)

async function stateBytes(unit: WorkUnit, fetch: FetchBlock): Promise<[number, Uint8Array]> {
  const root = decodeInput(state, await fetch(unit.state), 'plan/refused', 'state')
  const particleBytes = stateParticleBytes(unit.physics)
  if (root.particleBytes !== particleBytes) {
    throw new MeshError('plan/refused', "the unit's state is not of its physics")
  }
  const bytes = new Uint8Array(root.particleCount * particleBytes)
  const chunkBytes = STATE_CHUNK_PARTICLES * particleBytes
  const chunks = await Promise.all(root.chunks.map(fetch))
  for (const [index, chunk] of chunks.entries()) {
    const expected = Math.min(chunkBytes, bytes.length - index * chunkBytes)
    if (chunk.length !== expected) {
      throw new MeshError('plan/refused', `chunk ${index} of the unit's state has a wrong size`)
    }
    bytes.set(chunk, index * chunkBytes)
  }
  if (chunks.length !== Math.ceil(bytes.length / chunkBytes)) {
    throw new MeshError('plan/refused', `the unit's state has ${chunks.length} chunks`)
  }
  return [root.firstParticle, bytes]
}

/** The box of a grid's tiles that do not change in time. */
type CutOne = (plane: CID, bytesPerNode: number) => Promise<Uint8Array<ArrayBuffer>[]>

/** Where the nodes lie: the axes whole, or the places of the box's nodes. */
async function placesOf(
  { columns, rows, longitudes, latitudes, nodes }: Forcing,
  cut: CutOne
): Promise<AxisPlaces | NodePlaces> {
  if (nodes !== undefined) {
    const [pairs = new Uint8Array()] = await cut(nodes, 16)
    return { lonLats: doubles(pairs), columns, rows }
  }
  if (longitudes?.length !== columns * 8 || latitudes?.length !== rows * 8) {
    throw new MeshError(
      'forcing/not-understood',
      'the forcing is not well-formed: no axes or nodes'
    )
  }
  return { longitudes: doubles(longitudes), latitudes: doubles(latitudes) }
}

/** Distance to the coast and coastal cells, where the forcing knows them. */
async function coastFieldsOf(
  { physics }: WorkUnit,
  { coast }: Forcing,
  cut: CutOne
): Promise<Pick<RunSetup, 'coastFields'>> {
  if (coast === undefined) {
    if (physics.coast !== 'probabilistic') return {}
    throw new MeshError('plan/refused', 'the unit needs a coast, which its forcing lacks')
  }
  const [distance = new Uint8Array()] = await cut(coast.distance, 4)
  const [cell = new Uint8Array()] = await cut(coast.cell, 4)
  return {
    coastFields: {
      distance: new Float32Array(distance.buffer),
      cell: new Uint32Array(cell.buffer)
    }
  }
}

async function setupOf(
  unit: WorkUnit,
  forcing: Forcing,
  roles: readonly RoleTimes[],
  fetch: FetchBlock
): Promise<RunSetup> {
  const box = haloBox(forcing.columns, forcing.isPeriodic, unit.crop)
  const cut: CutOne = (plane, bytesPerNode) =>
    cutPlanes(forcing, box, { plane, parts: 1, bytesPerNode }, fetch)
  const [land = new Uint8Array()] = await cut(forcing.land, 1)
  const [metric = new Uint8Array()] = await cut(forcing.metric, 16)
  const places = await placesOf(forcing, cut)
  const [firstParticle, stateOf] = await stateBytes(unit, fetch)
  const { density, physics, rngKey } = unit
  return {
    ...places,
    isPeriodic: forcing.isPeriodic,
    isFlat: forcing.isFlat,
    crop: unit.crop,
    land,
    metric: new Float32Array(metric.buffer),
    roles: roles.map(({ role }) => role),
    stepSeconds: unit.stepSeconds,
    firstStep: unit.firstStep,
    scheme: physics.scheme,
    ...driftOf(unit, forcing),
    ...(await coastFieldsOf(unit, forcing, cut)),
    rngKey: [rngKey[0] ?? 0, rngKey[1] ?? 0],
    density: {
      west: density.westDegrees,
      south: density.southDegrees,
      resolution: density.resolutionDegrees,
      columns: density.columns,
      rows: density.rows
    },
    firstParticle,
    state: stateOf,
    trackedCount: unit.trackedCount,
    fuelMax: unit.fuelMax
  }
}

/** The crop must lie on the grid: a periodic one may start anywhere and go around once. */
function checkCrop({ crop }: WorkUnit, forcing: Forcing): void {
  const isInside =
    crop.row + crop.rows <= forcing.rows &&
    (forcing.isPeriodic || (crop.column >= 0 && crop.column + crop.columns <= forcing.columns))
  if (!isInside) throw new MeshError('plan/refused', "the unit's crop lies outside its forcing")
}

/**
 * @throws MeshError `net/block-missing`, `verify/mismatch`, `forcing/not-understood`,
 *   `forcing/no-overlap`, `plan/refused`
 */
export async function gatherInputs(unit: WorkUnit, fetch: FetchBlock): Promise<UnitInputs> {
  const builtIn = builtInKernel()
  const kernel = unit.kernel.equals(builtIn.cid) ? builtIn.bytes : await fetch(unit.kernel)
  const bytes = await fetch(unit.forcing)
  const forcing = decodeInput(forcingShape, bytes, 'forcing/not-understood', 'forcing')
  checkCrop(unit, forcing)
  const fields = await fieldsOf(unit, forcing, fetch)
  const roles = fields.map(({ role, series }) => ({ role, times: series.times }))
  for (const axis of roles) {
    bracketOf(axis, secondsOf(unit, 0, 0))
    bracketOf(axis, secondsOf(unit, unit.stepCount, 0))
  }
  const { startSeconds, stepSeconds, firstStep, stepCount } = unit
  const clock = { startSeconds, stepSeconds, firstStep, stepCount }
  const box = haloBox(forcing.columns, forcing.isPeriodic, unit.crop)
  return {
    kernel,
    setup: await setupOf(unit, forcing, roles, fetch),
    clock,
    roles,
    async *slices() {
      const readers = new Map(
        fields.map((field) => [field.role, new FieldReader(forcing, field, box, fetch)])
      )
      for (const { role, index } of slicesOf(clock, roles)) {
        const reader = readers.get(role)
        if (reader === undefined) throw new RangeError(`no reader for ${role}`)
        yield { role, index, ...(await reader.read(index)) }
      }
    }
  }
}

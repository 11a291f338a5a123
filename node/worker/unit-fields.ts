/**
 * Which fields of its forcing a unit reads, by its physics, and their slices cut from tiles in the
 * order in which the run loads them.
 */
import { isGeneral, isScalar } from '../../kernel/drift.ts'
import type { CropCells, Role } from '../../kernel/run.ts'
import type { Forcing } from '../../protocol/forcing.ts'
import type { WorkUnit } from '../../protocol/work-unit.ts'
import { MeshError } from '../mesh-error.ts'
import { cutPlanes, type FetchBlock } from './crop-tiles.ts'
import { driftOf } from './unit-drift.ts'

/** A field as its reader sees it; a scalar has one list of tiles. */
export interface UnitField {
  readonly role: Role
  readonly times: readonly number[]
  readonly tileTimes: number
  readonly components: readonly Forcing['land'][]
}

/** Values of one time on the box; a scalar has an empty `v`. */
export interface FieldValues {
  readonly u: Float32Array<ArrayBuffer>
  readonly v: Float32Array<ArrayBuffer>
}

const lacking = (what: string): MeshError =>
  new MeshError('plan/refused', `the unit needs ${what}, which its forcing lacks`)

function levelsOf(forcing: Forcing): UnitField[] {
  const { times, tileTimes } = forcing.current
  return (forcing.levels?.deeper ?? []).map(({ u, v }, index) => ({
    role: `level${index + 1}`,
    times,
    tileTimes,
    components: [u, v]
  }))
}

/** @throws MeshError `plan/refused` when the forcing lacks a field that the physics needs */
export function fieldsOf(unit: WorkUnit, forcing: Forcing): UnitField[] {
  const { physics } = unit
  const vector = (role: Role, field: Forcing['current']): UnitField => ({
    role,
    times: field.times,
    tileTimes: field.tileTimes,
    components: [field.u, field.v]
  })
  const scalar = (role: Role, field: NonNullable<Forcing['diffusivity']>): UnitField => ({
    role,
    times: field.times,
    tileTimes: field.tileTimes,
    components: [field.values]
  })
  const fields = [vector('current', forcing.current)]
  if (forcing.wind !== undefined) fields.push(vector('wind', forcing.wind))
  else if (physics.vertical === 'mixed' || physics.stokes === 'parameterised') throw lacking('wind')
  if (physics.stokes === 'field') {
    if (forcing.stokes === undefined) throw lacking('Stokes drift')
    fields.push(vector('stokes', forcing.stokes))
  }
  if (physics.diffusivityFrom === 'field') {
    if (forcing.diffusivity === undefined) throw lacking('a diffusivity')
    fields.push(scalar('diffusivity', forcing.diffusivity))
  }
  if (isGeneral(driftOf(unit, forcing))) {
    if (forcing.wavePeriod !== undefined) fields.push(scalar('wavePeriod', forcing.wavePeriod))
    fields.push(...levelsOf(forcing))
  }
  return fields
}

/** Gathers slices of one field; the last time tile is kept, as slices come in order. */
export class FieldReader {
  readonly #forcing: Forcing
  readonly #field: UnitField
  readonly #box: CropCells
  readonly #fetch: FetchBlock
  #tile = -1
  #planes: Uint8Array<ArrayBuffer>[][] = []

  constructor(forcing: Forcing, field: UnitField, box: CropCells, fetch: FetchBlock) {
    this.#forcing = forcing
    this.#field = field
    this.#box = box
    this.#fetch = fetch
  }

  async read(index: number): Promise<FieldValues> {
    const { tileTimes, times, components, role } = this.#field
    const tile = Math.floor(index / tileTimes)
    if (tile !== this.#tile) {
      const count = Math.min(tileTimes, times.length - tile * tileTimes)
      this.#planes = []
      for (const links of components) this.#planes.push(await this.#cut(links, tile, count))
      this.#tile = tile
    }
    const values = this.#planes.map((planes) => planes[index - tile * tileTimes])
    const [u, v] = values.map((bytes) => bytes && new Float32Array(bytes.slice().buffer))
    const hasBoth = isScalar(role) || v !== undefined
    if (u === undefined || !hasBoth) throw new RangeError(`slice ${index} is not in a tile`)
    return { u, v: v ?? new Float32Array(0) }
  }

  #cut(links: Forcing['land'], tile: number, planes: number): Promise<Uint8Array<ArrayBuffer>[]> {
    const { columns, rows, tileColumns, tileRows } = this.#forcing
    const tiles = Math.ceil(rows / tileRows) * Math.ceil(columns / tileColumns)
    const tiled = { links, firstLink: tile * tiles, planes, bytesPerNode: 4 }
    return cutPlanes(this.#forcing, this.#box, tiled, this.#fetch)
  }
}

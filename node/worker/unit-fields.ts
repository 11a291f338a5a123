/**
 * Which fields of its forcing a unit reads, by its physics, and their slices cut from tiles in the
 * order in which the run loads them.
 */
import type { CID } from 'multiformats/cid'
import { isGeneral, isScalar } from '../../kernel/drift.ts'
import type { CropCells, Role } from '../../kernel/run.ts'
import { type FieldSeries, type Forcing, fieldSeries } from '../../protocol/forcing.ts'
import type { WorkUnit } from '../../protocol/work-unit.ts'
import { MeshError } from '../mesh-error.ts'
import { cutPlanes, decodeForcing, type FetchBlock, malformed } from './crop-tiles.ts'
import { driftOf } from './unit-drift.ts'

/** A field as its reader sees it; a scalar has one component. */
export interface UnitField {
  readonly role: Role
  readonly series: FieldSeries
}

/** Values of one time on the box; a scalar has an empty `v`. */
export interface FieldValues {
  readonly u: Float32Array<ArrayBuffer>
  readonly v: Float32Array<ArrayBuffer>
}

const lacking = (what: string): MeshError =>
  new MeshError('plan/refused', `the unit needs ${what}, which its forcing lacks`)

type FieldLink = readonly [role: Role, link: CID]

function linksOf(unit: WorkUnit, forcing: Forcing): FieldLink[] {
  const { physics } = unit
  const links: FieldLink[] = [['current', forcing.current]]
  if (forcing.wind !== undefined) links.push(['wind', forcing.wind])
  else if (physics.vertical === 'mixed' || physics.stokes === 'parameterised') throw lacking('wind')
  if (physics.stokes === 'field') {
    if (forcing.stokes === undefined) throw lacking('Stokes drift')
    links.push(['stokes', forcing.stokes])
  }
  if (physics.diffusivityFrom === 'field') {
    if (forcing.diffusivity === undefined) throw lacking('a diffusivity')
    links.push(['diffusivity', forcing.diffusivity])
  }
  if (isGeneral(driftOf(unit, forcing))) {
    if (forcing.wavePeriod !== undefined) links.push(['wavePeriod', forcing.wavePeriod])
    const deeper = forcing.levels?.deeper ?? []
    links.push(...deeper.map((link, index): FieldLink => [`level${index + 1}`, link]))
  }
  return links
}

/**
 * @throws MeshError `plan/refused` when the forcing lacks a field that the physics needs,
 *   `forcing/not-understood`
 */
export const fieldsOf = (
  unit: WorkUnit,
  forcing: Forcing,
  fetch: FetchBlock
): Promise<UnitField[]> =>
  Promise.all(
    linksOf(unit, forcing).map(async ([role, link]) => ({
      role,
      series: decodeForcing(fieldSeries, await fetch(link), `its ${role}`)
    }))
  )

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
    const { role, series } = this.#field
    const { tileTimes, times } = series
    const tile = Math.floor(index / tileTimes)
    if (tile !== this.#tile) {
      const count = Math.min(tileTimes, times.length - tile * tileTimes)
      const parts = await this.#cut(series.planes[tile], isScalar(role) ? count : 2 * count)
      this.#planes = isScalar(role) ? [parts] : [parts.slice(0, count), parts.slice(count)]
      this.#tile = tile
    }
    const values = this.#planes.map((planes) => planes[index - tile * tileTimes])
    const [u, v] = values.map((bytes) => bytes && new Float32Array(bytes.slice().buffer))
    const hasBoth = isScalar(role) || v !== undefined
    if (u === undefined || !hasBoth) throw new RangeError(`slice ${index} is not in a tile`)
    return { u, v: v ?? new Float32Array(0) }
  }

  #cut(plane: CID | undefined, parts: number): Promise<Uint8Array<ArrayBuffer>[]> {
    if (plane === undefined) throw malformed('has fewer tiles than times')
    const tiled = { plane, parts, bytesPerNode: 4 }
    return cutPlanes(this.#forcing, this.#box, tiled, this.#fetch)
  }
}

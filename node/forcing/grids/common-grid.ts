/**
 * The one grid of a role whose files may be many. Components, of one file or of files of their
 * own, may lie on the faces of one staggered grid (NEMO, MITgcm): u half a cell along the columns,
 * v half a cell along the rows from the middle nodes, where both are brought.
 */
import { MeshError } from '../../mesh-error.ts'
import type { FieldInFile } from '../meaning/field.ts'
import {
  columnsOf,
  type Grid,
  isNodeGrid,
  isSameGrid,
  type NodeGrid,
  rowsOf
} from '../meaning/grid.ts'
import type { Slice } from '../slice.ts'
import type { ForcingRole } from '../source.ts'
import { meanOfFaces, middlesOfAxes } from './faces-on-axes.ts'

/** One file's share of a role. */
export interface Part {
  readonly file: string
  readonly field: FieldInFile
}

export interface CommonGrid {
  readonly grid: Grid
  /** Brings both components from faces to the grid's nodes. */
  readonly toMiddles?: (faces: Slice) => Slice
}

/** @throws MeshError `forcing/not-understood`, `forecast/unsupported` */
export function commonGrid(role: ForcingRole, parts: readonly Part[]): CommonGrid {
  const [first] = parts
  if (first === undefined) throw new Error('a series has at least one file')
  const turned = parts.find(({ field }) => field.isAlongGrid !== first.field.isAlongGrid)
  if (turned !== undefined) {
    throw new MeshError(
      'forcing/not-understood',
      `${first.file} and ${turned.file} hold ${role} along different axes (the grid's, and true ` +
        'east and north); name one set as the source'
    )
  }
  const { grid } = first.field
  const odd = parts.find(({ field }) => !isSameGrid(field.grid, grid))
  if (odd === undefined) return { grid }
  const [u, v] = (['u', 'v'] as const).map((name) => gridOfOne(parts, name))
  const found = u === undefined || v === undefined ? undefined : middlesOf(u, v)
  if (found !== undefined) return found
  const files = [...new Set([first.file, odd.file])].join(' and ')
  if (u !== undefined && v !== undefined) {
    const feature = `${files}: u and v that are not half a cell from common nodes`
    throw new MeshError(
      'forecast/unsupported',
      `${feature} is not supported; use data with both components on the same nodes`,
      { detail: { feature } }
    )
  }
  throw new MeshError(
    'forcing/not-understood',
    `${files} hold ${role} on different grids; name one set as the source`
  )
}

function middlesOf(u: Grid, v: Grid): CommonGrid | undefined {
  if (!isNodeGrid(u) && !isNodeGrid(v)) return middlesOfAxes(u, v)
  if (!isNodeGrid(u) || !isNodeGrid(v) || rowsOf(u) !== rowsOf(v)) return undefined
  const side = ([1, -1] as const).find((each) => isHalfApart(u, v, each))
  if (side === undefined) return undefined
  return { grid: middleGrid(u, v, side), toMiddles: (faces) => middles(faces, u, side) }
}

/** The grid of fields of only this component; undefined where there is no such one. */
function gridOfOne(parts: readonly Part[], name: 'u' | 'v'): Grid | undefined {
  const own = parts.filter(({ field }) => field.components[name] !== undefined)
  const grid = own[0]?.field.grid
  if (grid === undefined) return undefined
  const isAlone = own.every(
    ({ field }) => Object.keys(field.components).length === 1 && isSameGrid(field.grid, grid)
  )
  // Turned rows would put faces on the other side of their nodes.
  return isAlone && (!isNodeGrid(grid) || grid.rowOrder[0] === 0) ? grid : undefined
}

type Pair = readonly [lon: number, lat: number]

const at = ({ lonLats }: NodeGrid, node: number): Pair => [
  lonLats[2 * node] ?? Number.NaN,
  lonLats[2 * node + 1] ?? Number.NaN
]

/** From b to a, the short way round. */
const from = (a: Pair, b: Pair): Pair => {
  const lon = a[0] - b[0]
  return [lon - 360 * Math.floor((lon + 180) / 360), a[1] - b[1]]
}

/** Share of a cell by which faces may miss their places. */
const FACE_CELLS = 0.1

/**
 * On which side of their nodes faces of the same index lie: NEMO's half a cell further along the
 * columns and rows (1), MITgcm's half a cell before them (-1).
 */
type Side = 1 | -1

/** Does u lie half a cell to that side along the columns, and v along the rows? */
function isHalfApart(u: NodeGrid, v: NodeGrid, side: Side): boolean {
  const columns = columnsOf(u)
  if (columns !== columnsOf(v) || rowsOf(u) < 3 || columns < 3) return false
  const samples = [0.3, 0.5, 0.7].map(
    (share) => Math.floor(share * (rowsOf(u) - 2)) * columns + Math.floor(share * (columns - 2))
  )
  return samples.every((node) => {
    const right = from(at(u, node + 1), at(u, node))
    const up = from(at(v, node + columns), at(v, node))
    const between = from(at(u, node), at(v, node))
    const cell = Math.abs(right[0]) + Math.abs(right[1]) + Math.abs(up[0]) + Math.abs(up[1])
    const off = [0, 1].map((part) =>
      Math.abs((between[part] ?? 0) - (side * ((right[part] ?? 0) - (up[part] ?? 0))) / 2)
    )
    return !((off[0] ?? 0) + (off[1] ?? 0) > FACE_CELLS * cell)
  })
}

/** Middle nodes: half-way between the faces along the columns. */
function middleGrid(u: NodeGrid, v: NodeGrid, side: Side): NodeGrid {
  const columns = columnsOf(u)
  const lonLats = new Float64Array(u.lonLats.length)
  for (let node = 0; node < lonLats.length / 2; node++) {
    // The face at the middle node's other side; beyond the grid the step is as wide as the next.
    const column = (node % columns) - side
    const isInside = column >= 0 && column < columns
    const other = isInside ? node - side : node - side + side * columns
    const isKnown = isInside || u.isPeriodic
    const here = at(u, node)
    const step = isKnown ? from(here, at(u, other)) : from(at(u, node + side), here)
    lonLats[2 * node] = here[0] - step[0] / 2
    lonLats[2 * node + 1] = here[1] - step[1] / 2
  }
  return { ...u, name: `${v.name}, staggered`, lonLats }
}

/** Both components at the middle nodes; a face without water at a wet node is a wall. */
function middles({ u, v }: Slice, grid: NodeGrid, side: Side): Slice {
  const columns = columnsOf(grid)
  const out = { u: new Float32Array(u.length), v: new Float32Array(v.length) }
  for (let node = 0; node < u.length; node++) {
    const column = (node % columns) - side
    const isInside = column >= 0 && column < columns
    const around = grid.isPeriodic ? u[node - side + side * columns] : undefined
    const other = isInside ? u[node - side] : around
    const acrossU = [other, u[node]].filter((value) => value !== undefined)
    const acrossV = [v[node - side * columns], v[node]].filter((value) => value !== undefined)
    const isWet = [...acrossU, ...acrossV].some((value) => !Number.isNaN(value))
    out.u[node] = isWet ? meanOfFaces(acrossU) : Number.NaN
    out.v[node] = isWet ? meanOfFaces(acrossV) : Number.NaN
  }
  return out
}

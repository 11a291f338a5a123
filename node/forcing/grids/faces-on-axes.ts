/**
 * Staggered grids on longitudes and latitudes: u on the faces between columns, v on those between
 * rows (Arakawa C, as MITgcm, POM and others write it). Whichever face comes first, the middle
 * nodes have v's longitudes and u's latitudes, half-way between the faces on both sides.
 */
import { type AxisGrid, columnsOf, rowsOf } from '../meaning/grid.ts'
import type { Slice } from '../slice.ts'
import { bracket } from './regrid.ts'

/** The faces on both sides of a node; undefined beyond the last. */
type Sides = readonly [before: number | undefined, after: number | undefined]

/** Share of a cell by which faces may miss the half-way point between nodes. */
const FACE_CELLS = 0.1

/** The faces around each node of an axis, or undefined where they are not half-way between. */
function sidesOf(nodes: Float64Array, faces: Float64Array, isPeriodic: boolean) {
  const sides: Sides[] = []
  for (const place of nodes) {
    const turns = isPeriodic ? [0, 360, -360] : [0]
    const found = turns.flatMap((turn) => bracket(faces, place + turn, isPeriodic) ?? [])[0]
    if (found === undefined) {
      const last = faces.length - 1
      const isBelow = place < (faces[0] ?? 0)
      sides.push(isBelow ? [undefined, 0] : [last, undefined])
      continue
    }
    const { low, high, share } = found
    // Half a cell outside the faces `bracket` holds the edge: one side only.
    if (low === high) sides.push(place < (faces[low] ?? 0) ? [undefined, low] : [low, undefined])
    else if (Math.abs(share - 0.5) > FACE_CELLS) return undefined
    else sides.push([low, high])
  }
  const isReaching = sides.filter((side) => side.includes(undefined)).length <= 2
  return isReaching && nodes.length > 2 ? sides : undefined
}

export interface Middles {
  readonly grid: AxisGrid
  readonly toMiddles: (faces: Slice) => Slice
}

/** The middle nodes of faces on axes; undefined where the two are no such pair. */
export function middlesOfAxes(u: AxisGrid, v: AxisGrid): Middles | undefined {
  const grid: AxisGrid = { ...v, latitudes: u.latitudes, rowOrder: u.rowOrder }
  const across = sidesOf(grid.longitudes, u.longitudes, u.isPeriodic)
  const up = sidesOf(grid.latitudes, v.latitudes, false)
  if (across === undefined || up === undefined) return undefined
  const toMiddles = (faces: Slice): Slice => {
    const [columns, rows] = [columnsOf(grid), rowsOf(grid)]
    const out = { u: new Float32Array(columns * rows), v: new Float32Array(columns * rows) }
    for (let node = 0; node < columns * rows; node++) {
      const row = Math.floor(node / columns)
      const column = node % columns
      const besideU = facesAt(faces.u, across[column], (face) => row * columnsOf(u) + face)
      const besideV = facesAt(faces.v, up[row], (face) => face * columns + column)
      const isWet = [...besideU, ...besideV].some((value) => !Number.isNaN(value))
      out.u[node] = isWet ? meanOfFaces(besideU) : Number.NaN
      out.v[node] = isWet ? meanOfFaces(besideV) : Number.NaN
    }
    return out
  }
  return { grid, toMiddles }
}

function facesAt(
  values: Float32Array,
  sides: Sides = [undefined, undefined],
  index: (face: number) => number
): number[] {
  return sides.flatMap((face) => (face === undefined ? [] : (values[index(face)] ?? Number.NaN)))
}

/** At a wet node a face without value is a wall. */
export const meanOfFaces = (faces: readonly number[]): number =>
  faces.reduce((sum, face) => sum + (Number.isNaN(face) ? 0 : face), 0) / faces.length

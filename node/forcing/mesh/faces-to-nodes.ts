/**
 * From values in the middle of a mesh's faces (FVCOM, Delft3D FM) to its nodes: at each node the
 * plane that fits the faces around it best, by least squares, so that a flow that changes evenly
 * comes out exactly; never beyond the values around it, so that no coast invents a jet.
 */
import type { Stored } from '../read/data-file.ts'
import type { Mesh } from './topology.ts'

/** Below this share of its trace a fit has no direction: faces in a line. */
const DETERMINANT_SHARE_MIN = 1e-6

/** Pairs of node and face around it, and the face's centre as seen from the node, in degrees. */
interface Around {
  readonly nodes: Int32Array
  readonly faces: Int32Array
  readonly dx: Float64Array
  readonly dy: Float64Array
}

function aroundNodes({ lons, lats, triangles, faces }: Mesh, centres: Float64Array): Around {
  const nodes: number[] = []
  const own: number[] = []
  // Triangles of one face follow each other: a node takes each of its faces once.
  const seen = new Int32Array(lons.length).fill(-1)
  for (let corner = 0; corner < triangles.length; corner++) {
    const node = triangles[corner] ?? 0
    const face = faces[(corner - (corner % 3)) / 3] ?? 0
    if (seen[node] === face) continue
    seen[node] = face
    nodes.push(node)
    own.push(face)
  }
  const from = (axis: Float64Array, part: number): Float64Array =>
    Float64Array.from(
      nodes,
      (node, i) => (centres[2 * (own[i] ?? 0) + part] ?? 0) - (axis[node] ?? 0)
    )
  return {
    nodes: Int32Array.from(nodes),
    faces: Int32Array.from(own),
    dx: from(lons, 0),
    dy: from(lats, 1)
  }
}

/** Centres of gravity of all faces as (lon, lat) pairs. */
function centresOf({ lons, lats, triangles, faces, faceCount }: Mesh): Float64Array {
  const sums = new Float64Array(2 * faceCount)
  const areas = new Float64Array(faceCount)
  for (let triangle = 0; triangle < faces.length; triangle++) {
    const face = faces[triangle] ?? 0
    const [a = 0, b = 0, c = 0] = triangles.subarray(3 * triangle, 3 * triangle + 3)
    const of = (axis: Float64Array, node: number): number => axis[node] ?? 0
    const cross =
      (of(lons, b) - of(lons, a)) * (of(lats, c) - of(lats, a)) -
      (of(lons, c) - of(lons, a)) * (of(lats, b) - of(lats, a))
    const area = cross < 0 ? -cross : cross
    areas[face] = (areas[face] ?? 0) + area
    for (const [part, axis] of [lons, lats].entries()) {
      const middle = (of(axis, a) + of(axis, b) + of(axis, c)) / 3
      sums[2 * face + part] = (sums[2 * face + part] ?? 0) + area * middle
    }
  }
  return sums.map((sum, i) => sum / (areas[i >> 1] ?? 1))
}

/** Sums of a node: count, x, y, xx, xy, yy, value, x·value, y·value. */
const SUMS = 9

export function facesToNodes(mesh: Mesh): (stored: Stored) => Float64Array {
  let around: Around | undefined
  return (stored) => {
    around ??= aroundNodes(mesh, centresOf(mesh))
    const { nodes, faces, dx, dy } = around
    const sums = new Float64Array(SUMS * mesh.lons.length)
    const low = new Float64Array(mesh.lons.length).fill(Number.POSITIVE_INFINITY)
    const high = new Float64Array(mesh.lons.length).fill(Number.NEGATIVE_INFINITY)
    for (let pair = 0; pair < nodes.length; pair++) {
      const node = nodes[pair] ?? 0
      const value = stored[faces[pair] ?? 0] ?? Number.NaN
      if (Number.isNaN(value)) continue
      const [x = 0, y = 0] = [dx[pair], dy[pair]]
      const terms = [1, x, y, x * x, x * y, y * y, value, x * value, y * value]
      for (const [i, term] of terms.entries()) {
        sums[SUMS * node + i] = (sums[SUMS * node + i] ?? 0) + term
      }
      low[node] = Math.min(low[node] ?? value, value)
      high[node] = Math.max(high[node] ?? value, value)
    }
    return low.map((least, node) => {
      const fitted = planeAtNode(sums.subarray(SUMS * node, SUMS * (node + 1)))
      return Math.min(Math.max(fitted, least), high[node] ?? fitted)
    })
  }
}

/** The best plane's value at the node itself; the mean where the faces fix no plane. */
function planeAtNode(sums: Float64Array): number {
  const [n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0, sv = 0, sxv = 0, syv = 0] = sums
  if (n === 0) return Number.NaN
  const [mx, my, mean] = [sx / n, sy / n, sv / n]
  const [cxx, cxy, cyy] = [sxx - sx * mx, sxy - sx * my, syy - sy * my]
  const [cxv, cyv] = [sxv - sx * mean, syv - sy * mean]
  const determinant = cxx * cyy - cxy * cxy
  const trace = cxx + cyy
  if (n < 3 || !(determinant > DETERMINANT_SHARE_MIN * trace * trace)) return mean
  const slopeX = (cxv * cyy - cyv * cxy) / determinant
  const slopeY = (cyv * cxx - cxv * cxy) / determinant
  return mean - slopeX * mx - slopeY * my
}

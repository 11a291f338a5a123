/**
 * Unstructured meshes as files describe them: UGRID topologies (SCHISM, Delft3D FM and others),
 * FVCOM's `nv` and ADCIRC's `element`. Faces of more than three corners become fans of triangles.
 */
import { textOf } from '../meaning/coordinates.ts'
import { notUnderstood } from '../meaning/horizontal.ts'
import { readWhole } from '../meaning/unpacking.ts'
import type { DataFile, DataVariable } from '../read/data-file.ts'

export interface Mesh {
  readonly lons: Float64Array
  readonly lats: Float64Array
  /** Three nodes each. */
  readonly triangles: Int32Array
  /** The face that each triangle is of. */
  readonly faces: Int32Array
  readonly faceCount: number
}

/** A mesh's variables, and where a field lies on it. */
export interface OnMesh {
  readonly connectivity: DataVariable
  readonly lon: DataVariable
  readonly lat: DataVariable
  /** Dimension of the field that runs over nodes or faces. */
  readonly dimension: number
  readonly location: 'node' | 'face'
}

interface Described {
  readonly connectivity: DataVariable
  readonly lon: DataVariable
  readonly lat: DataVariable
}

/** Corners that a face may have; more is no face but a transposed table. */
const CORNERS_MAX = 8

/** The mesh that a field lies on; undefined for a field on a structured grid. */
export function findMesh(file: DataFile, variable: DataVariable): OnMesh | undefined {
  const found = describedByUgrid(file, variable) ?? describedByName(file)
  if (found === undefined) return undefined
  const node = found.lon.dimensions[0]
  const face = found.connectivity.dimensions.find(({ count }) => count > CORNERS_MAX)
  const at = (name: string | undefined): number =>
    variable.dimensions.findIndex((own) => own.name === name)
  const [onNodes, onFaces] = [at(node?.name), at(face?.name)]
  if (onNodes >= 0) return { ...found, dimension: onNodes, location: 'node' }
  return onFaces >= 0 ? { ...found, dimension: onFaces, location: 'face' } : undefined
}

function describedByUgrid(file: DataFile, variable: DataVariable): Described | undefined {
  const named = file.variables.get(textOf(variable, 'mesh'))
  const topology =
    named ??
    [...file.variables.values()].find((each) => textOf(each, 'cf_role') === 'mesh_topology')
  if (topology === undefined) return undefined
  const connectivity = file.variables.get(textOf(topology, 'face_node_connectivity'))
  const coordinates = textOf(topology, 'node_coordinates')
    .split(/\s+/)
    .flatMap((name) => file.variables.get(name) ?? [])
  return described(connectivity, coordinates)
}

function describedByName(file: DataFile): Described | undefined {
  const connectivity = ['nv', 'element', 'SCHISM_hgrid_face_nodes'].flatMap(
    (name) => file.variables.get(name) ?? []
  )[0]
  const pairs = [
    ['lon', 'lat'],
    ['SCHISM_hgrid_node_x', 'SCHISM_hgrid_node_y'],
    ['x', 'y']
  ]
  for (const names of pairs) {
    const found = described(
      connectivity,
      names.flatMap((name) => file.variables.get(name) ?? [])
    )
    if (found !== undefined) return found
  }
  return undefined
}

function described(
  connectivity: DataVariable | undefined,
  coordinates: readonly DataVariable[]
): Described | undefined {
  const [first, second] = coordinates.filter(({ dimensions }) => dimensions.length === 1)
  if (connectivity?.dimensions.length !== 2 || first === undefined || second === undefined) {
    return undefined
  }
  const isTurned = /lat/i.test(`${first.name} ${textOf(first, 'standard_name')}`)
  return isTurned
    ? { connectivity, lon: second, lat: first }
    : { connectivity, lon: first, lat: second }
}

/** @throws MeshError `forcing/not-understood` */
export async function readMesh(file: DataFile, on: OnMesh): Promise<Mesh> {
  const [lons, lats] = [await readWhole(file, on.lon), await readWhole(file, on.lat)]
  if (lats.some((lat) => !(Math.abs(lat) <= 90)) || lons.some((lon) => !(Math.abs(lon) <= 720))) {
    throw notUnderstood(
      file,
      `the mesh has nodes at ${on.lon.name}, ${on.lat.name} that are no longitudes and latitudes`
    )
  }
  if (lons.every((lon) => lon === 0)) {
    throw notUnderstood(file, `the mesh has no longitudes (${on.lon.name} is 0 throughout)`)
  }
  const table = await readWhole(file, on.connectivity)
  const [rows = { count: 0 }, columns = { count: 0 }] = on.connectivity.dimensions
  const isTransposed = rows.count <= CORNERS_MAX && columns.count > CORNERS_MAX
  const [faceCount, corners] = isTransposed
    ? [columns.count, rows.count]
    : [rows.count, columns.count]
  const cornerOf = (face: number, corner: number): number =>
    table[isTransposed ? corner * faceCount + face : face * corners + corner] ?? Number.NaN
  const base = baseOf(on.connectivity, table, lons.length)
  const triangles: number[] = []
  const faces: number[] = []
  for (let face = 0; face < faceCount; face++) {
    const nodes = Array.from({ length: corners }, (_, corner) => cornerOf(face, corner) - base)
    const real = nodes.filter((node) => node >= 0 && node < lons.length)
    for (let corner = 2; corner < real.length; corner++) {
      triangles.push(real[0] ?? 0, real[corner - 1] ?? 0, real[corner] ?? 0)
      faces.push(face)
    }
  }
  if (faces.length === 0) throw notUnderstood(file, `${on.connectivity.name} names no triangle`)
  return {
    ...{ lons, lats, faceCount },
    triangles: Int32Array.from(triangles),
    faces: Int32Array.from(faces)
  }
}

/** The number of the first node: as written, else 1 where the highest number is the count. */
function baseOf(connectivity: DataVariable, table: Float64Array, nodeCount: number): number {
  const written = connectivity.attributes.get('start_index')
  if (typeof written === 'object') return written[0] ?? 0
  if (typeof written === 'string') return Number(written)
  return table.some((node) => node === nodeCount) ? 1 : 0
}

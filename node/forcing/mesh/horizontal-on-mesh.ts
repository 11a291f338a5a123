/** Where a field on an unstructured mesh lies: the regular grid that the mesh is brought to. */
import { type Horizontal, notUnderstood } from '../meaning/horizontal.ts'
import type { DataFile, DataVariable } from '../read/data-file.ts'
import { gridOfMesh, type MeshGrid } from './mesh-grid.ts'
import { findMesh, type Mesh, type OnMesh, readMesh } from './topology.ts'

export interface ComponentMesh {
  readonly location: OnMesh['location']
  readonly toGrid: MeshGrid['toGrid']
}

/** The mesh met last: u, v and all files of a series share one, and its table is large. */
let last: { readonly mesh: Mesh; readonly found: MeshGrid | string } | undefined

const isSame = (a: Mesh, b: Mesh): boolean =>
  (['lons', 'lats', 'triangles'] as const).every(
    (key) => a[key].length === b[key].length && a[key].every((value, i) => value === b[key][i])
  )

/** Undefined for a field on a structured grid. @throws MeshError `forcing/not-understood` */
export async function horizontalOnMesh(
  file: DataFile,
  variable: DataVariable
): Promise<(Horizontal & { readonly mesh: ComponentMesh }) | undefined> {
  const on = findMesh(file, variable)
  if (on === undefined) return undefined
  const mesh = await readMesh(file, on)
  if (last === undefined || !isSame(last.mesh, mesh)) last = { mesh, found: gridOfMesh(mesh) }
  const { found } = last
  if (typeof found === 'string') throw notUnderstood(file, `${variable.name} ${found}`)
  const { dimension, location, lon, lat } = on
  return {
    columnDimension: dimension,
    rowDimension: dimension,
    grid: found.grid,
    axisNames: [lon.name, lat.name],
    notes: [`${variable.name} ${found.note}`],
    mesh: { location, toGrid: found.toGrid }
  }
}

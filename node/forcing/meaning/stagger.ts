/**
 * Staggered (Arakawa C) grids by ROMS' names: u on the faces between columns, v on those between
 * rows. Both are brought to the nodes in the middle, where the grid has its coordinates; a face at
 * land carries no water.
 */
import type { DataFile, DataVariable } from '../read/data-file.ts'

export interface Stagger {
  readonly point: 'u' | 'v'
  readonly columnDimension: number
  readonly rowDimension: number
  /** Stored size of the component. */
  readonly storedColumns: number
  readonly storedRows: number
  /** Coordinates, and where there is one the mask (1 water), of the middle nodes. */
  readonly lon: DataVariable
  readonly lat: DataVariable
  readonly mask?: DataVariable
}

/** Where a component lies on faces; undefined for any other variable. */
export function findStagger(file: DataFile, variable: DataVariable): Stagger | undefined {
  const at = (pattern: RegExp): number =>
    variable.dimensions.findIndex(({ name }) => pattern.test(name))
  const columnDimension = at(/^xi_[uv]$/i)
  const rowDimension = at(/^eta_[uv]$/i)
  const across = variable.dimensions[columnDimension]
  const down = variable.dimensions[rowDimension]
  const [lon, lat, mask] = ['lon_rho', 'lat_rho', 'mask_rho'].map((name) =>
    file.variables.get(name)
  )
  if (across === undefined || down === undefined || lon === undefined || lat === undefined) {
    return undefined
  }
  const point = /u$/i.test(across.name) ? 'u' : 'v'
  const [rows = 0, columns = 0] = lon.dimensions.map(({ count }) => count)
  const isFitting = (stored: number, middle: number, isFace: boolean): boolean =>
    stored === middle || (isFace && stored === middle - 1)
  const isWhole =
    isFitting(across.count, columns, point === 'u') && isFitting(down.count, rows, point === 'v')
  if (!isWhole) return undefined
  return {
    ...{ point, columnDimension, rowDimension, lon, lat },
    ...{ storedColumns: across.count, storedRows: down.count },
    ...(mask === undefined ? {} : { mask })
  }
}

/**
 * Value at the middle node (row, column) from the faces on both sides: face i is between the nodes
 * i and i + 1. At a water node a face without value is a wall; without a mask it is left out.
 */
export function middleValue(
  faces: ArrayLike<number>,
  { point, storedColumns, storedRows }: Stagger,
  row: number,
  column: number,
  isWater: boolean | undefined
): number {
  if (isWater === false) return Number.NaN
  const face = (back: number): number | undefined => {
    const y = point === 'v' ? row - back : row
    const x = point === 'u' ? column - back : column
    if (y < 0 || x < 0 || y >= storedRows || x >= storedColumns) return undefined
    return faces[y * storedColumns + x]
  }
  const known = [face(1), face(0)].filter((value) => value !== undefined)
  const wet = known.filter((value) => !Number.isNaN(value))
  if (wet.length === 0) return Number.NaN
  const count = isWater === undefined ? wet.length : known.length
  return wet.reduce((sum, value) => sum + value, 0) / count
}

/** `density-mean.tif`: the density averaged over times and members, for every GIS. */
import type { Plan } from '../../../../protocol/plan.ts'
import type { FolderFile } from '../zarr/zarr.ts'
import { writeGeotiff } from './geotiff.ts'

export const GEOTIFF_FILE = 'density-mean.tif'

/** `timeMean`: rows from the south. */
export function densityGeotiff(plan: Plan, timeMean: Float32Array): FolderFile {
  const { columns, resolutionDegrees, rows, southDegrees, westDegrees } = plan.products.density
  const values = new Float32Array(timeMean.length)
  for (let row = 0; row < rows; row += 1) {
    values.set(timeMean.subarray(row * columns, (row + 1) * columns), (rows - 1 - row) * columns)
  }
  const bytes = writeGeotiff({
    values,
    columns,
    rows,
    west: westDegrees,
    north: southDegrees + rows * resolutionDegrees,
    pixelSize: resolutionDegrees,
    isFlat: plan.metric === 'flat',
    name: 'particle_density_time_mean',
    units: 'km-2'
  })
  return { path: GEOTIFF_FILE, bytes }
}

/**
 * One time of a field, read from its file into the order of its grid: the only piece of data that
 * is in memory at once.
 */

import type { FieldInFile } from './meaning/field.ts'
import { middleValue, type Stagger } from './meaning/stagger.ts'
import { unpackCoordinate } from './meaning/unpacking.ts'
import type { ComponentName } from './meaning/vocabulary.ts'
import type { DataFile, Range } from './read/data-file.ts'

/** Both components in m/s on the series' grid, C order; NaN in both where either is missing. */
export interface Slice {
  readonly u: Float32Array
  readonly v: Float32Array
}

/** One component in m/s, rows northward, columns eastward, NaN where missing. */
export async function readComponent(
  file: DataFile,
  { grid, components }: FieldInFile,
  name: ComponentName,
  timeIndex: number
): Promise<Float32Array> {
  const component = components[name]
  if (component === undefined) throw new Error(`no component ${name} in ${file.file}`)
  const { variable, ranges, timeDimension, unpack, rowStride, columnStride } = component
  const box = ranges.map(
    (range, index): Range => (index === timeDimension ? [timeIndex, 1] : range)
  )
  const stored = await file.read(variable.name, box)
  const values = new Float32Array(grid.rowOrder.length * grid.columnOrder.length)
  if (component.stagger !== undefined) {
    const faces = Float64Array.from(stored, unpack)
    return atMiddles(faces, component.stagger, grid, await readMask(file, component.stagger))
  }
  let node = 0
  for (const row of grid.rowOrder) {
    for (const column of grid.columnOrder) {
      values[node++] = unpack(stored[row * rowStride + column * columnStride] ?? Number.NaN)
    }
  }
  return values
}

/** 1 water, 0 land at the middle nodes; undefined without a mask. */
async function readMask(file: DataFile, { mask }: Stagger): Promise<Float64Array | undefined> {
  if (mask === undefined) return undefined
  const box = mask.dimensions.map(({ count }): Range => [0, count])
  return unpackCoordinate(mask, await file.read(mask.name, box))
}

function atMiddles(
  faces: Float64Array,
  stagger: Stagger,
  { rowOrder, columnOrder }: FieldInFile['grid'],
  mask: Float64Array | undefined
): Float32Array {
  const values = new Float32Array(rowOrder.length * columnOrder.length)
  const width = stagger.lon.dimensions.at(-1)?.count ?? 0
  let node = 0
  for (const row of rowOrder) {
    for (const column of columnOrder) {
      const water = mask?.[row * width + column]
      const isWater = water === undefined ? undefined : water > 0.5
      values[node++] = middleValue(faces, stagger, row, column, isWater)
    }
  }
  return values
}

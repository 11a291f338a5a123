/**
 * One time of a field, read from its file into the order of its grid: the only piece of data that
 * is in memory at once.
 */

import { letGo } from './let-go.ts'
import type { Component, FieldInFile } from './meaning/field.ts'
import type { Flag } from './meaning/quality.ts'
import { middleValue, type Stagger } from './meaning/stagger.ts'
import { readWhole, unpackCoordinate } from './meaning/unpacking.ts'
import type { ComponentName } from './meaning/vocabulary.ts'
import type { DataFile, DataVariable, Range, Stored } from './read/data-file.ts'
import { atDepth } from './terrain-slice.ts'

/**
 * Both components in m/s on the series' grid, C order; NaN in both where either is missing. They
 * belong to who read them: stages change them in place, the last one lets them go.
 */
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
  const { ranges, timeDimension, stagger, layers, mesh } = component
  const box = ranges.map(
    (range, index): Range => (index === timeDimension ? [timeIndex, 1] : range)
  )
  const plane = async (own: readonly Range[]): Promise<Float32Array> => {
    const stored = await readBox(file, component, own)
    if (mesh !== undefined) return mesh.toGrid(stored, mesh.location)
    return stagger === undefined
      ? inOrder(stored, component, grid)
      : atMiddles(stored, stagger, grid, await readMask(file, stagger))
  }
  if (layers === undefined) return await plane(box)
  return await atDepth(file, layers.terrain, grid, timeIndex, (layer) =>
    plane(box.map((range, index): Range => (index === layers.dimension ? [layer, 1] : range)))
  )
}

/** Rows northward and columns eastward; numbers that lie like that already are not copied. */
function inOrder(
  stored: Stored,
  { rowStride, columnStride }: Component,
  { rowOrder, columnOrder }: FieldInFile['grid']
): Float32Array {
  const spans = spansOf(columnOrder)
  const isWhole =
    spans.length === 1 &&
    spans[0]?.first === 0 &&
    columnStride === 1 &&
    rowStride === columnOrder.length &&
    rowOrder.every((row, index) => row === index)
  const size = rowOrder.length * columnOrder.length
  if (isWhole && stored.length === size && stored instanceof Float32Array) return stored
  const values = new Float32Array(size)
  let node = 0
  for (const row of rowOrder) {
    for (const { first, count } of spans) {
      const from = row * rowStride + first * columnStride
      if (columnStride === 1) values.set(stored.subarray(from, from + count), node)
      else for (let i = 0; i < count; i++) values[node + i] = stored[from + i * columnStride] ?? 0
      node += count
    }
  }
  letGo(stored)
  return values
}

/** Columns that follow each other as they are stored: mostly all, two where the seam moved. */
function spansOf(order: readonly number[]): { readonly first: number; readonly count: number }[] {
  const spans: { first: number; count: number }[] = []
  for (const column of order) {
    const last = spans.at(-1)
    if (last !== undefined && column === last.first + last.count) last.count++
    else spans.push({ first: column, count: 1 })
  }
  return spans
}

/** Values of a box in m/s as they are stored, NaN where missing or left out by a flag. */
async function readBox(
  file: DataFile,
  { variable, unpack, flags, merged, stagger }: Component,
  box: readonly Range[]
): Promise<Stored> {
  const boxes = (merged?.indices ?? [0]).map((index) =>
    box.map((range, dimension): Range => (dimension === merged?.dimension ? [index, 1] : range))
  )
  let values: Stored | undefined
  for (const one of boxes) {
    const stored = await file.read(variable.name, one)
    // Means of faces are taken in full precision, all else becomes f32 at once.
    const Numbers = stagger === undefined ? Float32Array : Float64Array
    const layer = stored instanceof Numbers ? stored : new Numbers(stored.length)
    unpack(stored, layer)
    if (stored !== layer) letGo(stored)
    for (const flag of flags) await leaveOut(file, layer, flag, { variable, box: one })
    if (values === undefined) values = layer
    else {
      fillGaps(values, layer)
      letGo(layer)
    }
  }
  return values ?? Float64Array.of()
}

function fillGaps(values: Stored, from: Stored): void {
  for (let index = 0; index < values.length; index++) {
    if (Number.isNaN(values[index])) values[index] = from[index] ?? Number.NaN
  }
}

/** Marks as missing what the flag leaves out; a flag may lack dimensions that the field has. */
async function leaveOut(
  file: DataFile,
  values: Stored,
  { variable: flag, dropped }: Flag,
  { variable, box }: { readonly variable: DataVariable; readonly box: readonly Range[] }
): Promise<void> {
  const at = flag.dimensions.map(({ name }) =>
    variable.dimensions.findIndex((own) => own.name === name)
  )
  const marks = await file.read(
    flag.name,
    at.map((dimension): Range => box[dimension] ?? [0, 1])
  )
  const unpacked = unpackCoordinate(flag, marks)
  // A field's dimension that the flag lacks repeats the flag: stride 0.
  const strides = variable.dimensions.map((_, dimension) => {
    const own = at.indexOf(dimension)
    if (own < 0) return 0
    return at.slice(own + 1).reduce((product, other) => product * (box[other]?.[1] ?? 1), 1)
  })
  for (let index = 0; index < values.length; index++) {
    let rest = index
    let mark = 0
    for (let dimension = box.length - 1; dimension >= 0; dimension--) {
      const count = box[dimension]?.[1] ?? 1
      mark += (rest % count) * (strides[dimension] ?? 0)
      rest = Math.floor(rest / count)
    }
    if (dropped.has(unpacked[mark] ?? Number.NaN)) values[index] = Number.NaN
  }
}

/** 1 water, 0 land at the middle nodes; undefined without a mask. */
const readMask = async (file: DataFile, { mask }: Stagger): Promise<Float64Array | undefined> =>
  mask === undefined ? undefined : await readWhole(file, mask)

function atMiddles(
  faces: Stored,
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

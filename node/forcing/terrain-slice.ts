/**
 * A field at a depth between terrain-following layers: linear between the two around it, the
 * uppermost above them all, the lowest down to the bottom, nothing below that.
 */
import type { FieldInFile } from './meaning/field.ts'
import { shareOf, type Terrain } from './meaning/terrain.ts'
import { unpackCoordinate } from './meaning/unpacking.ts'
import type { DataFile, DataVariable, Range } from './read/data-file.ts'

/** Values of a plane in the order of the grid; a time dimension takes its index. */
async function planeOf(
  file: DataFile,
  variable: DataVariable,
  { rowOrder, columnOrder }: FieldInFile['grid'],
  timeIndex: number
): Promise<Float64Array> {
  const flat = variable.dimensions.length - 2
  const box = variable.dimensions.map(({ count }, index): Range => {
    if (index >= flat) return [0, count]
    return [Math.min(timeIndex, count - 1), 1]
  })
  const stored = unpackCoordinate(variable, await file.read(variable.name, box))
  const width = variable.dimensions.at(-1)?.count ?? 0
  const out = new Float64Array(rowOrder.length * columnOrder.length)
  let node = 0
  for (const row of rowOrder) {
    for (const column of columnOrder) out[node++] = stored[row * width + column] ?? Number.NaN
  }
  return out
}

/** Deeper than any sea, higher than any tide: fill values of h and ζ. */
const COLUMN_METRES_MAX = 20_000

/** `layerAt` gives a layer in the order of the grid; they are asked from the surface down. */
export async function atDepth(
  file: DataFile,
  terrain: Terrain,
  grid: FieldInFile['grid'],
  timeIndex: number,
  layerAt: (layer: number) => Promise<Float32Array>
): Promise<Float32Array> {
  const { s, surface, bottom, targetMetres } = terrain
  const h = await planeOf(file, bottom, grid, timeIndex)
  const zeta = surface === undefined ? undefined : await planeOf(file, surface, grid, timeIndex)
  const column = h.map((metres, node) => {
    const risen = zeta?.[node] ?? 0
    const isRisen = Math.abs(risen) < COLUMN_METRES_MAX
    return Math.abs(metres) < COLUMN_METRES_MAX ? metres + (isRisen ? risen : 0) : Number.NaN
  })
  const order = Array.from(s.keys()).sort((a, b) => (s[b] ?? 0) - (s[a] ?? 0))
  const out = new Float32Array(h.length).fill(Number.NaN)
  const isDone = new Uint8Array(h.length)
  let above: { readonly values: Float32Array; readonly depths: Float64Array } | undefined
  for (const layer of order) {
    const values = await layerAt(layer)
    const depths = column.map((metres, node) => -shareOf(terrain, layer, h[node] ?? 0) * metres)
    let openCount = 0
    for (let node = 0; node < out.length; node++) {
      if (isDone[node] === 1) continue
      const [depth = Number.NaN, value = Number.NaN] = [depths[node], values[node]]
      if (!(depth < targetMetres)) {
        const top = above?.depths[node] ?? depth
        const part = depth > top ? (targetMetres - top) / (depth - top) : 1
        const upper = above?.values[node] ?? value
        out[node] = above === undefined ? value : upper + part * (value - upper)
        isDone[node] = 1
      } else {
        // Below the lowest layer and above the bottom its value holds.
        out[node] = (column[node] ?? 0) >= targetMetres ? value : Number.NaN
        openCount++
      }
    }
    above = { values, depths }
    if (openCount === 0) break
  }
  return out
}

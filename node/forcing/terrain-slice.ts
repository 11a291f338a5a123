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

/** Metres of water from the bottom to the surface. */
function columnsOfWater(h: Float64Array, zeta: Float64Array | undefined): Float64Array {
  return h.map((metres, node) => {
    const risen = zeta?.[node] ?? 0
    if (!(Math.abs(metres) < COLUMN_METRES_MAX)) return Number.NaN
    return Math.abs(risen) < COLUMN_METRES_MAX ? metres + risen : metres
  })
}

/** A layer in the order of the grid, and how deep it lies. */
interface Layer {
  readonly values: Float32Array
  readonly depths: Float64Array
}

/**
 * The value of a node at a depth between two layers; undefined where it is deeper than both.
 * Above the uppermost its value holds.
 */
function between(above: Layer | undefined, layer: Layer, node: number, metres: number) {
  const [depth = Number.NaN, value = Number.NaN] = [layer.depths[node], layer.values[node]]
  if (depth < metres) return undefined
  if (above === undefined) return value
  const [top = depth, upper = value] = [above.depths[node], above.values[node]]
  const part = depth > top ? (metres - top) / (depth - top) : 1
  return upper + part * (value - upper)
}

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
  const water = columnsOfWater(h, zeta)
  const order = Array.from(s.keys()).sort((a, b) => (s[b] ?? 0) - (s[a] ?? 0))
  const out = new Float32Array(h.length).fill(Number.NaN)
  let open = Array.from(out.keys())
  let above: Layer | undefined
  for (const index of order) {
    const depths = water.map((metres, node) => -shareOf(terrain, index, h[node] ?? 0) * metres)
    const layer: Layer = { values: await layerAt(index), depths }
    const deeper: number[] = []
    for (const node of open) {
      const found = between(above, layer, node, targetMetres)
      if (found === undefined) deeper.push(node)
      // Between the lowest layer and the bottom its value holds; below there is none.
      const isInWater = (water[node] ?? 0) >= targetMetres
      out[node] = found ?? (isInWater ? (layer.values[node] ?? Number.NaN) : Number.NaN)
    }
    open = deeper
    above = layer
    if (open.length === 0) break
  }
  return out
}

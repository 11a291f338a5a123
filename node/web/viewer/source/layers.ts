/**
 * What can be shown: every array of density.zarr over time and the two axes. What comes before
 * time (member, class, quantile …) is a choice. Nothing is known here of any product by name.
 */
import type { Grid } from './grid.ts'
import { vectorOf, type ZarrArray, type ZarrStore } from './zarr.ts'

/** A dimension before time, with the words to choose from. */
export interface Choice {
  readonly dimension: string
  readonly words: readonly string[]
}

export interface Layer {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly choices: readonly Choice[]
  /** Shares of one are shown from 0 to 1, amounts on a logarithmic scale. */
  readonly isShare: boolean
  readonly array: ZarrArray
}

const isLayer = ({ dimensions }: ZarrArray): boolean =>
  dimensions.slice(-3).join() === 'time,lat,lon'

export async function layersOf(store: ZarrStore): Promise<Layer[]> {
  const layers: Layer[] = []
  for (const array of store.arrays.values()) {
    if (!isLayer(array)) continue
    const choices: Choice[] = []
    for (const [index, dimension] of array.dimensions.slice(0, -3).entries()) {
      const length = array.shape[index] ?? 1
      const words = await vectorOf(store, dimension)
      const fallback = Array.from({ length }, (_, at) => at)
      choices.push({ dimension, words: (words ?? fallback).map(String) })
    }
    const { long_name, units } = array.attributes
    const unit = units === undefined || units === '1' ? '' : String(units)
    const isShare = unit === '' && /probab|exceed|confiden|share|fraction/.test(array.name)
    const title = String(long_name ?? array.name)
    layers.push({ name: array.name, title, unit, choices, isShare, array })
  }
  // The mean over all members first: what a visitor wants to see.
  return layers.sort((a, b) => a.choices.length - b.choices.length || (a.name < b.name ? -1 : 1))
}

export interface Pick {
  readonly layer: Layer
  /** One index per choice. */
  readonly at: readonly number[]
}

/** Chunks along an axis of the layer that hold it whole. */
const tilesAlong = ({ shape, chunks }: ZarrArray, axis: number): number =>
  Math.ceil((shape.at(axis) ?? 0) / (chunks.at(axis) ?? 1))

const leadOf = ({ layer, at }: Pick): number[] =>
  at.map((index, axis) => Math.floor(index / (layer.array.chunks[axis] ?? 1)))

/** Where the values of a pick and time begin within a chunk that holds several leading indices. */
function startOf({ layer, at }: Pick, time: number): number {
  const { chunks } = layer.array
  let start = 0
  for (const [axis, index] of at.entries()) {
    const length = chunks[axis] ?? 1
    start = start * length + (index % length)
  }
  const [times = 1, rows = 1, columns = 1] = chunks.slice(-3)
  return (start * times + (time % times)) * rows * columns
}

/** Values of the whole grid at one time. */
export async function fieldAt(
  store: ZarrStore,
  pick: Pick,
  grid: Grid,
  time: number
): Promise<Float32Array> {
  const { array } = pick.layer
  const [times = 1, tileRows = 1, tileColumns = 1] = array.chunks.slice(-3)
  const field = new Float32Array(grid.rows * grid.columns)
  const start = startOf(pick, time)
  const copy = async (up: number, across: number): Promise<void> => {
    const at = [...leadOf(pick), Math.floor(time / times), up, across]
    const tile = await store.chunk(array, at)
    const width = Math.min(tileColumns, grid.columns - across * tileColumns)
    for (let row = 0; row < Math.min(tileRows, grid.rows - up * tileRows); row += 1) {
      const to = (up * tileRows + row) * grid.columns + across * tileColumns
      for (let column = 0; column < width; column += 1) {
        field[to + column] = Number(tile[start + row * tileColumns + column])
      }
    }
  }
  const copies: Promise<void>[] = []
  for (let up = 0; up < tilesAlong(array, -2); up += 1) {
    for (let across = 0; across < tilesAlong(array, -1); across += 1) copies.push(copy(up, across))
  }
  await Promise.all(copies)
  return field
}

/** Values of one cell at every time. */
export async function seriesAt(
  store: ZarrStore,
  pick: Pick,
  grid: Grid,
  cell: number
): Promise<number[]> {
  const { array } = pick.layer
  const [times = 1, tileRows = 1, tileColumns = 1] = array.chunks.slice(-3)
  const timeCount = array.shape.at(-3) ?? 0
  const row = Math.floor(cell / grid.columns)
  const column = cell % grid.columns
  const series: number[] = []
  for (let first = 0; first < timeCount; first += times) {
    const place = [first / times, Math.floor(row / tileRows), Math.floor(column / tileColumns)]
    const tile = await store.chunk(array, [...leadOf(pick), ...place])
    for (let time = first; time < Math.min(first + times, timeCount); time += 1) {
      const inTile = (row % tileRows) * tileColumns + (column % tileColumns)
      series.push(Number(tile[startOf(pick, time) + inTile]))
    }
  }
  return series
}

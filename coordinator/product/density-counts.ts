/**
 * Sums of particles per member, class, output time and cell: integers, so that the order in which
 * units arrive and how particles are cut into units cannot show. Cells live in tiles that exist
 * only once something was counted in them, and a time chunk is dropped when it was written.
 */
import { DENSITY_ENTRY_BYTES } from './outputs.ts'

export interface DensityShape {
  readonly rows: number
  readonly columns: number
  readonly tileRows: number
  readonly tileColumns: number
  readonly timesPerChunk: number
  readonly memberCount: number
  readonly classCount: number
}

/** Tiles along a side. */
export const tilesAlong = (cells: number, tileCells: number): number => Math.ceil(cells / tileCells)

export class DensityCounts {
  readonly #shape: DensityShape
  readonly #tileCount: number
  /** Per time chunk: buffers of [time][row][column] by (member, class, tile). */
  readonly #chunks = new Map<number, Map<number, Uint32Array>>()

  constructor(shape: DensityShape) {
    this.#shape = shape
    this.#tileCount =
      tilesAlong(shape.rows, shape.tileRows) * tilesAlong(shape.columns, shape.tileColumns)
  }

  #key(member: number, classIndex: number, tile: number): number {
    return (member * this.#shape.classCount + classIndex) * this.#tileCount + tile
  }

  /** Adds checked (cell, class, count) triples of one unit at one output time. */
  add(member: number, time: number, density: Uint8Array): void {
    const { columns, tileRows, tileColumns, timesPerChunk } = this.#shape
    const chunk = Math.floor(time / timesPerChunk)
    const buffers = this.#chunks.get(chunk) ?? new Map<number, Uint32Array>()
    this.#chunks.set(chunk, buffers)
    const tilesAcross = tilesAlong(columns, tileColumns)
    const base = (time % timesPerChunk) * tileRows * tileColumns
    const values = new DataView(density.buffer, density.byteOffset, density.byteLength)
    let openKey = -1
    let open: Uint32Array | undefined
    for (let at = 0; at < density.length; at += DENSITY_ENTRY_BYTES) {
      const cell = values.getUint32(at, true)
      const column = cell % columns
      const row = (cell - column) / columns
      const tileColumn = Math.floor(column / tileColumns)
      const tileRow = Math.floor(row / tileRows)
      const tile = tileRow * tilesAcross + tileColumn
      const key = this.#key(member, values.getUint32(at + 4, true), tile)
      if (key !== openKey || open === undefined) {
        open = buffers.get(key) ?? new Uint32Array(timesPerChunk * tileRows * tileColumns)
        buffers.set(key, open)
        openKey = key
      }
      const place =
        base + (row - tileRow * tileRows) * tileColumns + (column - tileColumn * tileColumns)
      open[place] = (open[place] ?? 0) + values.getUint32(at + 8, true)
    }
  }

  /** Counts [time][row][column] of one tile; undefined when all are zero. */
  tile(timeChunk: number, member: number, classIndex: number, tile: number) {
    return this.#chunks.get(timeChunk)?.get(this.#key(member, classIndex, tile))
  }

  /** Whether anything was counted in a tile. */
  hasTile(timeChunk: number, tile: number): boolean {
    const chunk = this.#chunks.get(timeChunk)
    if (chunk === undefined) return false
    const groups = this.#shape.memberCount * this.#shape.classCount
    for (let group = 0; group < groups; group += 1) {
      if (chunk.has(group * this.#tileCount + tile)) return true
    }
    return false
  }

  /** Forgets a time chunk that was written. */
  drop(timeChunk: number): void {
    this.#chunks.delete(timeChunk)
  }
}

/**
 * Particles on the coast: per class, output time and coastal cell how many are stranded and how
 * many have arrived so far, summed over members. Arrivals are rises of a member's stranded count
 * from one output time to the next, so who arrives while another leaves is not seen. Cells live in
 * tiles that exist only once something stranded there; everything is integers until it is written.
 */
import { DensityCounts, tilesAlong } from './density-counts.ts'
import { BEACHED_ENTRY_BYTES, DENSITY_ENTRY_BYTES } from './outputs.ts'

export interface CoastShape {
  readonly cellCount: number
  readonly cellsPerTile: number
  readonly timesPerChunk: number
  readonly timeCount: number
  readonly memberCount: number
  readonly classCount: number
}

/** Sums over members, [time][cell] of one class and tile. */
export interface CoastSums {
  readonly stranded: Float64Array
  readonly arrived: Float64Array
}

export class BeachedCounts {
  readonly #shape: CoastShape
  readonly #counts: DensityCounts
  readonly #tileCount: number
  /** Stranded counts of the time before, by (member, class, tile). */
  readonly #before = new Map<number, Uint32Array>()
  /** Arrivals so far, by (class, tile). */
  readonly #arrived = new Map<number, Float64Array>()
  /** 1 where a member ever had something stranded, by (member, tile). */
  readonly #reached = new Map<number, Uint8Array>()
  /** Stranded at the last output time, by origin · cells + cell. */
  readonly #connected = new Map<number, number>()

  constructor(shape: CoastShape) {
    this.#shape = shape
    const { cellCount: columns, cellsPerTile: tileColumns } = shape
    this.#counts = new DensityCounts({ ...shape, rows: 1, columns, tileRows: 1, tileColumns })
    this.#tileCount = tilesAlong(columns, tileColumns)
  }

  /** Adds checked (cell, origin, class, count) quadruples of one unit at one output time. */
  add(member: number, time: number, beached: Uint8Array): void {
    if (beached.length === 0) return
    const isLast = time === this.#shape.timeCount - 1
    const from = new DataView(beached.buffer, beached.byteOffset, beached.byteLength)
    const entries = beached.length / BEACHED_ENTRY_BYTES
    const triples = new Uint8Array(entries * DENSITY_ENTRY_BYTES)
    const to = new DataView(triples.buffer)
    for (let entry = 0; entry < entries; entry += 1) {
      const at = entry * BEACHED_ENTRY_BYTES
      const place = entry * DENSITY_ENTRY_BYTES
      const cell = from.getUint32(at, true)
      const count = from.getUint32(at + 12, true)
      to.setUint32(place, cell, true)
      to.setUint32(place + 4, from.getUint32(at + 8, true), true)
      to.setUint32(place + 8, count, true)
      if (!isLast) continue
      const key = from.getUint32(at + 4, true) * this.#shape.cellCount + cell
      this.#connected.set(key, (this.#connected.get(key) ?? 0) + count)
    }
    this.#counts.add(member, time, triples)
  }

  /** Sums of one class and tile over a complete chunk of times; chunks are taken in order. */
  take(timeChunk: number, classIndex: number, tile: number): CoastSums {
    const { cellsPerTile, memberCount, timesPerChunk } = this.#shape
    const stranded = new Float64Array(timesPerChunk * cellsPerTile)
    const rises = new Float64Array(timesPerChunk * cellsPerTile)
    for (let member = 0; member < memberCount; member += 1) {
      const counts = this.#counts.tile(timeChunk, member, classIndex, tile)
      const key = (member * this.#shape.classCount + classIndex) * this.#tileCount + tile
      if (counts === undefined) {
        this.#before.delete(key)
        continue
      }
      this.#addMember(counts, key, stranded, rises)
      this.#mark(member, tile, counts)
    }
    return { stranded, arrived: this.#soFar(classIndex, tile, rises) }
  }

  #addMember(counts: Uint32Array, key: number, stranded: Float64Array, rises: Float64Array): void {
    const { cellsPerTile } = this.#shape
    const before = this.#before.get(key)
    for (let at = 0; at < counts.length; at += 1) {
      const count = counts[at] ?? 0
      const earlier = at < cellsPerTile ? before?.[at] : counts[at - cellsPerTile]
      stranded[at] = (stranded[at] ?? 0) + count
      rises[at] = (rises[at] ?? 0) + Math.max(0, count - (earlier ?? 0))
    }
    this.#before.set(key, counts.slice(counts.length - cellsPerTile))
  }

  #mark(member: number, tile: number, counts: Uint32Array): void {
    const { cellsPerTile } = this.#shape
    const key = member * this.#tileCount + tile
    const reached = this.#reached.get(key) ?? new Uint8Array(cellsPerTile)
    this.#reached.set(key, reached)
    for (const [at, count] of counts.entries()) {
      if (count > 0) reached[at % cellsPerTile] = 1
    }
  }

  /** Turns rises into arrivals since the start, in place. */
  #soFar(classIndex: number, tile: number, rises: Float64Array): Float64Array {
    const { cellsPerTile } = this.#shape
    const key = classIndex * this.#tileCount + tile
    const arrived = this.#arrived.get(key) ?? new Float64Array(cellsPerTile)
    this.#arrived.set(key, arrived)
    for (let at = 0; at < rises.length; at += 1) {
      const cell = at % cellsPerTile
      const sum = (arrived[cell] ?? 0) + (rises[at] ?? 0)
      arrived[cell] = sum
      rises[at] = sum
    }
    return rises
  }

  /** Forgets a time chunk that was written. */
  drop(timeChunk: number): void {
    this.#counts.drop(timeChunk)
  }

  /** Members in which something was ever stranded in each cell of a tile. */
  reached(tile: number): Uint32Array {
    const { cellsPerTile, memberCount } = this.#shape
    const members = new Uint32Array(cellsPerTile)
    for (let member = 0; member < memberCount; member += 1) {
      const own = this.#reached.get(member * this.#tileCount + tile)
      if (own === undefined) continue
      for (const [cell, isReached] of own.entries())
        members[cell] = (members[cell] ?? 0) + isReached
    }
    return members
  }

  /** Stranded at the last output time, all members and classes together, ascending. */
  connected(): { origin: number; cell: number; count: number }[] {
    const { cellCount } = this.#shape
    return [...this.#connected]
      .sort(([left], [right]) => left - right)
      .map(([key, count]) => ({
        origin: Math.floor(key / cellCount),
        cell: key % cellCount,
        count
      }))
  }
}

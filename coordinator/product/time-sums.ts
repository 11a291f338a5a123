/**
 * Sums over all output times of the counts of each cell, kept for the whole forecast: what
 * residence times and time means are made of. Integers, so that the order of times cannot show;
 * tiles exist only once something was counted in them.
 */
export class TimeSums {
  readonly #tileCells: number
  readonly #tiles = new Map<number, Float64Array>()

  constructor(tileCells: number) {
    this.#tileCells = tileCells
  }

  /** Adds counts [time][cell] of one tile. */
  add(tile: number, counts: Float64Array): void {
    const sums = this.#tiles.get(tile) ?? new Float64Array(this.#tileCells)
    this.#tiles.set(tile, sums)
    for (let from = 0; from < counts.length; from += this.#tileCells) {
      for (let cell = 0; cell < this.#tileCells; cell += 1) {
        sums[cell] = (sums[cell] ?? 0) + (counts[from + cell] ?? 0)
      }
    }
  }

  /** Sums of one tile; undefined when all are zero. */
  tile(tile: number): Float64Array | undefined {
    return this.#tiles.get(tile)
  }
}

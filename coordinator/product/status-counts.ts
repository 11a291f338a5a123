/**
 * Sums of particles by status per member and output time, kept until their time chunk is written.
 */
import { STATUSES } from '../../protocol/result.ts'

export class StatusCounts {
  readonly #memberCount: number
  readonly #timesPerChunk: number
  /** Per time chunk: [member][time][status]. */
  readonly #chunks = new Map<number, Uint32Array>()

  constructor(memberCount: number, timesPerChunk: number) {
    this.#memberCount = memberCount
    this.#timesPerChunk = timesPerChunk
  }

  #chunk(timeChunk: number): Uint32Array {
    const length = this.#memberCount * this.#timesPerChunk * STATUSES.length
    const counts = this.#chunks.get(timeChunk) ?? new Uint32Array(length)
    this.#chunks.set(timeChunk, counts)
    return counts
  }

  /** Adds one unit's counts by status at one output time. */
  add(member: number, time: number, counts: readonly number[]): void {
    const chunk = this.#chunk(Math.floor(time / this.#timesPerChunk))
    const row = member * this.#timesPerChunk + (time % this.#timesPerChunk)
    for (const [status, count] of counts.entries()) {
      const place = row * STATUSES.length + status
      chunk[place] = (chunk[place] ?? 0) + count
    }
  }

  /** Counts [member][time][status] of a time chunk, then forgotten. */
  take(timeChunk: number): Uint32Array {
    const counts = this.#chunk(timeChunk)
    this.#chunks.delete(timeChunk)
    return counts
  }
}

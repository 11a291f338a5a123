/** Chance of a simulated world: everything random in it comes from one seeded generator. */
import { sha256 } from '@noble/hashes/sha2.js'
import { fromString } from 'uint8arrays/from-string'

export class Random {
  #state: number
  constructor(rngSeed: number) {
    this.#state = rngSeed >>> 0
  }

  /** In [0, 1): mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  below(count: number): number {
    return Math.floor(this.next() * count)
  }

  isBelow(probability: number): boolean {
    return this.next() < probability
  }

  bytes(): Uint8Array {
    return sha256(fromString(`${this.next()} ${this.next()}`))
  }
}

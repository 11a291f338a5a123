/** Chance of a simulated world: everything random in it comes from one seeded generator (sfc32). */
/** Bytes are dealt from a block of so many words. */
const WORDS = 1024

export class Random {
  #words = new Uint32Array(WORDS)
  #dealt = 0
  #a: number
  #b = 0x9e3779b9
  #c = 0x243f6a88
  #counter = 1

  constructor(rngSeed: number) {
    this.#a = rngSeed | 0
    for (let round = 0; round < 16; round += 1) this.#word()
  }

  #word(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** In [0, 1). */
  next(): number {
    return this.#word() / 2 ** 32
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  below(count: number): number {
    return Math.floor(this.next() * count)
  }

  isBelow(probability: number): boolean {
    return probability > 0 && this.next() < probability
  }

  /** 32 bytes for one event of one node. */
  bytes(): Uint8Array {
    if (this.#dealt === WORDS) {
      this.#words = new Uint32Array(WORDS)
      this.#dealt = 0
    }
    const from = this.#dealt
    this.#dealt += 8
    for (let index = from; index < this.#dealt; index += 1) this.#words[index] = this.#word()
    return new Uint8Array(this.#words.buffer, from * 4, 32)
  }
}

/**
 * Radix sort of 64-bit keys, eleven bits a pass: linear time, stable, no comparison whose order
 * could depend on an engine.
 */
const DIGIT_BITS: u32 = 11
const DIGITS: i32 = 1 << DIGIT_BITS
const histogram = memory.data(DIGITS * 4)

/** Sorts `count` keys by the bits below `bits`; returns where they lie (`keys` or `spare`). */
export function sortKeys(keys: usize, spare: usize, count: i32, lowBit: u32, bits: u32): usize {
  let from = keys
  let to = spare
  for (let shift = lowBit; shift < bits; shift += DIGIT_BITS) {
    memory.fill(histogram, 0, DIGITS * 4)
    for (let i: i32 = 0; i < count; i++) {
      const digit = <usize>((load<u64>(from + (<usize>i << 3)) >> shift) & (DIGITS - 1))
      const slot = histogram + (digit << 2)
      store<u32>(slot, load<u32>(slot) + 1)
    }
    let sum: u32 = 0
    for (let d: i32 = 0; d < DIGITS; d++) {
      const slot = histogram + (<usize>d << 2)
      const size = load<u32>(slot)
      store<u32>(slot, sum)
      sum += size
    }
    for (let i: i32 = 0; i < count; i++) {
      const key = load<u64>(from + (<usize>i << 3))
      const slot = histogram + (<usize>((key >> shift) & (DIGITS - 1)) << 2)
      const place = load<u32>(slot)
      store<u32>(slot, place + 1)
      store<u64>(to + (<usize>place << 3), key)
    }
    const swap = from
    from = to
    to = swap
  }
  return from
}

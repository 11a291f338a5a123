/**
 * Threefry2x32-20: counter-based random numbers (Salmon et al. 2011, doi:10.1145/2063384.2063405).
 * A draw is a pure function of key and counter, so results never depend on order or batch.
 * Known answer: key 0, counter 0 → 6b200159 99ba4efe.
 */
const PARITY: u32 = 0x1bd11bda

/** One block: low word first output, high word second. */
export function threefry(key0: u32, key1: u32, counter0: u32, counter1: u32): u64 {
  const key2 = PARITY ^ key0 ^ key1
  let x0 = counter0 + key0
  let x1 = counter1 + key1
  for (let group: u32 = 0; group < 5; group++) {
    const even = (group & 1) == 0
    x0 += x1
    x1 = rotl(x1, even ? 13 : 17) ^ x0
    x0 += x1
    x1 = rotl(x1, even ? 15 : 29) ^ x0
    x0 += x1
    x1 = rotl(x1, even ? 26 : 16) ^ x0
    x0 += x1
    x1 = rotl(x1, even ? 6 : 24) ^ x0
    const phase = (group + 1) % 3
    x0 += phase == 0 ? key0 : phase == 1 ? key1 : key2
    x1 += (phase == 0 ? key1 : phase == 1 ? key2 : key0) + group + 1
  }
  return (<u64>x1 << 32) | x0
}

/** Uniform in [0, 1) from the 32 bits of a word. */
export function uniform(word: u32): f64 {
  return <f64>word * (1.0 / 4294967296.0)
}

// @ts-ignore: decorator
@inline
function rotl4(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits))
}

let out0: v128 = i32x4.splat(0)
let out1: v128 = i32x4.splat(0)

/** First outputs of the four blocks drawn last. */
export function first4(): v128 {
  return out0
}

/** Second outputs of the four blocks drawn last. */
export function second4(): v128 {
  return out1
}

/** Four blocks at once, same bits as `threefry` per lane. */
export function threefry4(key0: u32, key1: u32, counters0: v128, counter1: u32): void {
  const k0 = i32x4.splat(key0)
  const k1 = i32x4.splat(key1)
  const k2 = i32x4.splat(PARITY ^ key0 ^ key1)
  let x0 = i32x4.add(counters0, k0)
  let x1 = i32x4.add(i32x4.splat(counter1), k1)
  for (let group: i32 = 0; group < 5; group++) {
    if ((group & 1) == 0) {
      x0 = i32x4.add(x0, x1)
      x1 = v128.xor(rotl4(x1, 13), x0)
      x0 = i32x4.add(x0, x1)
      x1 = v128.xor(rotl4(x1, 15), x0)
      x0 = i32x4.add(x0, x1)
      x1 = v128.xor(rotl4(x1, 26), x0)
      x0 = i32x4.add(x0, x1)
      x1 = v128.xor(rotl4(x1, 6), x0)
    } else {
      x0 = i32x4.add(x0, x1)
      x1 = v128.xor(rotl4(x1, 17), x0)
      x0 = i32x4.add(x0, x1)
      x1 = v128.xor(rotl4(x1, 29), x0)
      x0 = i32x4.add(x0, x1)
      x1 = v128.xor(rotl4(x1, 16), x0)
      x0 = i32x4.add(x0, x1)
      x1 = v128.xor(rotl4(x1, 24), x0)
    }
    const phase = (group + 1) % 3
    x0 = i32x4.add(x0, phase == 0 ? k0 : phase == 1 ? k1 : k2)
    x1 = i32x4.add(x1, phase == 0 ? k1 : phase == 1 ? k2 : k0)
    x1 = i32x4.add(x1, i32x4.splat(group + 1))
  }
  out0 = x0
  out1 = x1
}

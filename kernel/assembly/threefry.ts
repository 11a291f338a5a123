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

// @ts-ignore: decorator
@inline
function mix(x0: v128, x1: v128, bits: i32): v128 {
  return v128.xor(rotl4(x1, bits), x0)
}

/**
 * Eight blocks at once, same bits as `threefry` per lane, in two chains that overlap: first outputs
 * of the first four at `to`, then their second ones, then those of the other four. Written out,
 * because the engine neither unrolls loops nor keeps constants.
 */
// @ts-ignore: decorator
@inline
export function threefry8(
  k0: v128, k1: v128, counters: v128, others: v128, counters1: v128, one: v128, to: usize
): void {
  const k2 = v128.xor(i32x4.splat(PARITY), v128.xor(k0, k1))
  const two = i32x4.add(one, one)
  const three = i32x4.add(two, one)
  const four = i32x4.add(two, two)
  const five = i32x4.add(four, one)
  let a = i32x4.add(counters, k0)
  let b = i32x4.add(counters1, k1)
  let c = i32x4.add(others, k0)
  let d = b
  let x: v128
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 13); d = mix(c, d, 13)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 15); d = mix(c, d, 15)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 26); d = mix(c, d, 26)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 6); d = mix(c, d, 6)
  x = i32x4.add(k2, one)
  a = i32x4.add(a, k1); c = i32x4.add(c, k1); b = i32x4.add(b, x); d = i32x4.add(d, x)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 17); d = mix(c, d, 17)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 29); d = mix(c, d, 29)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 16); d = mix(c, d, 16)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 24); d = mix(c, d, 24)
  x = i32x4.add(k0, two)
  a = i32x4.add(a, k2); c = i32x4.add(c, k2); b = i32x4.add(b, x); d = i32x4.add(d, x)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 13); d = mix(c, d, 13)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 15); d = mix(c, d, 15)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 26); d = mix(c, d, 26)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 6); d = mix(c, d, 6)
  x = i32x4.add(k1, three)
  a = i32x4.add(a, k0); c = i32x4.add(c, k0); b = i32x4.add(b, x); d = i32x4.add(d, x)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 17); d = mix(c, d, 17)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 29); d = mix(c, d, 29)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 16); d = mix(c, d, 16)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 24); d = mix(c, d, 24)
  x = i32x4.add(k2, four)
  a = i32x4.add(a, k1); c = i32x4.add(c, k1); b = i32x4.add(b, x); d = i32x4.add(d, x)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 13); d = mix(c, d, 13)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 15); d = mix(c, d, 15)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 26); d = mix(c, d, 26)
  a = i32x4.add(a, b); c = i32x4.add(c, d); b = mix(a, b, 6); d = mix(c, d, 6)
  x = i32x4.add(k0, five)
  a = i32x4.add(a, k2); c = i32x4.add(c, k2); b = i32x4.add(b, x); d = i32x4.add(d, x)
  v128.store(to, a)
  v128.store(to, b, 16)
  v128.store(to, c, 32)
  v128.store(to, d, 48)
}

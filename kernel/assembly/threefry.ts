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
 * Four blocks at once, same bits as `threefry` per lane: first outputs at `to`, second ones 16
 * bytes behind. Written out, because the engine neither unrolls loops nor keeps constants.
 */
// @ts-ignore: decorator
@inline
export function threefry4(
  k0: v128, k1: v128, counters0: v128, counters1: v128, one: v128, to: usize
): void {
  const k2 = v128.xor(i32x4.splat(PARITY), v128.xor(k0, k1))
  const two = i32x4.add(one, one)
  const four = i32x4.add(two, two)
  let a = i32x4.add(counters0, k0)
  let b = i32x4.add(counters1, k1)
  a = i32x4.add(a, b); b = mix(a, b, 13)
  a = i32x4.add(a, b); b = mix(a, b, 15)
  a = i32x4.add(a, b); b = mix(a, b, 26)
  a = i32x4.add(a, b); b = mix(a, b, 6)
  a = i32x4.add(a, k1); b = i32x4.add(b, i32x4.add(k2, one))
  a = i32x4.add(a, b); b = mix(a, b, 17)
  a = i32x4.add(a, b); b = mix(a, b, 29)
  a = i32x4.add(a, b); b = mix(a, b, 16)
  a = i32x4.add(a, b); b = mix(a, b, 24)
  a = i32x4.add(a, k2); b = i32x4.add(b, i32x4.add(k0, two))
  a = i32x4.add(a, b); b = mix(a, b, 13)
  a = i32x4.add(a, b); b = mix(a, b, 15)
  a = i32x4.add(a, b); b = mix(a, b, 26)
  a = i32x4.add(a, b); b = mix(a, b, 6)
  a = i32x4.add(a, k0); b = i32x4.add(b, i32x4.add(k1, i32x4.add(two, one)))
  a = i32x4.add(a, b); b = mix(a, b, 17)
  a = i32x4.add(a, b); b = mix(a, b, 29)
  a = i32x4.add(a, b); b = mix(a, b, 16)
  a = i32x4.add(a, b); b = mix(a, b, 24)
  a = i32x4.add(a, k1); b = i32x4.add(b, i32x4.add(k2, four))
  a = i32x4.add(a, b); b = mix(a, b, 13)
  a = i32x4.add(a, b); b = mix(a, b, 15)
  a = i32x4.add(a, b); b = mix(a, b, 26)
  a = i32x4.add(a, b); b = mix(a, b, 6)
  a = i32x4.add(a, k2); b = i32x4.add(b, i32x4.add(k0, i32x4.add(four, one)))
  v128.store(to, a)
  v128.store(to, b, 16)
}

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

/** Four blocks at a time in memory: first words at `x0`, second at `x1`, 16 bytes per four. */
// @ts-ignore: decorator
@inline
function mix4(
  x0: usize, x1: usize, bytes: usize, r0: i32, r1: i32, r2: i32, r3: i32, key0: u32, key1: u32
): void {
  const k0 = i32x4.splat(key0)
  const k1 = i32x4.splat(key1)
  for (let i: usize = 0; i < bytes; i += 16) {
    let a = v128.load(x0 + i)
    let b = v128.load(x1 + i)
    a = i32x4.add(a, b)
    b = v128.xor(rotl4(b, r0), a)
    a = i32x4.add(a, b)
    b = v128.xor(rotl4(b, r1), a)
    a = i32x4.add(a, b)
    b = v128.xor(rotl4(b, r2), a)
    a = i32x4.add(a, b)
    b = v128.xor(rotl4(b, r3), a)
    v128.store(x0 + i, i32x4.add(a, k0))
    v128.store(x1 + i, i32x4.add(b, k1))
  }
}

/**
 * Many blocks, same bits as `threefry` per lane: `x0` holds first counters, and both hold outputs
 * afterwards. Goes through all of them four rounds at a time, so that their chains overlap.
 */
export function threefryMany(
  key0: u32, key1: u32, counter1: u32, x0: usize, x1: usize, bytes: usize
): void {
  const key2 = PARITY ^ key0 ^ key1
  const first = i32x4.splat(key0)
  const second = i32x4.splat(counter1 + key1)
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(x0 + i, i32x4.add(v128.load(x0 + i), first))
    v128.store(x1 + i, second)
  }
  mix4(x0, x1, bytes, 13, 15, 26, 6, key1, key2 + 1)
  mix4(x0, x1, bytes, 17, 29, 16, 24, key2, key0 + 2)
  mix4(x0, x1, bytes, 13, 15, 26, 6, key0, key1 + 3)
  mix4(x0, x1, bytes, 17, 29, 16, 24, key1, key2 + 4)
  mix4(x0, x1, bytes, 13, 15, 26, 6, key2, key0 + 5)
}

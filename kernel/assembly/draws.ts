/**
 * Random draws of a particle in a step: Threefry with the member's key, counter (particle id,
 * step · 256 + draw). Each purpose has its own draw number, so that no term changes another's luck.
 */
import { threefry } from './threefry'

/** Steps count by this, so a step has as many draws. */
export const DRAWS_PER_STEP: i32 = 256
export const DRAW_WALK: i32 = 0
/** First word: beaching or refloat; second word: removal. */
export const DRAW_FATE: i32 = 1
export const DRAW_DEPTH: i32 = 2
export const DRAW_NOISE: i32 = 3
export const DRAW_NOISE_START: i32 = 4

/** Standard deviation of the sum of two whole uniforms of [0, 65535]: √((65536² − 1)/6). */
export const PAIR_DEVIATION: f64 = Math.sqrt((65536.0 * 65536.0 - 1.0) / 6.0)

let key0: u32 = 0
let key1: u32 = 0

export function setKey(k0: u32, k1: u32): void {
  key0 = k0
  key1 = k1
}

/** 64 random bits. */
export function draw(id: u32, step: i32, which: i32): u64 {
  return threefry(key0, key1, id, <u32>(step * DRAWS_PER_STEP + which))
}

/** Mean 0, variance 1, within ±√6: the sum of the two halves of a word. */
export function standard(word: u32): f64 {
  return <f64>(<i32>(word & 0xffff) + <i32>(word >> 16) - 65535) / PAIR_DEVIATION
}

/** How many of 2³² words mean yes for a probability. */
export function threshold(probability: f64): u64 {
  return <u64>nearest<f64>(probability * 4294967296.0)
}

/** 1 − e^{−time/scale}: chance within a time of what happens at a mean rate of 1/scale. */
export function chance(time: f64, scale: f64): f64 {
  return 1.0 - Math.exp(-time / scale)
}

/** Id whose draws belong to the member, not to a particle: no particle has it. */
const MEMBER_ID: u32 = 0xffffffff

/** Bounded standard draw of a member for one of its perturbations. */
export function memberStandard(k0: u32, k1: u32, which: u32): f64 {
  return standard(<u32>threefry(k0, k1, MEMBER_ID, which))
}

/** Uniform draw of a member in [0, 1). */
export function memberUniform(k0: u32, k1: u32, which: u32): f64 {
  return <f64><u32>threefry(k0, k1, MEMBER_ID, which) * (1.0 / 4294967296.0)
}

/**
 * When a particle afloat is no longer followed: at a greatest age, or by chance with a half-life,
 * p = 1 − 2^{−dt/halfLife} per step. Beached particles keep their status; one that drifts again
 * past its age retires at once.
 */
import { chance, draw, DRAW_FATE, threshold } from './draws'

const LN_2: f64 = 0.69314718055994530942

/** Steps since release; 0 is no limit. */
let maxAge: i32 = 0
let removeBelow: u64 = 0

/** `maxAgeSteps`, `halfLifeSeconds` of 0 mean none. */
export function setRetirement(maxAgeSteps: i32, halfLifeSeconds: f64, stepSeconds: f64): void {
  maxAge = maxAgeSteps
  const hasHalfLife = halfLifeSeconds > 0.0
  removeBelow = hasHalfLife
    ? threshold(chance(Math.abs(stepSeconds), halfLifeSeconds / LN_2))
    : 0
}

export function isNeeded(): bool {
  return maxAge > 0 || removeBelow > 0
}

/** Is a particle, released `age` steps ago, retired at the end of a step? */
export function isRetired(id: u32, step: i32, age: i32): bool {
  if (maxAge > 0 && age >= maxAge) return true
  return removeBelow > 0 && draw(id, step, DRAW_FATE) >> 32 < removeBelow
}

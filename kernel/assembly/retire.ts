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

/** First step after which one of the particles noted has its greatest age. */
let nextStep: i32 = i32.MAX_VALUE

export function forgetAges(): void {
  nextStep = i32.MAX_VALUE
}

/** Notes a particle set afloat that is or was released at a step. */
export function noteRelease(step: i32): void {
  if (maxAge > 0) nextStep = min(nextStep, step + maxAge)
}

/** May a particle be retired at the end of a step? */
export function isNeeded(step: i32): bool {
  return removeBelow > 0 || step + 1 >= nextStep
}

/** Is a particle, released `age` steps ago, retired at the end of a step? */
export function isRetired(id: u32, step: i32, age: i32): bool {
  if (maxAge > 0 && age >= maxAge) return true
  return removeBelow > 0 && draw(id, step, DRAW_FATE) >> 32 < removeBelow
}

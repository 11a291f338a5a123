/**
 * What the particles of a class have in common: range of windage, rise velocity, fixed depth.
 */

/** As many as protocol/limits.ts allows. */
const CLASSES_MAX: usize = 64
/** Per class: f64 least windage, f64 span of windage, f64 rise velocity in m/s, f64 depth in m. */
const ENTRY_BYTES: usize = 32
const table = memory.data(CLASSES_MAX * ENTRY_BYTES, 16)
const SHARE_UNIT: f64 = 1.0 / 65535.0

/** The member's factor is folded into windage. */
export function setClass(
  index: i32, windageLow: f64, windageHigh: f64, riseVelocity: f64, depth: f64
): void {
  const at = table + <usize>index * ENTRY_BYTES
  store<f64>(at, windageLow)
  store<f64>(at, windageHigh - windageLow, 8)
  store<f64>(at, riseVelocity, 16)
  store<f64>(at, depth, 24)
}

/** Windage of a particle whose share of the range is `share` / 65535. */
export function windageOf(index: i32, share: u16): f32 {
  const at = table + <usize>index * ENTRY_BYTES
  return <f32>(load<f64>(at) + <f64>share * SHARE_UNIT * load<f64>(at, 8))
}

/** Upward speed in still water, m/s. */
export function riseVelocityOf(index: i32): f64 {
  return load<f64>(table + <usize>index * ENTRY_BYTES, 16)
}

/** Fixed depth, m; 0 is the surface. */
export function depthOf(index: i32): f64 {
  return load<f64>(table + <usize>index * ENTRY_BYTES, 24)
}

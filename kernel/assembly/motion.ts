/**
 * The general path: one particle at a time, with everything a step may hold beyond the fast path of
 * advect.ts: depth (fixed or mixed by the wind), currents of several levels, Stokes drift at depth,
 * diffusivity from a field, autoregressive noise.
 *   dx/dt = U(x, z, t) + s(z)·Us(x, t) + c·(Uw(x, t) − r·U(x, z, t))
 * by the same schemes with the same rounding of stages; z and s are those of the start of the step.
 * Then once per step, at the start's place, the kick: √(2K|dt|)·ξ + ∇K·|dt| + n·dt.
 */
import * as classes from './classes'
import {
  draw, DRAW_DEPTH, DRAW_NOISE, DRAW_NOISE_START, DRAW_WALK, standard
} from './draws'
import * as fields from './fields'
import * as grid from './grid'
import { AT_CLASS, AT_NOISE, AT_WINDAGE, FRACTION_BITS, FRACTION_MASK, HALO, QUANTA } from './layout'
import { mixingDepth, periodOfWind, stokesShare } from './waves'

const RK4: i32 = 0
const RK2: i32 = 1
/** Above this a value comes from a hole. */
const HOLE_QUANTA: f32 = 1e12
/** Noise is stored in ±4 standard deviations: 1 in 16,000 draws of a stationary one is beyond. */
const NOISE_DEVIATIONS: f64 = 4.0
const NOISE_UNITS: f64 = 32767.0 / NOISE_DEVIATIONS

let scheme: i32 = RK4
let stepSeconds: f64 = 0
let isRelative: bool = false
let isMixed: bool = false
let fixedPeriod: f64 = 0
let diffusivity: f64 = 0
let isDiffusivityField: bool = false
let noiseDeviation: f64 = 0
/** What of the noise a step keeps, and the deviation of what it adds. */
let noiseKept: f64 = 0
let noiseAdded: f64 = 0
let metric: usize = 0

export let isOn: bool = false

/** Displacement (quanta) and the largest component of any stage, of the particle moved last. */
export let dx: f32 = 0
export let dy: f32 = 0
export let peak: f32 = 0

export function setVertical(general: bool, mixed: bool, relative: bool, period: f64): void {
  isOn = general
  isMixed = mixed
  isRelative = relative
  fixedPeriod = period
}

export function setNoise(deviation: f64, timescale: f64, seconds: f64): void {
  noiseDeviation = deviation
  noiseKept = deviation > 0.0 ? Math.exp(-Math.abs(seconds) / timescale) : 0.0
  noiseAdded = Math.sqrt(1.0 - noiseKept * noiseKept)
}

export function setMotion(
  kind: i32, k: f64, isField: bool, seconds: f64, metricAt: usize
): void {
  scheme = kind
  diffusivity = k
  isDiffusivityField = isField
  stepSeconds = seconds
  metric = metricAt + (<usize>(HALO * grid.stride + HALO) << 4)
}

// @ts-ignore: decorator
@inline
function offsetOf(x: i32, y: i32): usize {
  return <usize>((y >> FRACTION_BITS) * grid.stride + (x >> FRACTION_BITS))
}

// @ts-ignore: decorator
@inline
function shareOf(x: i32): f32 {
  return <f32>(x & FRACTION_MASK) * <f32>(1.0 / <f64>QUANTA)
}

/** Bilinear value of a field of four f32 per node. */
function four(field: usize, x: i32, y: i32): v128 {
  const at = field + (offsetOf(x, y) << 4)
  const upper = at + (<usize>grid.stride << 4)
  const fx = f32x4.splat(shareOf(x))
  const a = v128.load(at)
  const b = v128.load(upper)
  const low = f32x4.add(a, f32x4.mul(fx, f32x4.sub(v128.load(at, 16), a)))
  const high = f32x4.add(b, f32x4.mul(fx, f32x4.sub(v128.load(upper, 16), b)))
  return f32x4.add(low, f32x4.mul(f32x4.splat(shareOf(y)), f32x4.sub(high, low)))
}

/** Bilinear value of a field of two f32 per node; lanes 2, 3 mean nothing. */
function two(field: usize, x: i32, y: i32): v128 {
  const at = field + (offsetOf(x, y) << 3)
  const upper = at + (<usize>grid.stride << 3)
  const fx = f32x4.splat(shareOf(x))
  const a = v128.load64_zero(at)
  const b = v128.load64_zero(upper)
  const low = f32x4.add(a, f32x4.mul(fx, f32x4.sub(v128.load64_zero(at, 8), a)))
  const high = f32x4.add(b, f32x4.mul(fx, f32x4.sub(v128.load64_zero(upper, 8), b)))
  return f32x4.add(low, f32x4.mul(f32x4.splat(shareOf(y)), f32x4.sub(high, low)))
}

let kx: f32 = 0
let ky: f32 = 0
let share: f32 = 1
let windage: f32 = 0

/** k at a position of a half step, with the depth found before. */
function velocity(half: i32, x: i32, y: i32): void {
  let water = two(fields.waterOf(half, fields.upperLevel), x, y)
  if (fields.lowerShare > 0) {
    const lower = two(fields.waterOf(half, fields.lowerLevel), x, y)
    water = f32x4.add(water, f32x4.mul(f32x4.splat(fields.lowerShare), f32x4.sub(lower, water)))
  }
  const drift = four(fields.driftOf(half), x, y)
  let wind = v128.shuffle<i32>(drift, drift, 2, 3, 2, 3)
  if (isRelative) wind = f32x4.sub(wind, water)
  const k = f32x4.add(
    f32x4.add(water, f32x4.mul(f32x4.splat(share), drift)),
    f32x4.mul(f32x4.splat(windage), wind)
  )
  kx = f32x4.extract_lane(k, 0)
  ky = f32x4.extract_lane(k, 1)
  peak = max(peak, max(abs(kx), abs(ky)))
}

/** Nearest whole quanta within ± one cell; `peak` remembers the excess. */
function quantaOf(displacement: f32): i32 {
  const limit = <f32>QUANTA
  return <i32>nearest<f32>(max(-limit, min(limit, displacement)))
}

/** Displacement of the deterministic part. */
function integrate(x: i32, y: i32): void {
  velocity(0, x, y)
  dx = kx
  dy = ky
  if (scheme != RK4 && scheme != RK2) return
  const half: f32 = 0.5
  velocity(1, x + quantaOf(kx * half), y + quantaOf(ky * half))
  if (scheme == RK2) {
    dx = kx
    dy = ky
    return
  }
  dx += kx + kx
  dy += ky + ky
  velocity(1, x + quantaOf(kx * half), y + quantaOf(ky * half))
  dx += kx + kx
  dy += ky + ky
  velocity(2, x + quantaOf(kx), y + quantaOf(ky))
  dx = (dx + kx) / 6
  dy = (dy + ky) / 6
}

/** Noise of a particle in standard deviations, one step on; saturates at ±4. */
function nextNoise(row: usize, offset: usize, word: u32): f64 {
  const before = <f64>load<i16>(row + AT_NOISE + offset) / NOISE_UNITS
  const after = noiseKept * before + noiseAdded * standard(word)
  const units = nearest<f64>(Math.max(-32767.0, Math.min(32767.0, after * NOISE_UNITS)))
  store<i16>(row + AT_NOISE + offset, <i16>units)
  return units / NOISE_UNITS
}

/** Gives a particle that is released its first noise, of the stationary distribution. */
export function startNoise(row: usize, id: u32, step: i32): void {
  if (noiseDeviation == 0.0) return
  const words = draw(id, step, DRAW_NOISE_START)
  store<i16>(row + AT_NOISE, <i16>nearest<f64>(standard(<u32>words) * NOISE_UNITS))
  store<i16>(row + AT_NOISE + 2, <i16>nearest<f64>(standard(<u32>(words >> 32)) * NOISE_UNITS))
}

/** Adds what random terms move the particle by; false where the diffusivity is a hole. */
function kick(row: usize, id: u32, step: i32, x: i32, y: i32, conditions: v128): bool {
  const turn = four(metric, x, y)
  const xEast = <f64>f32x4.extract_lane(turn, 0)
  const xNorth = <f64>f32x4.extract_lane(turn, 1)
  const yEast = <f64>f32x4.extract_lane(turn, 2)
  const yNorth = <f64>f32x4.extract_lane(turn, 3)
  let east: f64 = 0
  let north: f64 = 0
  let k = diffusivity
  const seconds = Math.abs(stepSeconds)
  if (isDiffusivityField) {
    k *= <f64>f32x4.extract_lane(conditions, 3)
    if (!(k < <f64>HOLE_QUANTA)) return false
    const at = fields.conditionsOf() + (offsetOf(x, y) << 4) + 12
    const upper = at + (<usize>grid.stride << 4)
    const a = <f64>load<f32>(at)
    const b = <f64>load<f32>(at, 16)
    const c = <f64>load<f32>(upper)
    const d = <f64>load<f32>(upper, 16)
    const byX = diffusivity * (b - a + <f64>shareOf(y) * (d - c - b + a))
    const byY = diffusivity * (c - a + <f64>shareOf(x) * (d - b - c + a))
    east += (byX * xEast + byY * yEast) * seconds
    north += (byX * xNorth + byY * yNorth) * seconds
  }
  if (k > 0.0) {
    const words = draw(id, step, DRAW_WALK)
    const deviation = Math.sqrt(2.0 * k * seconds)
    east += deviation * standard(<u32>words)
    north += deviation * standard(<u32>(words >> 32))
  }
  if (noiseDeviation > 0.0) {
    const words = draw(id, step, DRAW_NOISE)
    east += noiseDeviation * stepSeconds * nextNoise(row, 0, <u32>words)
    north += noiseDeviation * stepSeconds * nextNoise(row, 2, <u32>(words >> 32))
  }
  dx += <f32>((xEast * east + xNorth * north) * <f64>QUANTA)
  dy += <f32>((yEast * east + yNorth * north) * <f64>QUANTA)
  return true
}

/** Depth of a particle in this step, m; negative where the wind that decides it is a hole. */
function depthOf(kind: i32, id: u32, step: i32, windSpeed: f64): f64 {
  const fixed = classes.depthOf(kind)
  if (fixed > 0.0 || !isMixed) return fixed
  if (!(windSpeed < <f64>HOLE_QUANTA)) return -1.0
  const unit = <f64><u32>draw(id, step, DRAW_DEPTH) * (1.0 / 4294967296.0)
  return -Math.log(1.0 - unit) * mixingDepth(windSpeed, classes.riseVelocityOf(kind))
}

/** Share of the surface Stokes drift at a depth; negative where no period is known. */
function shareAt(depth: f64, windSpeed: f64, conditions: v128): f64 {
  if (depth <= 0.0 || !fields.hasStokes()) return 1.0
  if (fixedPeriod > 0.0) return stokesShare(depth, fixedPeriod)
  if (fields.hasPeriod()) {
    const period = <f64>f32x4.extract_lane(conditions, 2)
    if (period > 0.0 && period < <f64>HOLE_QUANTA) return stokesShare(depth, period)
  }
  if (!fields.hasWind() || !(windSpeed < <f64>HOLE_QUANTA)) return -1.0
  const period = periodOfWind(windSpeed)
  return period > 0.0 ? stokesShare(depth, period) : 0.0
}

/** Moves the particle of a table row: dx, dy, peak. What meets a hole gets a peak of one. */
export function displace(row: usize, id: u32, step: i32, x: i32, y: i32): void {
  const kind = <i32>load<u8>(row, AT_CLASS)
  windage = classes.windageOf(kind, load<u16>(row, AT_WINDAGE))
  peak = 0
  const conditions = four(fields.conditionsOf(), x, y)
  const windEast = <f64>f32x4.extract_lane(conditions, 0)
  const windNorth = <f64>f32x4.extract_lane(conditions, 1)
  const windSpeed = Math.sqrt(windEast * windEast + windNorth * windNorth)
  const depth = depthOf(kind, id, step, windSpeed)
  const left = depth < 0.0 ? -1.0 : shareAt(depth, windSpeed, conditions)
  if (left < 0.0) {
    peak = f32.MAX_VALUE
    return
  }
  share = <f32>left
  fields.findLevels(depth)
  integrate(x, y)
  if (!kick(row, id, step, x, y, conditions)) peak = f32.MAX_VALUE
  peak = max(peak, max(abs(dx), abs(dy)))
}

/**
 * Waves and wind below the surface: Stokes drift at depth, wave period from the wind, and how deep
 * wind stirs buoyant particles. All functions are the module's own arithmetic.
 */
const PI: f64 = 3.14159265358979323846
const TWO_PI: f64 = 2.0 * PI
export const GRAVITY: f64 = 9.81
/** Terms are added until they no longer change the sum: at most this many at x = 2. */
const TERMS_MAX: i32 = 60
/** Levels of the continued fraction: full precision from x = 2 on. */
const LEVELS: i32 = 80

/**
 * Complementary error function for x ≥ 0. Below 2: 1 − (2/√π) e^{−x²} Σ 2ⁿ x^{2n+1}/(2n+1)!!
 * (Abramowitz & Stegun 7.1.6), from there e^{−x²}/(√π (x + ½/(x + 1/(x + 3⁄2/(x + …))))) (7.1.14).
 */
export function erfc(x: f64): f64 {
  const square = x * x
  if (x < 2.0) {
    let term = x
    let sum = x
    for (let n: i32 = 1; n < TERMS_MAX; n++) {
      term *= (2.0 * square) / <f64>(2 * n + 1)
      sum += term
    }
    return 1.0 - (2.0 / Math.sqrt(PI)) * Math.exp(-square) * sum
  }
  let fraction = x
  for (let n = LEVELS; n > 0; n--) fraction = x + (0.5 * <f64>n) / fraction
  return Math.exp(-square) / (Math.sqrt(PI) * fraction)
}

/**
 * Share of the surface Stokes drift left at a depth of z metres (≥ 0) under waves of peak period T
 * seconds: e^{−q} − √(πq)·erfc(√q), q = 2kz, k = (2π/T)²/g, the profile of a Phillips spectrum
 * (Breivik et al. 2016, doi:10.1016/j.ocemod.2016.01.005, eq. 16).
 */
export function stokesShare(depth: f64, period: f64): f64 {
  if (depth <= 0.0) return 1.0
  const frequency = TWO_PI / period
  const q = (2.0 * frequency * frequency * depth) / GRAVITY
  const share = Math.exp(-q) - Math.sqrt(PI * q) * erfc(Math.sqrt(q))
  return share > 0.0 ? share : 0.0
}

/**
 * Peak period (s) of a fully developed sea: ω = 0.877·g/(1.17·U10) (Pierson & Moskowitz 1964,
 * doi:10.1029/JZ069i024p05181; WMO 702, eq. 2.22). Calm air has no waves: 0.
 */
export function periodOfWind(speed: f64): f64 {
  return (TWO_PI * 1.17 * speed) / (0.877 * GRAVITY)
}

/** Air and sea water, kg/m³. */
const AIR_DENSITY: f64 = 1.22
const SEA_DENSITY: f64 = 1027.0
const KARMAN: f64 = 0.4
/** Wave age of a mature sea. */
const WAVE_AGE: f64 = 35.0

/** Drag of the wind on the sea: 1.2·10⁻³ up to 11 m/s, then (0.49 + 0.065·U10)·10⁻³ to 25 m/s
 * (Large & Pond 1981, doi:10.1175/1520-0485(1981)011<0324:OOMFMI>2.0.CO;2). */
function drag(speed: f64): f64 {
  if (speed <= 11.0) return 1.2e-3
  return (0.49 + 0.065 * Math.min(speed, 25.0)) * 1e-3
}

/**
 * Depth (m) over which the concentration of particles that rise at w_b m/s falls by e under wind
 * of U10 m/s: A₀/w_b, A₀ = 1.5·u*·κ·Hs, Hs = 0.96·σ^{3/2}·u*ₐ²/g (Kukulka et al. 2012,
 * doi:10.1029/2012GL051116, eq. 4). u* is the friction velocity in water, u*ₐ that in air.
 */
export function mixingDepth(speed: f64, riseVelocity: f64): f64 {
  const airFriction2 = drag(speed) * speed * speed
  const waterFriction = Math.sqrt((airFriction2 * AIR_DENSITY) / SEA_DENSITY)
  const waveHeight = (0.96 * WAVE_AGE * Math.sqrt(WAVE_AGE) * airFriction2) / GRAVITY
  return (1.5 * waterFriction * KARMAN * waveHeight) / riseVelocity
}

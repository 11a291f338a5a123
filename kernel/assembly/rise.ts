/**
 * How fast buoyant plastic rises in still water, from its size and density.
 */
import { GRAVITY } from './waves'

const LN_10: f64 = 2.302585092994045684
/** Joints of the curve in D*: Stokes below the first, constant drag above the second. */
const STOKES_BELOW: f64 = 0.05
const CONSTANT_DRAG_ABOVE: f64 = 5e9

/**
 * Dynamic viscosity of sea water, kg/(m s): μ = μ_w(1 + A·S + B·S²), μ_w = 4.2844·10⁻⁵ +
 * 1/(c·(T + 64.993)² − 91.296), T in °C, S in kg/kg (Sharqawy et al. 2010,
 * doi:10.5004/dwt.2010.1079, eq. 22 and 23, where c = 0.157).
 */
export function viscosity(temperature: f64, salinity: f64, c: f64): f64 {
  const share = salinity * 1e-3
  const shifted = temperature + 64.993
  const pure = 4.2844e-5 + 1.0 / (c * shifted * shifted - 91.296)
  const a = 1.541 + 1.998e-2 * temperature - 9.52e-5 * temperature * temperature
  const b = 7.974 - 7.561e-2 * temperature + 4.724e-4 * temperature * temperature
  return pure * (1.0 + a * share + b * share * share)
}

/** The fitted curve W*(D*), 0.05 ≤ D* ≤ 5·10⁹. */
function fitted(size: f64): f64 {
  const l = Math.log(size) / LN_10
  return Math.exp(
    LN_10 * (-3.76715 + l * (1.92944 + l * (-0.09815 + l * (-0.00575 + l * 0.00056))))
  )
}

/** Dimensionless speed W* of a dimensionless size D*. */
export function speedOfSize(size: f64): f64 {
  if (size < STOKES_BELOW) return 1.71e-4 * size * size
  if (size <= CONSTANT_DRAG_ABOVE) return fitted(size)
  // Drag stays what it is at the end of the fit: w² ∝ D, so W* ∝ √D*.
  return fitted(CONSTANT_DRAG_ABOVE) * Math.sqrt(size / CONSTANT_DRAG_ABOVE)
}

/**
 * Upward speed (m/s) of a sphere of a diameter (m) and density (kg/m³) in water of a density and
 * dynamic viscosity; 0 for what does not float. D* = Δ·g·D³/ν², W* = w³/(Δ·g·ν), Δ = 1 − ρ/ρ_w
 * (Dietrich 1982, doi:10.1029/WR018i006p01615, eq. 8 and 9).
 */
export function riseVelocity(
  diameter: f64, density: f64, waterDensity: f64, dynamicViscosity: f64
): f64 {
  const buoyancy = 1.0 - density / waterDensity
  if (!(buoyancy > 0.0)) return 0.0
  const kinematic = dynamicViscosity / waterDensity
  const size = (buoyancy * GRAVITY * diameter * diameter * diameter) / (kinematic * kinematic)
  return Math.cbrt(speedOfSize(size) * buoyancy * GRAVITY * kinematic)
}

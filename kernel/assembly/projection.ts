/**
 * Map projections that ocean and weather models run on, forward and inverse, on an ellipsoid or a
 * sphere: polar stereographic, Lambert conformal with one or two standard parallels, Mercator
 * (Snyder 1987, USGS PP 1395, chapters 21, 15 and 7) and the rotated pole. Used at ingest only:
 * the coordinates and the metric that follow from them are content.
 * Transcendental functions are AssemblyScript's own, so equal files give equal bits everywhere.
 */
const RADIANS: f64 = 3.14159265358979323846 / 180.0
const HALF_PI: f64 = 3.14159265358979323846 / 2.0

export const POLAR_STEREOGRAPHIC: i32 = 0
export const LAMBERT: i32 = 1
export const MERCATOR: i32 = 2
export const ROTATED_POLE: i32 = 3

/** The series for latitude gains 2 to 3 digits per round; 16 is beyond the last bit. */
const LATITUDE_ROUNDS: i32 = 16
/** Standard parallels nearer than this (degrees) are one. */
const SAME_PARALLEL: f64 = 1e-9

let kind: i32 = 0
let e: f64 = 0
let lon0: f64 = 0
let falseEast: f64 = 0
let falseNorth: f64 = 0
/** +1 north pole, −1 south pole. */
let side: f64 = 1
/** ρ = radius · t (stereographic), radius · tⁿ (Lambert); x = radius · λ (Mercator). */
let radius: f64 = 1
let cone: f64 = 1
let origin: f64 = 0
let sinPole: f64 = 1
let cosPole: f64 = 0
let gridLon0: f64 = 0

/** t of Snyder eq. 15-9: tan(π/4 − φ/2) / ((1 − e sinφ)/(1 + e sinφ))^{e/2}, φ in radians. */
function tOf(lat: f64): f64 {
  const sine = e * Math.sin(lat)
  const tangent = Math.tan(HALF_PI * 0.5 - lat * 0.5)
  return e == 0.0 ? tangent : tangent / Math.exp(e * 0.5 * Math.log((1.0 - sine) / (1.0 + sine)))
}

/** m of Snyder eq. 14-15. */
function mOf(lat: f64): f64 {
  const sine = e * Math.sin(lat)
  return Math.cos(lat) / Math.sqrt(1.0 - sine * sine)
}

/** Latitude (radians) of t by fixed-point iteration (Snyder eq. 7-9). */
function latOfT(t: f64): f64 {
  let lat = HALF_PI - 2.0 * Math.atan(t)
  if (e == 0.0) return lat
  for (let round = 0; round < LATITUDE_ROUNDS; round++) {
    const sine = e * Math.sin(lat)
    const power = Math.exp(e * 0.5 * Math.log((1.0 - sine) / (1.0 + sine)))
    lat = HALF_PI - 2.0 * Math.atan(t * power)
  }
  return lat
}

/**
 * Sets the projection; angles in degrees, lengths in metres. `latOrigin` is ±90 for polar
 * stereographic; `first` and `second` are its standard parallels (equal: one), of which
 * stereographic and Mercator use the first; `scale` is the scale factor on top of them. For the
 * rotated pole `latOrigin`, `lonOrigin` are the geographic place of its north pole and `first` is
 * the grid longitude that is 0 there.
 */
export function setProjection(
  which: i32, semiMajor: f64, eccentricity2: f64, latOrigin: f64, lonOrigin: f64, first: f64,
  second: f64, scale: f64, easting: f64, northing: f64
): void {
  kind = which
  e = Math.sqrt(eccentricity2)
  lon0 = lonOrigin
  falseEast = easting
  falseNorth = northing
  side = latOrigin < 0.0 ? -1.0 : 1.0
  if (which == POLAR_STEREOGRAPHIC) {
    const parallel = Math.abs(first) * RADIANS
    // At the pole itself m/t has the limit 2 / √((1+e)^{1+e} (1−e)^{1−e}) (eq. 21-33).
    radius = semiMajor * scale * (Math.abs(first) > 90.0 - 1e-9
      ? 2.0 / Math.sqrt(Math.exp((1.0 + e) * Math.log(1.0 + e) + (1.0 - e) * Math.log(1.0 - e)))
      : mOf(parallel) / tOf(parallel))
  } else if (which == LAMBERT) {
    const one = first * RADIANS
    const two = second * RADIANS
    cone = Math.abs(first - second) < SAME_PARALLEL
      ? Math.sin(one)
      : (Math.log(mOf(one)) - Math.log(mOf(two))) / (Math.log(tOf(one)) - Math.log(tOf(two)))
    radius = (semiMajor * scale * mOf(one)) / (cone * Math.exp(cone * Math.log(tOf(one))))
    origin = latOrigin >= 90.0 - 1e-12
      ? 0.0
      : radius * Math.exp(cone * Math.log(tOf(latOrigin * RADIANS)))
  } else if (which == MERCATOR) {
    radius = semiMajor * scale * mOf(first * RADIANS)
  } else {
    sinPole = Math.sin(latOrigin * RADIANS)
    cosPole = Math.cos(latOrigin * RADIANS)
    gridLon0 = first
  }
}

export let outX: f64 = 0
export let outY: f64 = 0

/** Degrees into [−180, 180). */
function wrapped(lon: f64): f64 {
  const turned = lon - 360.0 * Math.floor((lon + 180.0) / 360.0)
  return turned >= 180.0 ? turned - 360.0 : turned
}

/** Grid coordinates (metres; degrees on a rotated pole) → degrees in outX, outY. */
export function inverse(gridX: f64, gridY: f64): void {
  const x = gridX - falseEast
  const y = gridY - falseNorth
  if (kind == POLAR_STEREOGRAPHIC) {
    const t = Math.sqrt(x * x + y * y) / radius
    outX = wrapped(lon0 + (x == 0.0 && y == 0.0 ? 0.0 : Math.atan2(x, -side * y)) / RADIANS)
    outY = (side * latOfT(t)) / RADIANS
  } else if (kind == LAMBERT) {
    const sign: f64 = cone < 0.0 ? -1.0 : 1.0
    const down = origin - y
    const rho = sign * Math.sqrt(x * x + down * down)
    const angle = rho == 0.0 ? 0.0 : Math.atan2(sign * x, sign * down)
    outX = wrapped(lon0 + angle / cone / RADIANS)
    outY = rho == 0.0
      ? sign * 90.0
      : latOfT(Math.exp(Math.log(rho / radius) / cone)) / RADIANS
  } else if (kind == MERCATOR) {
    outX = wrapped(lon0 + x / radius / RADIANS)
    outY = latOfT(Math.exp(-y / radius)) / RADIANS
  } else {
    turn((gridX - gridLon0) * RADIANS, gridY * RADIANS)
    outX = wrapped(lon0 + outX)
  }
}

/** Rotated pole → geographic relative to its meridian, in degrees. */
function turn(lon: f64, lat: f64): void {
  const along = Math.cos(lat) * Math.cos(lon)
  const across = Math.cos(lat) * Math.sin(lon)
  const up = Math.sin(lat)
  const x = cosPole * up - sinPole * along
  const z = sinPole * up + cosPole * along
  outX = Math.atan2(-across, x) / RADIANS
  outY = Math.atan2(z, Math.sqrt(x * x + across * across)) / RADIANS
}

/** Degrees → grid coordinates in outX, outY. */
export function forward(lon: f64, lat: f64): void {
  const turned = wrapped(lon - lon0) * RADIANS
  const phi = lat * RADIANS
  if (kind == POLAR_STEREOGRAPHIC) {
    const rho = radius * tOf(side * phi)
    outX = falseEast + rho * Math.sin(turned)
    outY = falseNorth - side * rho * Math.cos(turned)
  } else if (kind == LAMBERT) {
    const rho = radius * Math.exp(cone * Math.log(tOf(phi)))
    outX = falseEast + rho * Math.sin(cone * turned)
    outY = falseNorth + origin - rho * Math.cos(cone * turned)
  } else if (kind == MERCATOR) {
    outX = falseEast + radius * turned
    outY = falseNorth - radius * Math.log(tOf(phi))
  } else {
    const across = -Math.cos(phi) * Math.sin(turned)
    const x = Math.cos(phi) * Math.cos(turned)
    const z = Math.sin(phi)
    const along = cosPole * z - sinPole * x
    const up = sinPole * z + cosPole * x
    outX = wrapped(gridLon0 + Math.atan2(across, along) / RADIANS)
    outY = Math.atan2(up, Math.sqrt(along * along + across * across)) / RADIANS
  }
}

/**
 * How degrees become metres: metric of a grid's nodes and areas of density cells. WGS84 radii:
 * M(φ) = a(1 − e²)/(1 − e² sin²φ)^{3/2}, N(φ) = a/(1 − e² sin²φ)^{1/2} (Snyder 1987, USGS PP 1395,
 * eq. 4-18 to 4-20). Sines are the module's own (compiled from AssemblyScript's standard library).
 */
export const WGS84: i32 = 0
export const SPHERE1852: i32 = 1
export const FLAT: i32 = 2

const SEMI_MAJOR_METRES: f64 = 6378137.0
const FLATTENING: f64 = 1.0 / 298.257223563
export const ECCENTRICITY2: f64 = FLATTENING * (2.0 - FLATTENING)
const RADIANS: f64 = 3.14159265358979323846 / 180.0
/** Metres of one degree on the sphere of the nautical mile. */
const DEGREE_METRES: f64 = 1852.0 * 60.0
/** Nearer to a pole than this a parallel has no length; planning keeps particles away. */
const COSINE_MIN: f64 = 1e-6

/** Radius of the sphere of the nautical mile. */
export const SPHERE_RADIUS_METRES: f64 = DEGREE_METRES / RADIANS

/** Radius of curvature N along the parallel, metres, of a latitude in degrees. */
export function eastRadius(lat: f64): f64 {
  const sine = Math.sin(lat * RADIANS)
  return SEMI_MAJOR_METRES / Math.sqrt(1.0 - ECCENTRICITY2 * sine * sine)
}

/** Radius of curvature M along the meridian, metres. */
export function northRadius(lat: f64): f64 {
  const sine = Math.sin(lat * RADIANS)
  const q = 1.0 - ECCENTRICITY2 * sine * sine
  return (SEMI_MAJOR_METRES * (1.0 - ECCENTRICITY2)) / (q * Math.sqrt(q))
}

/** Metres per degree northward at a latitude. */
export function northMetres(lat: f64, metric: i32): f64 {
  if (metric == FLAT) return 1.0
  if (metric == SPHERE1852) return DEGREE_METRES
  const sine = Math.sin(lat * RADIANS)
  const q = 1.0 - ECCENTRICITY2 * sine * sine
  return (SEMI_MAJOR_METRES * (1.0 - ECCENTRICITY2) * RADIANS) / (q * Math.sqrt(q))
}

/** Metres per degree eastward at a latitude, 0 at a pole. */
export function eastMetres(lat: f64, metric: i32): f64 {
  if (metric == FLAT) return 1.0
  const cosine = Math.cos(lat * RADIANS)
  if (cosine < COSINE_MIN) return 0.0
  if (metric == SPHERE1852) return DEGREE_METRES * cosine
  const sine = Math.sin(lat * RADIANS)
  return (SEMI_MAJOR_METRES * RADIANS * cosine) / Math.sqrt(1.0 - ECCENTRICITY2 * sine * sine)
}

/** Axis units per cell at node i: mean of the cells beside it. */
function spacing(axis: usize, length: i32, i: i32): f64 {
  const low = i > 0 ? i - 1 : 0
  const high = i < length - 1 ? i + 1 : length - 1
  return (load<f64>(axis + (<usize>high << 3)) - load<f64>(axis + (<usize>low << 3))) / <f64>(high - low)
}

/**
 * Cells per metre at every node, C order, four f32 each: [x per east, x per north, y per east,
 * y per north]; on a regular grid the middle two are 0.
 */
export function writeNodeMetric(
  longitudes: usize, columns: i32, latitudes: usize, rows: i32, metric: i32, out: usize
): void {
  for (let row: i32 = 0; row < rows; row++) {
    const lat = load<f64>(latitudes + (<usize>row << 3))
    const north = <f32>(1.0 / (northMetres(lat, metric) * spacing(latitudes, rows, row)))
    const east = eastMetres(lat, metric)
    for (let column: i32 = 0; column < columns; column++) {
      const perEast = east == 0.0 ? 0.0 : 1.0 / (east * spacing(longitudes, columns, column))
      store<f32>(out, <f32>perEast)
      store<f32>(out, 0.0, 4)
      store<f32>(out, 0.0, 8)
      store<f32>(out, north, 12)
      out += 16
    }
  }
}

/** Five-point Gauss–Legendre nodes and weights on [−1, 1] (Abramowitz & Stegun table 25.4). */
const NODE_1: f64 = 0.538469310105683091
const NODE_2: f64 = 0.906179845938663993
const WEIGHT_0: f64 = 0.568888888888888889
const WEIGHT_1: f64 = 0.478628670499366468
const WEIGHT_2: f64 = 0.236926885056189088
/** Latitude pieces of one cell: keeps the quadrature exact to the last bits for wide cells. */
const PIECES: i32 = 8

function strip(lat: f64, metric: i32): f64 {
  return northMetres(lat, metric) * eastMetres(lat, metric)
}

/** Area in km² between two latitudes over `width` degrees: ∫ M N cosφ dφ dλ. */
export function cellArea(south: f64, height: f64, width: f64, metric: i32): f64 {
  if (metric == FLAT) return height * width * 1e-6
  let sum: f64 = 0.0
  const half = height / <f64>(2 * PIECES)
  for (let piece: i32 = 0; piece < PIECES; piece++) {
    const middle = south + half * <f64>(2 * piece + 1)
    sum += WEIGHT_0 * strip(middle, metric)
    sum += WEIGHT_1 * (strip(middle - half * NODE_1, metric) + strip(middle + half * NODE_1, metric))
    sum += WEIGHT_2 * (strip(middle - half * NODE_2, metric) + strip(middle + half * NODE_2, metric))
  }
  return sum * half * width * 1e-6
}

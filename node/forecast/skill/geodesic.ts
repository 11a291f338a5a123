/**
 * Distance on the WGS84 ellipsoid for comparing tracks with drifters. It ends in no CID, so the
 * host's maths may serve.
 *
 * Vincenty 1975, doi:10.1179/sre.1975.23.176.88, inverse problem; to a millimetre except for points
 * nearly opposite each other on the globe, which no drifter and its model are.
 */

const EQUATOR_METRES = 6_378_137
const FLATTENING = 1 / 298.257_223_563
const POLE_METRES = EQUATOR_METRES * (1 - FLATTENING)
const RADIANS = Math.PI / 180
/** Converged when the longitude on the sphere moves by less: 0.01 mm. */
const TOLERANCE = 1e-12
/** It converges in a few rounds, or (opposite points) never. */
const ROUNDS_MAX = 100

const reduced = (lat: number): number => Math.atan((1 - FLATTENING) * Math.tan(lat * RADIANS))

export interface Place {
  readonly lon: number
  readonly lat: number
}

interface Arc {
  readonly sinSigma: number
  readonly cosSigma: number
  readonly cosSqAlpha: number
  /** cos 2σₘ: of the middle of the arc. */
  readonly middle: number
}

/** Arc on the auxiliary sphere between reduced latitudes, `lambda` apart (equations 14 to 18). */
function arcOf(u1: number, u2: number, lambda: number): Arc & { readonly sinAlpha: number } {
  const across = Math.cos(u2) * Math.sin(lambda)
  const along = Math.cos(u1) * Math.sin(u2) - Math.sin(u1) * Math.cos(u2) * Math.cos(lambda)
  const sinSigma = Math.hypot(across, along)
  const cosSigma = Math.sin(u1) * Math.sin(u2) + Math.cos(u1) * Math.cos(u2) * Math.cos(lambda)
  const sinAlpha = sinSigma === 0 ? 0 : (Math.cos(u1) * across) / sinSigma
  const cosSqAlpha = 1 - sinAlpha ** 2
  const middle = cosSqAlpha === 0 ? 0 : cosSigma - (2 * Math.sin(u1) * Math.sin(u2)) / cosSqAlpha
  return { sinSigma, cosSigma, sinAlpha, cosSqAlpha, middle }
}

/** Equations 3, 4, 6 and 19. */
function lengthOf({ sinSigma, cosSigma, cosSqAlpha, middle }: Arc): number {
  const square = (cosSqAlpha * (EQUATOR_METRES ** 2 - POLE_METRES ** 2)) / POLE_METRES ** 2
  const a = 1 + (square / 16_384) * (4096 + square * (-768 + square * (320 - 175 * square)))
  const b = (square / 1024) * (256 + square * (-128 + square * (74 - 47 * square)))
  const third = (b / 6) * middle * (-3 + 4 * sinSigma ** 2) * (-3 + 4 * middle ** 2)
  const delta = b * sinSigma * (middle + (b / 4) * (cosSigma * (-1 + 2 * middle ** 2) - third))
  return POLE_METRES * a * (Math.atan2(sinSigma, cosSigma) - delta)
}

/** Metres between two places in degrees; longitudes of any convention. */
export function distanceMetres(from: Place, to: Place): number {
  const u1 = reduced(from.lat)
  const u2 = reduced(to.lat)
  const turns = Math.round((to.lon - from.lon) / 360)
  const apart = (to.lon - from.lon - 360 * turns) * RADIANS
  let lambda = apart
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const arc = arcOf(u1, u2, lambda)
    const { sinSigma, cosSigma, sinAlpha, cosSqAlpha, middle } = arc
    const c = (FLATTENING / 16) * cosSqAlpha * (4 + FLATTENING * (4 - 3 * cosSqAlpha))
    const inner = middle + c * cosSigma * (-1 + 2 * middle ** 2)
    const sigma = Math.atan2(sinSigma, cosSigma)
    const next = apart + (1 - c) * FLATTENING * sinAlpha * (sigma + c * sinSigma * inner)
    if (Math.abs(next - lambda) < TOLERANCE) return lengthOf(arc)
    lambda = next
  }
  throw new RangeError('places on opposite sides of the globe')
}

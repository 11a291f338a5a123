/**
 * Which rows of a grid on longitudes and latitudes particles can come to in a forecast, by the
 * fastest water, waves and wind of every row. Cells grow thin towards the poles and the fastest
 * water is in the tropics: what nobody reaches must not shorten the step or widen the crops.
 */

/** The shortest degree of latitude, at the equator, rounded down. */
export const DEGREE_METRES = 110_500
/** Rows beside a particle's that the stages of a step may read. */
const MARGIN_ROWS = 3

export interface Rows {
  readonly first: number
  readonly last: number
}

export interface RowTravel {
  /** Degrees north of each row, ascending. */
  readonly latitudes: Float64Array
  /** Latitudes between which all particles start. */
  readonly start: readonly [south: number, north: number]
  /** Most that anything moves in a row, m/s. */
  readonly speedIn: (row: number) => number
  /** What is travelled besides: the random walk of the whole forecast. */
  readonly walkMetres: number
  readonly seconds: number
}

/** Rows reached, and those that are read from there. */
export function reachedRows(travel: RowTravel): Rows {
  const { latitudes, start } = travel
  const walk = travel.walkMetres / DEGREE_METRES
  const below = latitudes.findLastIndex((lat) => lat <= start[0] - walk)
  const above = latitudes.findIndex((lat) => lat >= start[1] + walk)
  const last = latitudes.length - 1
  const south = travelled(travel, Math.max(below, 0), -1)
  const north = travelled(travel, above < 0 ? last : above, 1)
  return { first: Math.max(south - MARGIN_ROWS, 0), last: Math.min(north + MARGIN_ROWS, last) }
}

function travelled({ latitudes, speedIn, seconds }: RowTravel, from: number, side: 1 | -1): number {
  let left = seconds
  let row = from
  while (row + side >= 0 && row + side < latitudes.length) {
    let speed = 0
    for (let near = -MARGIN_ROWS; near <= MARGIN_ROWS; near += 1) {
      const other = Math.min(Math.max(row + near, 0), latitudes.length - 1)
      speed = Math.max(speed, speedIn(other))
    }
    const metres = Math.abs((latitudes[row + side] ?? 0) - (latitudes[row] ?? 0)) * DEGREE_METRES
    if (speed === 0) return row
    left -= metres / speed
    if (left < 0) return row + side
    row += side
  }
  return row
}

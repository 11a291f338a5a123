/** The regular grid on which density is counted: which cell a place lies in, and back. */

export interface Grid {
  readonly west: number
  readonly south: number
  /** Degrees of one side of a cell. */
  readonly side: number
  readonly columns: number
  readonly rows: number
}

/** @param lons cell centres, ascending; a single one has the side of the other axis */
export function gridOf(lons: readonly number[], lats: readonly number[]): Grid {
  const [lon0 = 0, lon1] = lons
  const [lat0 = 0, lat1] = lats
  const side = lon1 === undefined ? (lat1 ?? lat0 + 1) - lat0 : lon1 - lon0
  const [columns, rows] = [lons.length, lats.length]
  return { west: lon0 - side / 2, south: lat0 - side / 2, side, columns, rows }
}

/** Row-major index of the cell, or −1 outside. */
export function cellAt(
  { west, south, side, columns, rows }: Grid,
  lon: number,
  lat: number
): number {
  const row = Math.floor((lat - south) / side)
  const east = lon - west
  const column = Math.floor((east - 360 * Math.floor(east / 360)) / side)
  return row >= 0 && row < rows && column < columns ? row * columns + column : -1
}

export interface Centre {
  readonly lon: number
  readonly lat: number
}

export const centreOf = ({ west, south, side, columns }: Grid, cell: number): Centre => ({
  lon: west + ((cell % columns) + 0.5) * side,
  lat: south + (Math.floor(cell / columns) + 0.5) * side
})

/**
 * What a coastline adds to a model's own land: nodes that the coastline has on land become land.
 * Land of the model stays land: no current is known there. Where missing values are gaps (of an
 * observation), the line alone says what is land.
 */
import { lonLatsOf } from '../grids/remap.ts'
import { boxOf, columnsOf, type Grid, rowsOf } from '../meaning/grid.ts'
import { Insides } from './inside.ts'
import type { Shoreline } from './shoreline.ts'

/** Land codes (0 sea, 1 land, 2 beyond the data) by both, in place. */
export function refineLand(
  land: Uint8Array,
  shoreline: Shoreline,
  grid: Grid,
  isGap: boolean,
  notes: string[]
): void {
  const insides = new Insides(shoreline, boxOf(grid))
  const columns = columnsOf(grid)
  let [added, opened, dry] = [0, 0, 0]
  for (let row = 0; row < rowsOf(grid); row++) {
    const inside = insides.of(lonLatsOf(grid, row, 1))
    for (let column = 0; column < columns; column++) {
      const node = row * columns + column
      if (land[node] === 0 && inside[column] === 1) {
        land[node] = 1
        added++
      } else if (land[node] === 1 && inside[column] === 0) {
        if (isGap) {
          land[node] = 0
          opened++
        } else dry++
      }
    }
  }
  notes.push(`land: by ${shoreline.name} ${added} more nodes are land`)
  if (opened > 0) {
    notes.push(`land: ${opened} sea nodes have no current: particles there become missing`)
  }
  if (dry > 0) {
    notes.push(`land: ${dry} nodes are sea by it but have no current; they stay land`)
  }
}

/**
 * What a coastline adds to a model's own land: nodes that the coastline has on land become land,
 * and the distance to the coast is that to the line. Land of the model stays land: no current is
 * known there. Where missing values are gaps (of an observation), the line alone says what is land.
 */
import { lonLatsOf } from '../grids/remap.ts'
import type { Grid } from '../meaning/grid.ts'
import { insideOf } from './inside.ts'
import type { Shoreline } from './shoreline.ts'
import { metresToPiece, piecesAround, placesOf, type Tracing } from './trace.ts'

/** Nodes around a node in which its coast is looked for: between two nodes it must be nearer. */
const REACH_NODES = 2
/** Least distance between a node and the coast: its sign tells land from sea. */
const LEAST_METRES = 1

/** Land codes (0 sea, 1 land, 2 beyond the data) by both, in place. */
export function refineLand(
  land: Uint8Array,
  shoreline: Shoreline,
  grid: Grid,
  isGap: boolean,
  notes: string[]
): void {
  const inside = insideOf(shoreline, lonLatsOf(grid))
  let [added, opened, dry] = [0, 0, 0]
  for (let node = 0; node < land.length; node++) {
    if (land[node] === 0 && inside[node] === 1) {
      land[node] = 1
      added++
    } else if (land[node] === 1 && inside[node] === 0) {
      if (isGap) {
        land[node] = 0
        opened++
      } else dry++
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

/** Metres from a node to the coastline where that is near, for measureCoast. */
export function shoreMetresOf(tracing: Tracing, grid: Grid): (node: number) => number | undefined {
  const lonLats = lonLatsOf(grid)
  const finite = lonLats.map((value) => (Number.isFinite(value) ? value : 0))
  const places = placesOf(finite)
  return (node) => {
    let least = Infinity
    const point = places.subarray(3 * node, 3 * node + 3)
    for (const piece of piecesAround(tracing, grid, node, REACH_NODES)) {
      least = Math.min(least, metresToPiece(tracing, piece, point))
    }
    return least === Infinity ? undefined : Math.max(least, LEAST_METRES)
  }
}

/** Which nodes of the forecast's grid are land, from where the current has values. */
import { MeshError } from '../mesh-error.ts'
import type { Regrid } from './grids/regrid.ts'
import type { Seen } from './stages.ts'

/** 0 sea, 1 land, 2 beyond the data, per node in C order. */
export function landOf(seen: Seen, map: Regrid, notes: string[]): Uint8Array {
  const { counts, sliceCount } = seen
  const land = new Uint8Array(counts.length)
  let seaCount = 0
  let holeCount = 0
  for (let node = 0; node < counts.length; node++) {
    const count = counts[node] ?? 0
    if (count === 0) land[node] = map.isCovered(node) ? 1 : 2
    else seaCount++
    if (count > 0 && count < sliceCount) holeCount++
  }
  if (seaCount === 0) {
    throw new MeshError(
      'forcing/not-understood',
      'the current is missing at every node and time of the forecast'
    )
  }
  notes.push(`${seaCount} of ${land.length} nodes are sea, the others have no current and are land`)
  if (holeCount > 0) {
    notes.push(`${holeCount} sea nodes lack current at some times: particles there become missing`)
  }
  return land
}

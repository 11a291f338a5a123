/** Which nodes of the forecast's grid are land, from where the current has values. */
import { MeshError } from '../mesh-error.ts'
import type { Regrid } from './grids/regrid.ts'
import type { Seen } from './stages.ts'

/** 0 sea, 1 land, 2 beyond the data, per node in C order. */
export function landOf(seen: Seen | undefined, map: Regrid, notes: string[]): Uint8Array {
  const land = Uint8Array.from(seen?.counts ?? [], (count, node) =>
    count > 0 ? 0 : map.isCovered(node) ? 1 : 2
  )
  const seaCount = land.filter((kind) => kind === 0).length
  if (seaCount === 0) {
    throw new MeshError(
      'forcing/not-understood',
      'the current is missing at every node and time of the forecast'
    )
  }
  const holeCount = seen?.counts.filter((count) => count > 0 && count < seen.sliceCount).length ?? 0
  notes.push(`${seaCount} of ${land.length} nodes are sea, the others have no current and are land`)
  if (holeCount > 0) {
    notes.push(`${holeCount} sea nodes lack current at some times: particles there become missing`)
  }
  return land
}

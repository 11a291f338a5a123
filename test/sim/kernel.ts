/**
 * The simulated kernel: a unit's result is a pure function of the unit's CID, so equal units have
 * equal results, and of a lie, so that a liar's result differs.
 */
import type { CID } from 'multiformats/cid'
import { fromString } from 'uint8arrays/from-string'
import { toBlock, toRawBlock } from '../../protocol/canonical.ts'
import type { UnitResult } from '../../protocol/result.ts'
import { traceRootOf } from '../../protocol/trace.ts'
import type { WorkUnit } from '../../protocol/work-unit.ts'

export interface SimResult {
  readonly cid: CID
  readonly result: UnitResult
}

export function runUnit(unit: WorkUnit, lie = ''): SimResult {
  const { cid } = toBlock(unit)
  const linkOf = (what: string, segment: number): CID =>
    toRawBlock(fromString(`${what} ${cid} ${segment} ${lie}`)).cid
  const indexes = Array.from({ length: unit.segmentCount }, (_, segment) => segment)
  const states = indexes.map((segment) => linkOf('state', segment))
  const segments = indexes.map((segment) => [linkOf('outputs', segment)])
  const { column, row, columns, rows } = unit.crop
  const result: UnitResult = {
    kind: 'result',
    unit: cid,
    states,
    segments,
    traceRoot: traceRootOf({ states, segments }),
    fuel: unit.fuelMax - 1,
    counts: [0, unit.fuelMax / unit.stepCount, 0, 0, 0, 0],
    bounds: [column + 1, row + 1, column + columns - 3, row + rows - 3]
  }
  return { cid: toBlock(result).cid, result }
}

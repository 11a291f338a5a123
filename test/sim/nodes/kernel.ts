/**
 * The simulated kernel: a unit's result is a pure function of the unit's CID, so equal units have
 * equal results, and of a lie, which parts from the truth at one segment and never comes back.
 */
import { CID } from 'multiformats/cid'
import * as digest from 'multiformats/hashes/digest'
import { toBlock } from '../../../protocol/canonical.ts'
import type { UnitResult } from '../../../protocol/result.ts'
import { type Trace, traceRootOf } from '../../../protocol/trace.ts'
import type { WorkUnit } from '../../../protocol/work-unit.ts'

export interface SimResult {
  readonly cid: CID
  readonly result: UnitResult
}

/** Who lies says what differs, and where: in one segment, or in each of its own accord. */
export interface Lie {
  readonly what: string
  readonly segment: number | 'all'
}

const RAW_CODE = 0x55
const SHA2_256_CODE = 0x12
/** Results of the units that are in hand; older ones are computed again. */
const RESULTS_KEPT = 4096

/** FNV-1a of a text: what a lie adds to the links it changes. */
function numberOf(text: string): number {
  let mixed = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193)
  }
  return mixed >>> 0
}

/** A CIDv1 of raw bytes by SHA-256 begins so; these links are made by the million. */
const HEAD = Uint8Array.of(1, RAW_CODE, SHA2_256_CODE, 32)
const CID_BYTES = HEAD.length + 32

/** A link that is as good as a hash: the start of the unit's own, then what it is of. */
function linkOf(unit: CID, what: number, segment: number, lie: number): CID {
  const bytes = new Uint8Array(CID_BYTES)
  bytes.set(HEAD)
  bytes.set(unit.multihash.digest, HEAD.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(HEAD.length + 20, lie)
  view.setUint32(HEAD.length + 24, segment)
  view.setUint32(HEAD.length + 28, what)
  const hash = bytes.subarray(HEAD.length)
  const multihash = new digest.Digest(SHA2_256_CODE, hash.length, hash, bytes.subarray(2))
  return new CID(1, RAW_CODE, multihash, bytes)
}

const STATE = 1
const OUTPUTS = 2

/** What one segment of a run gives. */
export interface SegmentRun {
  readonly state: CID
  readonly outputs: readonly CID[]
}

const lieOf = ({ multihash: { digest: bytes } }: CID): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(20)

/** Segment `index` run from this state: the truth from a true one; from a lie's it goes on so. */
export function runSegment(unit: WorkUnit, index: number, from: CID): SegmentRun {
  const { cid } = toBlock(unit)
  const lie = index === 0 ? 0 : lieOf(from)
  return { state: linkOf(cid, STATE, index, lie), outputs: [linkOf(cid, OUTPUTS, index, lie)] }
}

/** The number of a lie in each segment; 0 is the truth. */
function tintsOf(segmentCount: number, lie: Lie | undefined): number[] {
  const number = lie === undefined ? 0 : numberOf(lie.what)
  return Array.from({ length: segmentCount }, (_, segment) => {
    if (lie === undefined) return 0
    if (lie.segment === 'all') return (number + segment) >>> 0 || 1
    return segment < lie.segment ? 0 : number || 1
  })
}

function build(unit: WorkUnit, cid: CID, lie: Lie | undefined): SimResult {
  const tints = tintsOf(unit.segmentCount, lie)
  const states = tints.map((tint, segment) => linkOf(cid, STATE, segment, tint))
  const segments = tints.map((tint, segment) => [linkOf(cid, OUTPUTS, segment, tint)])
  const trace: Trace = { states, segments }
  const { column, row, columns, rows } = unit.crop
  const result: UnitResult = {
    kind: 'result',
    unit: cid,
    ...trace,
    traceRoot: traceRootOf(trace),
    fuel: unit.fuelMax - 1,
    counts: [0, unit.fuelMax / unit.stepCount, 0, 0, 0, 0],
    bounds: [column + 1, row + 1, column + columns - 3, row + rows - 3]
  }
  return { cid: toBlock(result).cid, result }
}

const kept = new Map<string, SimResult>()

/** The result of a unit, honest or with a lie; a bare text lies in every segment. */
export function runUnit(unit: WorkUnit, lie?: Lie | string): SimResult {
  const { cid } = toBlock(unit)
  if (typeof lie !== 'string') return runUnitOf(unit, cid, lie)
  return runUnitOf(unit, cid, lie === '' ? undefined : { what: lie, segment: 'all' })
}

/** The same when the CID of the unit is known. */
export function runUnitOf(unit: WorkUnit, cid: CID, lie?: Lie): SimResult {
  const name = lie === undefined ? cid.toString() : `${cid} ${lie.what} ${lie.segment}`
  const known = kept.get(name)
  if (known !== undefined) return known
  const made = build(unit, cid, lie)
  kept.set(name, made)
  const oldest = kept.keys().next()
  if (kept.size > RESULTS_KEPT && !oldest.done) kept.delete(oldest.value)
  return made
}

/**
 * Opens the outputs of one segment and checks them against what the unit had to return: steps,
 * counts, cells, classes and tracked ids. Only outputs that pass reach the accumulators.
 */
import { decode } from '../../protocol/canonical.ts'
import { type Output, STATUSES, segmentOutputs } from '../../protocol/result.ts'
import { ShapeError } from '../../protocol/shape.ts'

/** u32 cell, u32 class, u32 count. */
export const DENSITY_ENTRY_BYTES = 12
/** u32 coastal cell, u32 origin, u32 class, u32 count. */
export const BEACHED_ENTRY_BYTES = 16
/** u32 id, u32 status, f64 longitude, f64 latitude. */
export const TRACK_ENTRY_BYTES = 24

export interface SegmentExpectation {
  readonly steps: readonly number[]
  readonly firstParticle: number
  readonly particleCount: number
  /** Tracked particles of the whole plan: ids below this. */
  readonly trackedCount: number
  readonly classCount: number
  /** Coastal cells of the forcing. */
  readonly coastalCellCount: number
  readonly originCount: number
  readonly cellCount: number
}

const view = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function checkDensity(density: Uint8Array, expected: SegmentExpectation, afloat: number): void {
  if (density.length % DENSITY_ENTRY_BYTES !== 0) throw new ShapeError('density', 'is cut off')
  const values = view(density)
  let previous = -1
  let total = 0
  for (let at = 0; at < density.length; at += DENSITY_ENTRY_BYTES) {
    const cell = values.getUint32(at, true)
    const classIndex = values.getUint32(at + 4, true)
    const count = values.getUint32(at + 8, true)
    const place = cell * expected.classCount + classIndex
    if (cell >= expected.cellCount || classIndex >= expected.classCount || place <= previous) {
      throw new ShapeError('density', 'must be cells of the grid, ascending')
    }
    if (count === 0) throw new ShapeError('density', 'must leave empty cells out')
    previous = place
    total += count
  }
  if (total > afloat) throw new ShapeError('density', 'counts more particles than are afloat')
}

function checkBeached(beached: Uint8Array, expected: SegmentExpectation, stranded: number): void {
  if (beached.length % BEACHED_ENTRY_BYTES !== 0) throw new ShapeError('beached', 'is cut off')
  const values = view(beached)
  let previous = -1
  let total = 0
  for (let at = 0; at < beached.length; at += BEACHED_ENTRY_BYTES) {
    const cell = values.getUint32(at, true)
    const origin = values.getUint32(at + 4, true)
    const classIndex = values.getUint32(at + 8, true)
    const count = values.getUint32(at + 12, true)
    const place = (cell * expected.originCount + origin) * expected.classCount + classIndex
    const isKnown =
      cell < expected.coastalCellCount &&
      origin < expected.originCount &&
      classIndex < expected.classCount
    if (!isKnown || place <= previous || count === 0) {
      throw new ShapeError('beached', 'must be cells, origins and classes of the plan, ascending')
    }
    previous = place
    total += count
  }
  if (total > stranded) throw new ShapeError('beached', 'counts more particles than are stranded')
}

function checkTracks(tracks: Uint8Array, expected: SegmentExpectation): void {
  const end = Math.min(expected.firstParticle + expected.particleCount, expected.trackedCount)
  const count = Math.max(0, end - expected.firstParticle)
  if (tracks.length !== count * TRACK_ENTRY_BYTES) {
    throw new ShapeError('tracks', `must hold ${count} particles`)
  }
  const values = view(tracks)
  for (let index = 0; index < count; index += 1) {
    const at = index * TRACK_ENTRY_BYTES
    if (
      values.getUint32(at, true) !== expected.firstParticle + index ||
      values.getUint32(at + 4, true) >= STATUSES.length ||
      !Number.isFinite(values.getFloat64(at + 8, true)) ||
      !Number.isFinite(values.getFloat64(at + 16, true))
    ) {
      throw new ShapeError('tracks', 'must be ids in order, known statuses and finite positions')
    }
  }
}

/**
 * The outputs in one segment's bytes.
 * @throws ShapeError when they are not what the unit had to return
 */
export function decodeSegment(bytes: Uint8Array, expected: SegmentExpectation): readonly Output[] {
  const { outputs } = decode(segmentOutputs, bytes)
  if (outputs.length !== expected.steps.length) {
    throw new ShapeError('outputs', `must be ${expected.steps.length} output times`)
  }
  for (const [index, output] of outputs.entries()) {
    if (output.step !== expected.steps[index]) throw new ShapeError('step', 'is not the one due')
    const total = output.counts.reduce((sum, count) => sum + count, 0)
    if (total !== expected.particleCount) {
      throw new ShapeError('counts', `must add up to ${expected.particleCount} particles`)
    }
    checkDensity(output.density, expected, output.counts[STATUSES.indexOf('afloat')] ?? 0)
    checkBeached(output.beached, expected, output.counts[STATUSES.indexOf('stranded')] ?? 0)
    checkTracks(output.tracks, expected)
  }
  return outputs
}

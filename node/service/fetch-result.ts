/**
 * Fetches every block of a revealed result into our store and checks that it is what a result is
 * made of, before the coordinator counts it: form, sizes, trace root.
 */
import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import { decode } from '../../protocol/canonical.ts'
import { state as stateShape, type UnitResult, unitResult } from '../../protocol/result.ts'
import { ShapeError } from '../../protocol/shape.ts'
import { finalState, traceRootOf } from '../../protocol/trace.ts'
import type { Blocks, GetOptions } from '../store/blocks.ts'

/** Blocks of one result fetched at once: those of most results fit one request. */
const PARALLEL_BLOCKS = 64

/**
 * @throws MeshError net/block-missing, verify/mismatch; ShapeError when the blocks are no result
 */
export async function fetchResult(
  root: CID,
  outputBytesMax: number,
  blocks: Blocks,
  options: GetOptions
): Promise<UnitResult> {
  let bytesLeft = outputBytesMax
  const take = async (cid: CID): Promise<Uint8Array> => {
    const bytes = await blocks.get(cid, options)
    bytesLeft -= bytes.length
    if (bytesLeft < 0) throw new ShapeError('', `result ${root} is larger than its unit allows`)
    return bytes
  }
  const result = decode(unitResult, await take(root))
  if (result.states.length !== result.segments.length) {
    throw new ShapeError('states', 'are not one per segment')
  }
  if (!equals(traceRootOf(result), result.traceRoot)) {
    throw new ShapeError('traceRoot', 'is not that of its states and segments')
  }
  const state = decode(stateShape, await take(finalState(result)))
  const links = [...state.chunks, ...result.segments.flat()]
  const next = links.values()
  const worker = async (): Promise<void> => {
    for (const link of next) await take(link)
  }
  await Promise.all(Array.from({ length: PARALLEL_BLOCKS }, worker))
  return result
}

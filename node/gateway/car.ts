/**
 * A CAR (version 1) of what a path leads to: the blocks of the path, then all below its end, depth
 * first, each once. Whoever reads it needs to trust nobody: every block is checked by its CID.
 */
import { CarWriter } from '@ipld/car'
import * as dagCbor from '@ipld/dag-cbor'
import * as dagPb from '@ipld/dag-pb'
import { createUnsafe } from 'multiformats/block'
import type { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import type { Blocks } from '../store/blocks.ts'
import { CAR_BLOCKS_MAX } from './limits.ts'
import { Refusal } from './refusal.ts'

export interface CarInput {
  /** CIDs along the path, the root first and its end last. */
  readonly path: readonly CID[]
  readonly scope: 'all' | 'block'
  readonly blocks: Pick<Blocks, 'get'>
  readonly signal: AbortSignal
}

function linksOf(cid: CID, bytes: Uint8Array): CID[] {
  const codec = [dagPb, dagCbor, raw].find(({ code }) => code === cid.code)
  if (codec === undefined) throw new Refusal(400, `blocks of codec ${cid.code} are not understood`)
  return [...createUnsafe({ cid, bytes, codec }).links()].map(([, link]) => link as CID)
}

async function putAll(
  { path, scope, blocks, signal }: CarInput,
  put: (block: { cid: CID; bytes: Uint8Array }) => Promise<void>
): Promise<void> {
  const seen = new Set<string>()
  const waiting = [...path].reverse()
  const end = path.at(-1)
  let isBelow = false
  for (let cid = waiting.pop(); cid !== undefined; cid = waiting.pop()) {
    isBelow ||= end !== undefined && cid.equals(end)
    if (seen.has(cid.toString())) continue
    seen.add(cid.toString())
    if (seen.size > CAR_BLOCKS_MAX) {
      throw new Refusal(400, `a CAR holds at most ${CAR_BLOCKS_MAX} blocks`)
    }
    const bytes = await blocks.get(cid, { signal })
    await put({ cid, bytes })
    if (isBelow && scope === 'all') waiting.push(...linksOf(cid, bytes).reverse())
  }
}

/** The bytes of the CAR; ends with an error at the first block that is missing or wrong. */
export async function* carBytes(input: CarInput): AsyncGenerator<Uint8Array> {
  const [root] = input.path
  if (root === undefined) throw new RangeError('a path has a root')
  const { writer, out } = CarWriter.create([root])
  let failure: { readonly error: unknown } | undefined
  const writing = putAll(input, (block) => writer.put(block))
    .catch((error: unknown) => {
      failure = { error }
    })
    .then(() => writer.close())
  yield* out
  await writing
  if (failure !== undefined) throw failure.error
}

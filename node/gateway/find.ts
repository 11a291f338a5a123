/** From a root CID along names to what lies there, block by block, each checked before use. */
import { exporter, type UnixFSEntry, walkPath } from 'ipfs-unixfs-exporter'
import type { CID } from 'multiformats/cid'
import { readable } from '../forecast/product/folder/unixfs.ts'
import { isMeshError } from '../mesh-error.ts'
import type { Blocks } from '../store/blocks.ts'
import { LISTED_MAX } from './limits.ts'
import { Refusal } from './refusal.ts'
import type { Asked } from './request.ts'

interface Source {
  readonly blocks: Pick<Blocks, 'get'>
  readonly signal: AbortSignal
}

/** What the library says of blocks that are no UnixFS, or not there, is the reader's mistake. */
async function reading<T>(what: string, signal: AbortSignal, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (isMeshError(cause) || cause instanceof Refusal || signal.aborted) throw cause
    const isAbsent = cause instanceof Error && cause.name === 'NotFoundError'
    if (isAbsent) throw new Refusal(404, `${what} does not exist`)
    throw new Refusal(400, `${what} cannot be read as UnixFS: ${String(cause)}`)
  }
}

/** CIDs of the path's blocks, the root first, its end last. @throws Refusal 404, 400 */
export function blocksOfPath({ root, steps }: Asked, { blocks, signal }: Source): Promise<CID[]> {
  const path = [root.toString(), ...steps].join('/')
  return reading(path, signal, async () => {
    if (steps.some((step) => step.includes('\\'))) throw new Refusal(404, 'no such name')
    let found: CID[] = [root]
    for await (const { roots } of walkPath(path, readable(blocks), { signal })) found = roots
    return found
  })
}

export const openAt = (cid: CID, { blocks, signal }: Source): Promise<UnixFSEntry> =>
  reading(`${cid}`, signal, () => exporter(cid, readable(blocks), { signal }))

export interface Child {
  readonly name: string
  readonly cid: CID
  /** Bytes of it and all below, as its folder says. */
  readonly size: number
}

/** Entries of a folder in its own order. @throws Refusal 400 when they are too many */
export function childrenOf(
  folder: Extract<UnixFSEntry, { type: 'directory' }>,
  signal: AbortSignal
): Promise<Child[]> {
  return reading(`${folder.cid}`, signal, async () => {
    const children: Child[] = []
    for await (const { name, cid, size } of folder.entries({ signal })) {
      children.push({ name, cid, size: Number(size) })
      if (children.length > LISTED_MAX) {
        throw new Refusal(400, `the folder holds more than ${LISTED_MAX} names`)
      }
    }
    return children
  })
}

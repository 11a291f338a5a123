/**
 * Blocks in a folder, one file each, written atomically: the disk side of every store. Blocks are
 * checked against their CID when read, so that a damaged or tampered file is never served.
 */
import type { Blocks } from './blocks.ts'

/** @throws MeshError `store/failed` when the folder cannot be made */
export async function openFolderBlocks(_dir: string): Promise<Blocks> {
  throw new Error('not written yet')
}

/**
 * UnixFS folders on the Blocks port: written deterministically (CIDv1, raw leaves, 1 MiB), read by
 * path, and exported to disk atomically.
 */
import type { CID } from 'multiformats/cid'
import type { Blocks } from '../../store/blocks.ts'

export interface FolderEntry {
  readonly name: string
  readonly cid: CID
}

/** Entries of a folder by name. @throws MeshError net/block-missing, verify/mismatch */
export function listFolder(
  _cid: CID,
  _blocks: Blocks,
  _signal?: AbortSignal
): Promise<FolderEntry[]> {
  throw new Error('being written')
}

/** Bytes of the file at `path` inside the folder. */
export function readFolderFile(
  _cid: CID,
  _path: string,
  _blocks: Blocks,
  _signal?: AbortSignal
): Promise<Uint8Array> {
  throw new Error('being written')
}

/** Writes the folder to `dir` (which must not exist, or be empty) in one rename. */
export function exportFolder(
  _cid: CID,
  _blocks: Blocks,
  _dir: string,
  _options: { signal?: AbortSignal; onProgress?: (filesDone: number) => void } = {}
): Promise<void> {
  throw new Error('being written')
}

/**
 * Size and SHA-256 of the files at the top of a folder as they pass by, for those who check files
 * without knowing CIDs.
 */
import { createHash } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import type { FolderFile } from '../zarr/zarr.ts'
import type { FolderItem } from './catalogue.ts'
import type { SpooledLeaves } from './spooled-file.ts'

export interface FileDigest {
  readonly byteCount: number
  readonly sha256: Uint8Array
}

/** An item of the catalogue once it is written; folders have no digest of their own. */
export interface DescribedItem extends FolderItem {
  readonly cid: CID
  readonly digest: FileDigest | undefined
}

type ProductFile = FolderFile | SpooledLeaves

/** Passes files on and notes those at the top of the folder. */
export async function* digesting(
  files: AsyncIterable<ProductFile>,
  digests: Map<string, FileDigest>
): AsyncGenerator<ProductFile> {
  for await (const file of files) {
    if ('leaves' in file) digests.set(file.path, file)
    else if (!file.path.includes('/')) {
      const sha256 = createHash('sha256').update(file.bytes).digest()
      digests.set(file.path, { byteCount: file.bytes.length, sha256 })
    }
    yield file
  }
}

/** Items of a catalogue that were written; a foreign viewer may come without its page. */
export const described = (
  items: readonly FolderItem[],
  files: ReadonlyMap<string, CID>,
  digests: ReadonlyMap<string, FileDigest>
): DescribedItem[] =>
  items.flatMap((item) => {
    const cid = files.get(item.path)
    return cid === undefined ? [] : { ...item, cid, digest: digests.get(item.path) }
  })

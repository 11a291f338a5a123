/** Adds files to a folder that was written before, without reading its other files. */
import { unixfs } from '@helia/unixfs'
import type { CID } from 'multiformats/cid'
import type { Blocks } from '../../../store/blocks.ts'
import { readable, type WritableFile, type WrittenFolder, writeFolder } from './unixfs.ts'

/**
 * The folder with these files in it; `files` of the result are the added ones alone. What is added
 * is looked up here and not in the store, which may not keep it.
 */
export async function addToFolder(
  folder: CID,
  files: readonly WritableFile[],
  blocks: Blocks,
  signal?: AbortSignal
): Promise<WrittenFolder> {
  const options = signal === undefined ? {} : { signal }
  const added = new Map<string, Uint8Array>()
  const overlay: Pick<Blocks, 'get' | 'put'> = {
    put: async (block, putOptions) => {
      added.set(block.cid.toString(), block.bytes)
      await blocks.put(block, putOptions)
    },
    get: async (cid, getOptions) => added.get(cid.toString()) ?? blocks.get(cid, getOptions)
  }
  const written = await writeFolder(files, overlay, signal)
  const blockstore = {
    ...readable(overlay),
    async put(cid: CID, bytes: Uint8Array) {
      await overlay.put({ cid, bytes }, options)
      return cid
    },
    has: async (cid: CID) => added.has(cid.toString()) || (await blocks.has(cid))
  }
  const folders = unixfs({ blockstore })
  let root = folder
  for (const name of new Set(files.map(({ path }) => path.split('/')[0] ?? ''))) {
    const cid = written.files.get(name)
    if (cid === undefined) throw new Error(`${name} was not written`)
    root = await folders.cp(cid, root, name, options)
  }
  return { cid: root, files: written.files }
}

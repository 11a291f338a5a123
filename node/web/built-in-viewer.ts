/**
 * The viewer this program was built with: the files of node/web/built, checked against the CID they
 * are pinned by, like the kernel. A plan names the viewer by this CID, so that a forecast's page is
 * part of what the plan decides.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { CID } from 'multiformats/cid'
import { writeFolder } from '../forecast/product/folder/unixfs.ts'
import type { FolderFile } from '../forecast/product/zarr/zarr.ts'
import { MeshError } from '../mesh-error.ts'
import type { Blocks } from '../store/blocks.ts'

export interface BuiltInViewer {
  readonly cid: CID
  readonly files: readonly FolderFile[]
}

const BUILT = new URL('./built/', import.meta.url)

/** Files of the folder, deeper ones named by their path. */
function filesBelow(folder: URL, prefix = ''): FolderFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${prefix}${entry.name}`
    return entry.isDirectory()
      ? filesBelow(new URL(`${entry.name}/`, folder), `${path}/`)
      : [{ path, bytes: new Uint8Array(readFileSync(new URL(entry.name, folder))) }]
  })
}

let loaded: Promise<BuiltInViewer> | undefined

async function load(): Promise<BuiltInViewer> {
  const files = filesBelow(BUILT).filter(({ path }) => path !== 'viewer.cid')
  const pinned = readFileSync(new URL('viewer.cid', BUILT), 'utf8').trim()
  const { cid } = await writeFolder(files, { put: async () => {} })
  if (cid.toString() !== pinned) {
    throw new MeshError('verify/mismatch', `the viewer is not the pinned one ${pinned}; reinstall`)
  }
  return { cid: CID.parse(pinned), files }
}

/** @throws MeshError `verify/mismatch` when the files are not those that viewer.cid names */
export function builtInViewer(): Promise<BuiltInViewer> {
  loaded ??= load()
  return loaded
}

/** Puts the viewer into a store, for readers whose program has another. @returns its CID */
export async function storeViewer(blocks: Pick<Blocks, 'put'>, signal?: AbortSignal): Promise<CID> {
  const { files } = await builtInViewer()
  return (await writeFolder(files, blocks, signal)).cid
}

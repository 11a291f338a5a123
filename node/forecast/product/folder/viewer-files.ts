/**
 * The page of a forecast: the viewer that its plan names, taken from this program where it is the
 * same, else fetched like any other input.
 */
import toBuffer from 'it-to-buffer'
import type { Plan } from '../../../../protocol/plan.ts'
import { MeshError } from '../../../mesh-error.ts'
import type { Blocks } from '../../../store/blocks.ts'
import { builtInViewer } from '../../../web/built-in-viewer.ts'
import type { FolderFile } from '../zarr/zarr.ts'
import { walkFolder } from './unixfs.ts'

/** Four times what a viewer may weigh: a foreign plan must not fill a coordinator's memory. */
const VIEWER_BYTES_MAX = 1_000_000

/** A foreign viewer must not put files in the place of data. */
const isOfViewer = (path: string): boolean => path === 'index.html' || path.startsWith('view/')

const refused = (what: string): MeshError =>
  new MeshError('plan/refused', `the viewer of the plan ${what}`)

/**
 * index.html and view/; nothing where the plan has no viewer.
 * @throws MeshError net/block-missing, verify/mismatch, plan/refused
 */
export async function* viewerFiles(
  { viewer }: Plan,
  blocks: Blocks,
  signal?: AbortSignal
): AsyncGenerator<FolderFile> {
  if (viewer === undefined) return
  const builtIn = await builtInViewer()
  if (builtIn.cid.equals(viewer)) {
    yield* builtIn.files
    return
  }
  let bytesLeft = VIEWER_BYTES_MAX
  for await (const { path, content } of walkFolder(viewer, blocks, signal)) {
    if (!isOfViewer(path)) throw refused(`holds ${path}, which is no part of a viewer`)
    const pieces: Uint8Array[] = []
    for await (const piece of content()) {
      bytesLeft -= piece.length
      if (bytesLeft < 0) throw refused(`is larger than ${VIEWER_BYTES_MAX} bytes`)
      pieces.push(piece)
    }
    yield { path, bytes: toBuffer(pieces) }
  }
}

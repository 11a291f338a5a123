/**
 * A reader: a peer that joins for one command, with keys and blocks of its own in a temporary
 * folder, fetches by CID and leaves. Or, without a mesh, the block folder of a stopped node.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MeshError } from '../mesh-error.ts'
import { openNet } from '../net/open-net.ts'
import type { Blocks } from '../store/blocks.ts'
import { openFolderBlocks } from '../store/folder-blocks.ts'
import { openHeliaBlocks } from '../store/helia-blocks.ts'

export interface ReaderInit {
  /** Multiaddrs of any peers of the mesh. */
  readonly bootstrap: readonly string[]
  /** Block folder to read instead of the mesh. */
  readonly from?: string
  readonly signal: AbortSignal
}

export interface Reader extends AsyncDisposable {
  readonly blocks: Blocks
}

/** @throws MeshError cli/usage when neither a peer nor a folder is named, net/* */
export async function openReader(init: ReaderInit): Promise<Reader> {
  if (init.from !== undefined) {
    return { blocks: await openFolderBlocks(init.from), [Symbol.asyncDispose]: async () => {} }
  }
  if (init.bootstrap.length === 0) {
    throw new MeshError(
      'cli/usage',
      'name a peer of the mesh with --bootstrap, or blocks with --from'
    )
  }
  init.signal.throwIfAborted()
  const home = await mkdtemp(join(tmpdir(), 'driftmesh-reader-'))
  const secretKey = new Uint8Array(randomBytes(32))
  const { bootstrap } = init
  const net = await openNet({ secretKey, home, listen: [], bootstrap, role: 'reader' })
  const blocks = await openHeliaBlocks(net, join(home, 'blocks'))
  return {
    blocks,
    [Symbol.asyncDispose]: async () => {
      await blocks.stop()
      await net.stop()
      await rm(home, { recursive: true, force: true })
    }
  }
}

/**
 * A reader: a peer that joins for one command, with keys and blocks of its own in a temporary
 * folder, fetches by CID and leaves. Or, without a mesh, the block folder of a stopped node.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MeshError } from '../mesh-error.ts'
import { type OpenNet, openNet } from '../net/open-net.ts'
import type { Blocks } from '../store/blocks.ts'
import { openFolderBlocks } from '../store/folder-blocks.ts'
import { openHeliaBlocks } from '../store/helia-blocks.ts'
import { untilAborted } from './parent.ts'

/** A mesh of which nobody answers is told after this time: dials take 5 s, with a few tries. */
const FIRST_PEER_MS = 20_000

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
    const found = await stat(init.from).catch(() => undefined)
    if (!found?.isDirectory()) {
      throw new MeshError('cli/usage', `--from ${init.from}: there is no such folder`)
    }
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
  const undo = [() => rm(home, { recursive: true, force: true })]
  const dispose = async (): Promise<void> => {
    for (const close of undo.toReversed()) await close()
  }
  try {
    const secretKey = new Uint8Array(randomBytes(32))
    const { bootstrap } = init
    const net = await openNet({ secretKey, home, listen: [], bootstrap, role: 'reader' })
    undo.push(() => net.stop())
    await meetPeer(net, init)
    const blocks = await openHeliaBlocks(net, join(home, 'blocks'))
    undo.push(() => blocks.stop())
    return { blocks, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** Waits for the first peer. @throws MeshError net/unreachable when none comes */
async function meetPeer(net: OpenNet, { bootstrap, signal }: ReaderInit): Promise<void> {
  const limit = AbortSignal.timeout(FIRST_PEER_MS)
  const met = new AbortController()
  net.host.addEventListener('peer:connect', () => met.abort(), { once: true })
  if (net.peerCount() === 0) await untilAborted(AbortSignal.any([signal, limit, met.signal]))
  if (net.peerCount() > 0) return
  signal.throwIfAborted()
  throw new MeshError(
    'net/unreachable',
    `no peer answers at ${bootstrap.join(', ')} within ${FIRST_PEER_MS / 1000} s; ` +
      'check --bootstrap, and that the node there runs'
  )
}

/**
 * `open`: where a browser finds a forecast. The gateway of the running node where there is one,
 * else a gateway of this command, for a folder on disk, a folder of blocks or a mesh.
 */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import type { CID } from 'multiformats/cid'
import { openControlClient } from '../../api/control-client.ts'
import { writeFolder } from '../../forecast/product/folder/unixfs.ts'
import { openGateway } from '../../gateway/gateway.ts'
import { parseListenAt } from '../../gateway/listen-at.ts'
import { isMeshError, MeshError } from '../../mesh-error.ts'
import { homeFolder } from '../../service/home.ts'
import { untilAborted } from '../../service/parent.ts'
import { openReader } from '../../service/reader.ts'
import type { Blocks } from '../../store/blocks.ts'
import { openFolderBlocks } from '../../store/folder-blocks.ts'
import type { Context } from '../program.ts'
import { parseCid } from './reader-flags.ts'

interface OpenFlags {
  readonly home?: string
  readonly bootstrap?: readonly string[]
  readonly from?: string
  readonly gateway?: string
  readonly json?: boolean
}

async function* filesOf(dir: string): AsyncGenerator<{ path: string; bytes: Uint8Array }> {
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    yield { path: relative(dir, file).split(sep).join('/'), bytes: await readFile(file) }
  }
}

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() === true

/** The gateway of the node that runs on this home, if one runs there and has one. */
async function runningGateway(flags: OpenFlags, signal: AbortSignal): Promise<string | undefined> {
  try {
    const client = await openControlClient(homeFolder(flags.home, process.env))
    return (await client.get<{ gateway?: string }>('/status', signal)).gateway
  } catch (error) {
    if (isMeshError(error, 'node/unreachable')) return
    throw error
  }
}

/** Serves the blocks until the user ends it. */
async function serve(
  cid: CID,
  blocks: Blocks,
  flags: OpenFlags,
  { terminal, signal }: Context
): Promise<void> {
  const gateway = await openGateway({ blocks, listenAt: parseListenAt(flags.gateway) })
  try {
    tell(`${gateway.url}/ipfs/${cid}/`, flags, terminal)
    terminal.say('serving; Ctrl-C ends it')
    await untilAborted(signal)
  } finally {
    await gateway.close()
  }
}

const tell = (url: string, { json }: OpenFlags, terminal: Context['terminal']): void =>
  json ? terminal.json({ url }) : terminal.answer(url)

async function openDisk(dir: string, flags: OpenFlags, context: Context): Promise<void> {
  const temporary = await mkdtemp(join(tmpdir(), 'driftmesh-open-'))
  try {
    const blocks = await openFolderBlocks(temporary)
    const { cid } = await writeFolder(filesOf(dir), blocks, context.signal)
    await serve(cid, blocks, flags, context)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

export async function openCommand(what: string, flags: OpenFlags, context: Context): Promise<void> {
  const { signal, terminal } = context
  if (await isFolder(what)) return await openDisk(what, flags, context)
  const cid = parseCid(what)
  const { bootstrap = [], from } = flags
  if (bootstrap.length === 0 && from === undefined) {
    const gateway = await runningGateway(flags, signal)
    if (gateway !== undefined) return tell(`${gateway}/ipfs/${cid}/`, flags, terminal)
    throw new MeshError(
      'node/unreachable',
      'no node with a gateway runs here: start one, or name a peer with --bootstrap, or blocks ' +
        'with --from'
    )
  }
  const reader = await openReader({ bootstrap, signal, ...(from === undefined ? {} : { from }) })
  try {
    await serve(cid, reader.blocks, flags, context)
  } finally {
    await reader[Symbol.asyncDispose]()
  }
}

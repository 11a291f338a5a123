/**
 * UnixFS on the Blocks port: folders are written deterministically (CIDv1, raw leaves, 1 MiB) and
 * walked. What a fetched folder says is untrusted: its names may end up on a disk.
 */
import { setImmediate } from 'node:timers/promises'
import { exporter, type UnixFSEntry } from 'ipfs-unixfs-exporter'
import { type BufferImporter, importer } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import toBuffer from 'it-to-buffer'
import type { CID } from 'multiformats/cid'
import { toRawBlock } from '../../../../protocol/canonical.ts'
import { BLOCK_BYTES_MAX } from '../../../../protocol/limits.ts'
import { isMeshError, MeshError } from '../../../mesh-error.ts'
import type { Blocks } from '../../../store/blocks.ts'
import { naming } from '../naming.ts'
import type { FolderFile } from '../zarr/zarr.ts'
import type { Leaf, SpooledLeaves } from './spooled-file.ts'

/** Deeper than any product; a hostile folder must not recurse for ever. */
const DEPTH_MAX = 16

/** Every option that decides a CID is spelled out: a library's new default must not change it. */
const IMPORT_OPTIONS = {
  cidVersion: 1,
  rawLeaves: true,
  reduceSingleLeafToSelf: true,
  wrapWithDirectory: true,
  fieldOrder: 'links-first',
  shardSplitThresholdBytes: 262_144,
  shardSplitStrategy: 'links-bytes',
  shardFanoutBits: 8,
  chunker,
  layout: balanced({ maxChildrenPerNode: 1024 }),
  fileImportConcurrency: 4
} as const

export interface WrittenFolder {
  readonly cid: CID
  /** CID of every file and folder by its path. */
  readonly files: ReadonlyMap<string, CID>
}

export type WritableFile =
  | SpooledLeaves
  | (Omit<FolderFile, 'bytes'> & { readonly bytes: Uint8Array | AsyncIterable<Uint8Array> })

/** What stands for a stored leaf on its way through the importer, which carries only bytes. */
const STORED = new WeakMap<Uint8Array, Leaf>()

function placeholder(leaf: Leaf): Uint8Array {
  const bytes = new Uint8Array(1)
  STORED.set(bytes, leaf)
  return bytes
}

const inBlocks = fixedSize({ chunkSize: BLOCK_BYTES_MAX })

/** Cuts bytes into blocks and leaves stored leaves as they are. */
async function* chunker(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]()
  const first = await pieces.next()
  const rest = { [Symbol.asyncIterator]: () => pieces }
  if (!first.done && STORED.has(first.value)) {
    yield first.value
    yield* rest
    return
  }
  yield* inBlocks(
    (async function* () {
      if (!first.done) yield first.value
      yield* rest
    })()
  )
}

/** The importer's own, but for leaves that are stored already. */
const bufferImporter: BufferImporter = async function* (file, storage) {
  for await (const bytes of file.content) {
    const leaf = STORED.get(bytes)
    yield async () => {
      // The block is looked at only where a file has a time or a mode; ours have none.
      if (leaf !== undefined) return { cid: leaf.cid, size: BigInt(leaf.byteCount), block: bytes }
      const { cid } = toRawBlock(bytes)
      await storage.put(cid, bytes)
      return { cid, size: BigInt(bytes.length), block: bytes }
    }
  }
}

/** Writes files as a folder; its CID does not depend on their order. */
export async function writeFolder(
  files: AsyncIterable<WritableFile> | Iterable<WritableFile>,
  blocks: Pick<Blocks, 'put'>,
  signal?: AbortSignal
): Promise<WrittenFolder> {
  const options = signal === undefined ? {} : { signal }
  const storage = {
    async put(cid: CID, bytes: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
      const whole = bytes instanceof Uint8Array ? bytes : await toBuffer(bytes)
      await blocks.put({ cid, bytes: whole }, options)
      return cid
    }
  }
  const source = (async function* () {
    for await (const file of files) {
      const { path } = file
      yield { path, content: 'leaves' in file ? file.leaves.map(placeholder) : file.bytes }
      // Compressing a chunk takes tens of milliseconds; others get their turn between two.
      await setImmediate()
    }
  })()
  const written = new Map<string, CID>()
  let root: CID | undefined
  for await (const entry of importer(source, storage, { ...IMPORT_OPTIONS, bufferImporter })) {
    root = entry.cid
    if (entry.path !== undefined && entry.path !== '') written.set(entry.path, entry.cid)
  }
  if (root === undefined) throw new Error('a folder needs a file')
  return { cid: root, files: written }
}

/** The Blocks port as UnixFS libraries want to read it. */
export const readable = (blocks: Pick<Blocks, 'get'>) => ({
  async *get(cid: CID, options?: { signal?: AbortSignal }) {
    yield await blocks.get(cid, options?.signal === undefined ? {} : { signal: options.signal })
  }
})

/** Opens what lies at `path` below a folder; bytes that are not UnixFS are a mismatch. */
export async function openEntry(
  cid: CID,
  path: string,
  blocks: Pick<Blocks, 'get'>,
  signal?: AbortSignal
): Promise<UnixFSEntry> {
  try {
    const options = signal === undefined ? {} : { signal }
    return await exporter(path === '' ? cid : `${cid}/${path}`, readable(blocks), options)
  } catch (cause) {
    if (isMeshError(cause) || signal?.aborted) throw cause
    const isAbsent = cause instanceof Error && cause.name === 'NotFoundError'
    const message = isAbsent ? `${cid} holds no ${path}` : `${cid} is not UnixFS`
    throw new MeshError('verify/mismatch', message, {
      cause,
      detail: { folder: cid.toString(), path }
    })
  }
}

const isSafeName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name)

export interface FolderEntry {
  readonly name: string
  readonly cid: CID
}

/** Entries of an opened folder, in name order. */
export async function entriesOf(folder: UnixFSEntry, signal?: AbortSignal): Promise<FolderEntry[]> {
  const detail = { folder: folder.cid.toString() }
  if (folder.type !== 'directory') {
    throw new MeshError('verify/mismatch', `${folder.cid} is not a folder`, { detail })
  }
  const entries: FolderEntry[] = []
  for await (const { name, cid } of folder.entries(signal === undefined ? {} : { signal })) {
    if (!isSafeName(name)) {
      throw new MeshError('verify/mismatch', 'the folder holds an unsafe name', { detail })
    }
    entries.push({ name, cid })
  }
  return entries
}

export interface WalkedFile {
  readonly path: string
  readonly cid: CID
  /** The file's bytes, piece by piece. */
  content(): AsyncIterable<Uint8Array>
}

/** Every file below a folder, depth first, each folder in name order. */
export async function* walkFolder(
  cid: CID,
  blocks: Blocks,
  signal?: AbortSignal,
  path = ''
): AsyncGenerator<WalkedFile> {
  const name = path === '' ? `folder ${cid}` : path
  if (path.split('/').length > DEPTH_MAX) {
    throw new MeshError('verify/mismatch', `${name}: is nested too deeply`, { detail: { path } })
  }
  const entry = await naming(name, () => openEntry(cid, '', blocks, signal))
  if (entry.type === 'object') {
    throw new MeshError('verify/mismatch', `${name}: is not a file`, { detail: { path } })
  }
  if (entry.type !== 'directory') {
    yield { path, cid, content: () => entry.content(signal === undefined ? {} : { signal }) }
    return
  }
  const entries = await naming(name, () => entriesOf(entry, signal))
  for (const inner of entries) {
    const innerPath = path === '' ? inner.name : `${path}/${inner.name}`
    yield* walkFolder(inner.cid, blocks, signal, innerPath)
  }
}

/**
 * Digests of files as they stand: SHA-256 for people and portals, and the CID under which our mesh
 * and IPFS know the same bytes (UnixFS, raw leaves, 1 MiB). Lists are those of `sha256sum`.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { unreadable } from '../forcing/read/data-file.ts'
import { diskFailure } from '../forecast/output-target.ts'
import { writeFolder } from '../forecast/product/folder/unixfs.ts'
import { isMeshError, MeshError } from '../mesh-error.ts'

/** Read at once; large enough that the disk and not the loop bounds the rate. */
const READ_BYTES = 1024 * 1024
/** A list names files, it does not hold them. */
const LIST_BYTES_MAX = 64 * 1024 * 1024

export interface FileDigest {
  readonly bytes: number
  readonly sha256: string
}

export interface ChecksumOptions {
  readonly signal?: AbortSignal | undefined
  readonly onBytes?: (bytes: number) => void
}

async function* readWhole(
  path: string,
  { signal, onBytes }: ChecksumOptions
): AsyncGenerator<Uint8Array> {
  const options = { highWaterMark: READ_BYTES, ...(signal === undefined ? {} : { signal }) }
  try {
    for await (const piece of createReadStream(path, options)) {
      onBytes?.(piece.length)
      yield piece
    }
  } catch (cause) {
    if (signal?.aborted || isMeshError(cause)) throw cause
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    throw unreadable(path, why, 'check the path and its permissions', cause)
  }
}

/** @throws MeshError forcing/unreadable */
export async function digestFile(path: string, options: ChecksumOptions = {}): Promise<FileDigest> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of readWhole(path, options)) {
    hash.update(piece)
    bytes += piece.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** Every file below a folder, by its path there with slashes, in order of these. */
async function listStore(folder: string): Promise<{ name: string; path: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw unreadable(folder, 'cannot be listed', 'check its permissions', cause)
  })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, name: relative(folder, path).replaceAll('\\', '/') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() === true

/**
 * A file; or a store that is a folder (Zarr), by the names and digests of its files.
 * @throws MeshError forcing/unreadable
 */
export async function digestSource(
  path: string,
  options: ChecksumOptions = {}
): Promise<FileDigest> {
  if (!(await isFolder(path))) return await digestFile(path, options)
  const hash = createHash('sha256')
  let bytes = 0
  for (const file of await listStore(path)) {
    const digest = await digestFile(file.path, options)
    hash.update(`${digest.sha256}  ${file.name}\n`)
    bytes += digest.bytes
  }
  return { bytes, sha256: hash.digest('hex') }
}

const FORGET = { put: async () => {} }

async function identifyFile(
  path: string,
  options: ChecksumOptions
): Promise<FileDigest & { readonly cid: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  const content = (async function* () {
    for await (const piece of readWhole(path, options)) {
      hash.update(piece)
      bytes += piece.length
      yield piece
    }
  })()
  const { files } = await writeFolder([{ path: 'file', bytes: content }], FORGET, options.signal)
  const cid = files.get('file')
  if (cid === undefined) throw new Error('a file was not imported')
  return { bytes, sha256: hash.digest('hex'), cid: cid.toString() }
}

/** Digest and CID, of a file in one reading. @throws MeshError forcing/unreadable */
export async function identifySource(
  path: string,
  options: ChecksumOptions = {}
): Promise<FileDigest & { readonly cid: string }> {
  if (!(await isFolder(path))) return await identifyFile(path, options)
  const files = (await listStore(path)).map((file) => ({
    path: file.name,
    bytes: readWhole(file.path, {})
  }))
  const { cid } = await writeFolder(files, FORGET, options.signal)
  return { ...(await digestSource(path, options)), cid: cid.toString() }
}

export interface ListedDigest {
  /** As the list names it. */
  readonly name: string
  readonly sha256: string
}

/** Lines of `sha256sum`, text or binary, or BSD style; comments and empty lines are skipped. */
export function parseDigests(text: string, source: string): ListedDigest[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return []
    const plain = /^\\?([0-9a-f]{64}) [ *](.+)$/i.exec(line)
    const bsd = /^SHA256 \((.+)\) = ([0-9a-f]{64})$/i.exec(line)
    const name = plain?.[2] ?? bsd?.[1]
    const sha256 = (plain?.[1] ?? bsd?.[2])?.toLowerCase()
    if (name !== undefined && sha256 !== undefined) return [{ name, sha256 }]
    // A file FILE.sha256 may hold the digest alone.
    const alone = /^([0-9a-f]{64})$/i.exec(line.trim())?.[1]
    if (alone !== undefined) return [{ name: '', sha256: alone.toLowerCase() }]
    throw new MeshError(
      'cli/usage',
      `${source}:${index + 1} is no line of sha256sum: it is "DIGEST  FILE"`
    )
  })
}

/** @throws MeshError cli/usage, store/failed */
export async function readDigestList(path: string): Promise<ListedDigest[]> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    const code = (cause as NodeJS.ErrnoException).code
    if (code !== 'ENOENT' && code !== 'EISDIR') throw diskFailure(path, cause)
    throw new MeshError('cli/usage', `${path}: no such list of checksums`, { cause })
  })
  if (text.length > LIST_BYTES_MAX) {
    throw new MeshError('cli/usage', `${path} is too large for a list of checksums`)
  }
  return parseDigests(text, path)
}

/**
 * What a reader does with a forecast's folder: list it, read a file of it, and put it on disk,
 * whole or not at all.
 */
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import toBuffer from 'it-to-buffer'
import type { CID } from 'multiformats/cid'
import { MeshError } from '../../../mesh-error.ts'
import type { Blocks } from '../../../store/blocks.ts'
import { diskFailure } from '../../output-target.ts'
import { naming } from '../naming.ts'
import { entriesOf, type FolderEntry, openEntry, walkFolder } from './unixfs.ts'

/** Bytes of one file that is read whole: the units table of 20,000 verdicts stays below. */
const FILE_BYTES_MAX = 64 * 1024 * 1024

/** Entries of a folder by name. @throws MeshError net/block-missing, verify/mismatch */
export const listFolder = (
  cid: CID,
  blocks: Blocks,
  signal?: AbortSignal
): Promise<FolderEntry[]> =>
  naming(`folder ${cid}`, async () => entriesOf(await openEntry(cid, '', blocks, signal), signal))

/** Bytes of the file at `path` inside the folder. */
export function readFolderFile(
  cid: CID,
  path: string,
  blocks: Blocks,
  signal?: AbortSignal
): Promise<Uint8Array> {
  return naming(path, async () => {
    const file = await openEntry(cid, path, blocks, signal)
    const detail = { path, bytesMax: FILE_BYTES_MAX }
    if (file.type === 'directory' || file.type === 'object') {
      throw new MeshError('verify/mismatch', 'is not a file', { detail })
    }
    if (file.size > FILE_BYTES_MAX) {
      throw new MeshError('verify/mismatch', 'is too large to be part of a forecast', { detail })
    }
    return await toBuffer(file.content(signal === undefined ? {} : { signal }))
  })
}

export interface ExportOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (filesDone: number) => void
}

/**
 * Writes the folder to `dir`, which must not exist or be empty, in one rename.
 * @throws MeshError store/failed, store/full, net/block-missing, verify/mismatch
 */
export async function exportFolder(
  cid: CID,
  blocks: Blocks,
  dir: string,
  options: ExportOptions = {}
): Promise<void> {
  const target = resolve(dir)
  let temporary: string | undefined
  try {
    await mkdir(dirname(target), { recursive: true })
    temporary = await mkdtemp(join(dirname(target), `.${basename(target)}-`))
    const whole = join(temporary, 'folder')
    await mkdir(whole)
    let filesDone = 0
    for await (const file of walkFolder(cid, blocks, options.signal)) {
      options.signal?.throwIfAborted()
      const path = join(whole, file.path)
      await mkdir(dirname(path), { recursive: true })
      await naming(file.path, () => pipeline(file.content(), createWriteStream(path)))
      filesDone += 1
      options.onProgress?.(filesDone)
    }
    await rename(whole, target)
  } catch (cause) {
    throw diskFailure(dir, cause)
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true })
  }
}

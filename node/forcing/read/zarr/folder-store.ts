/** A Zarr store in a folder of this machine. */
import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { unreadable } from '../data-file.ts'
import { CHUNK_BYTES_MAX } from '../limits.ts'
import { type ByteRange, GROUP_DEPTH_MAX, METADATA_NAMES, type ZarrStore } from './zarr-store.ts'

export function folderStore(folder: string): ZarrStore {
  const within = async (
    key: string,
    range: ByteRange | undefined
  ): Promise<Uint8Array | undefined> => {
    if (key.split('/').includes('..')) return undefined
    let handle: FileHandle | undefined
    try {
      handle = await open(join(folder, key))
      const { size } = await handle.stat()
      const [from, length] = boundsOf(size, range)
      if (length > CHUNK_BYTES_MAX) {
        throw unreadable(folder, `${key} has ${length} bytes, above the limit`, 'rechunk it')
      }
      const bytes = new Uint8Array(length)
      const { bytesRead } = await handle.read(bytes, 0, length, from)
      return bytes.subarray(0, bytesRead)
    } catch (cause) {
      const code = (cause as { code?: unknown }).code
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined
      if (typeof code !== 'string' || code.includes('/')) throw cause
      throw unreadable(folder, `${key} cannot be read (${code})`, 'check its permissions', cause)
    } finally {
      await handle?.close()
    }
  }
  return {
    place: folder,
    get: (key) => within(key, undefined),
    getRange: (key, range) => within(key, range),
    listMetadata: async () => (await metadataBelow(folder, 0)).sort()
  }
}

function boundsOf(size: number, range: ByteRange | undefined): readonly [number, number] {
  if (range === undefined) return [0, size]
  if ('suffixLength' in range) {
    const length = Math.min(size, range.suffixLength)
    return [size - length, length]
  }
  const from = Math.min(size, Math.max(0, range.offset))
  return [from, Math.max(0, Math.min(size - from, range.length))]
}

async function metadataBelow(folder: string, depth: number, path = ''): Promise<`/${string}`[]> {
  const found: `/${string}`[] = []
  for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
    if (METADATA_NAMES.has(entry.name)) found.push(`${path}/${entry.name}` as `/${string}`)
    // Folders of chunks are named by numbers or `c`.
    const isGroup = entry.isDirectory() && !/^(\d+|c)$/.test(entry.name)
    if (isGroup && depth < GROUP_DEPTH_MAX) {
      found.push(...(await metadataBelow(folder, depth + 1, `${path}/${entry.name}`)))
    }
  }
  return found
}

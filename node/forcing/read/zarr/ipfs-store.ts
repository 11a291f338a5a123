/** A Zarr store as a UnixFS folder, `ipfs://CID/path`, its blocks from where the node has them. */
import type { UnixFSEntry } from 'ipfs-unixfs-exporter'
import toBuffer from 'it-to-buffer'
import { CID } from 'multiformats/cid'
import { entriesOf, openEntry } from '../../../forecast/product/folder/unixfs.ts'
import { isMeshError } from '../../../mesh-error.ts'
import type { Blocks } from '../../../store/blocks.ts'
import { unreadable } from '../data-file.ts'
import { CHUNK_BYTES_MAX } from '../limits.ts'
import { type ByteRange, GROUP_DEPTH_MAX, METADATA_NAMES, type ZarrStore } from './zarr-store.ts'

/** @throws MeshError `forcing/unreadable` when the address names no CID */
export function ipfsStore(address: string, blocks: Pick<Blocks, 'get'>): ZarrStore {
  const { cid, path } = parseAddress(address)
  const entryAt = async (key: string, signal?: AbortSignal): Promise<UnixFSEntry | undefined> => {
    try {
      return await openEntry(cid, `${path}${key}`.replace(/^\/|\/$/g, ''), blocks, signal)
    } catch (error) {
      const isAbsent = isMeshError(error, 'verify/mismatch') && nameOf(error.cause) === NOT_FOUND
      if (isAbsent) return undefined
      throw error
    }
  }
  const read = async (
    key: string,
    range: ByteRange | undefined,
    signal?: AbortSignal
  ): Promise<Uint8Array | undefined> => {
    const entry = await entryAt(key, signal)
    if (entry === undefined || entry.type === 'directory' || entry.type === 'object') {
      return undefined
    }
    const size = Number(entry.size)
    const suffix = range !== undefined && 'suffixLength' in range ? range.suffixLength : size
    const [offset, length] =
      range !== undefined && 'offset' in range
        ? [range.offset, Math.min(range.length, size - range.offset)]
        : [Math.max(0, size - suffix), Math.min(size, suffix)]
    if (!(length >= 0 && length <= CHUNK_BYTES_MAX)) {
      throw unreadable(`${address}${key}`, `has ${length} bytes, above the limit`, 'rechunk it')
    }
    return await toBuffer(entry.content({ offset, length, ...(signal ? { signal } : {}) }))
  }
  const listBelow = async (
    key: string,
    depth: number,
    signal?: AbortSignal
  ): Promise<`/${string}`[]> => {
    const folder = await entryAt(key, signal)
    if (folder?.type !== 'directory') return []
    const found: `/${string}`[] = []
    for (const { name } of await entriesOf(folder, signal)) {
      if (METADATA_NAMES.has(name)) found.push(`${key}/${name}` as `/${string}`)
      else if (depth < GROUP_DEPTH_MAX && !/^(c|[\d.]+|\.z\w+)$/.test(name)) {
        found.push(...(await listBelow(`${key}/${name}`, depth + 1, signal)))
      }
    }
    return found
  }
  return {
    place: address,
    get: (key, options) => read(key, undefined, options?.signal),
    getRange: (key, range, options) => read(key, range, options?.signal),
    listMetadata: async (options) => await listBelow('', 0, options?.signal)
  }
}

const NOT_FOUND = 'NotFoundError'
const nameOf = (cause: unknown): string => (cause instanceof Error ? cause.name : '')

function parseAddress(address: string): { cid: CID; path: string } {
  const [, name = '', path = ''] = /^ipfs:\/\/([^/?#]+)(\/[^?#]*)?$/.exec(address) ?? []
  try {
    return { cid: CID.parse(name), path: path.replace(/\/$/, '') }
  } catch (cause) {
    throw unreadable(address, 'names no CID', 'write it as ipfs://CID/folder.zarr', cause)
  }
}

/**
 * Opens a data file with the adapter of its format, which is known by the magic bytes and never by
 * a name; a folder or an address is a Zarr store.
 */
import { open, readdir, stat } from 'node:fs/promises'
import { bounded } from './bounded-file.ts'
import { type DataFile, type OpenOptions, unreadable } from './data-file.ts'
import { openNetcdf4 } from './hdf5/netcdf4-file.ts'
import { openNetcdf3 } from './netcdf3/netcdf3-file.ts'
import { SNIFF_BYTES, wrongFile } from './wrong-file.ts'
import { folderStore } from './zarr/folder-store.ts'
import { httpStore } from './zarr/http-store.ts'
import { ipfsStore } from './zarr/ipfs-store.ts'
import { openZarr } from './zarr/zarr-file.ts'
import type { ZarrStore } from './zarr/zarr-store.ts'

const HDF5_MARK = '\x89HDF\r\n\x1a\n'
const isNetcdf3 = (head: string): boolean => head.startsWith('CDF') && head.length > 4

/** @throws MeshError `forcing/unreadable` when the file is absent, garbage or cut off */
export async function openDataFile(file: string, options: OpenOptions = {}): Promise<DataFile> {
  options.signal?.throwIfAborted()
  const store = await storeOf(file, options)
  if (store !== undefined) return await bounded(await openZarr(store, options.signal))
  const head = await readHead(file)
  if (isNetcdf3(head)) return await bounded(await openNetcdf3(file))
  if (head.startsWith(HDF5_MARK)) return await bounded(await openNetcdf4(file))
  const { what, advice } = wrongFile(head)
  throw unreadable(file, what, advice)
}

/** An address of a data set elsewhere, not a path. */
export const isRemote = (source: string): boolean => /^(https?|ipfs):\/\//.test(source)

/** Files that a Zarr store has at its root. */
export const ZARR_MARK = /^(\.zgroup|\.zarray|\.zmetadata|zarr\.json)$/

/** Does a folder hold a Zarr store, rather than data files? */
export async function isZarrFolder(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => [])
  return names.some((name) => ZARR_MARK.test(name))
}

async function storeOf(source: string, { inputs }: OpenOptions): Promise<ZarrStore | undefined> {
  if (isRemote(source)) {
    if (/\.(nc4?|cdf|h5|hdf5?|grb2?|grib2?)$/i.test(source.replace(/[?#].*$/, ''))) {
      const get = source.startsWith('ipfs') ? 'driftmesh get' : 'driftmesh data fetch'
      throw unreadable(
        source,
        'is a file elsewhere; only Zarr is read from afar',
        `${get} it first`
      )
    }
    if (!source.startsWith('ipfs://')) return httpStore(source)
    if (inputs !== undefined) return ipfsStore(source, inputs)
    throw unreadable(source, 'needs the blocks of a node', 'name them with --from or --bootstrap')
  }
  const isFolder = (await stat(source).catch(() => undefined))?.isDirectory() === true
  if (!isFolder) return undefined
  if (await isZarrFolder(source)) return folderStore(source)
  throw unreadable(source, 'is a folder without a Zarr store', 'name a data file or a Zarr store')
}

/** Does it begin like a file that {@link openDataFile} reads? */
export async function isDataFile(file: string): Promise<boolean> {
  const head = await readHead(file)
  return isNetcdf3(head) || head.startsWith(HDF5_MARK)
}

async function readHead(file: string): Promise<string> {
  try {
    const handle = await open(file)
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0)
      return buffer.toString('latin1', 0, bytesRead)
    } finally {
      await handle.close()
    }
  } catch (cause) {
    const code = (cause as { code?: unknown }).code
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${String(code)})`
    throw unreadable(file, why, 'check the path and its permissions', cause)
  }
}

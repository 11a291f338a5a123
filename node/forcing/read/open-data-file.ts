/**
 * Opens a data file with the adapter of its format, which is known by the magic bytes and never by
 * a name.
 */
import { open } from 'node:fs/promises'
import { type DataFile, unreadable } from './data-file.ts'
import { openNetcdf3 } from './netcdf3-file.ts'
import { openNetcdf4 } from './netcdf4-file.ts'

/** The longer of both formats' marks. */
const MAGIC_BYTES = 8

/** @throws MeshError `forcing/unreadable` when the file is absent, garbage or cut off */
export async function openDataFile(file: string): Promise<DataFile> {
  const magic = await readMagic(file)
  if (magic.startsWith('CDF') && magic.length === MAGIC_BYTES) return await openNetcdf3(file)
  if (magic === '\x89HDF\r\n\x1a\n') return await openNetcdf4(file)
  if (magic.length < MAGIC_BYTES) {
    const what = magic === '' ? 'is empty' : `has only ${magic.length} bytes`
    throw unreadable(file, what, 'fetch it again')
  }
  throw unreadable(file, 'is neither NetCDF-3 nor NetCDF-4/HDF5', 'convert it to NetCDF')
}

/** Does it begin like a file that {@link openDataFile} reads? */
export async function isDataFile(file: string): Promise<boolean> {
  const magic = await readMagic(file)
  return magic.startsWith('CDF') || magic === '\x89HDF\r\n\x1a\n'
}

async function readMagic(file: string): Promise<string> {
  try {
    const handle = await open(file)
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAGIC_BYTES), 0, MAGIC_BYTES, 0)
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

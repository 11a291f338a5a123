/**
 * Files that appear whole or not at all, also after a power cut: written beside their place,
 * synced, then moved there in one step, and the folder synced too.
 */
import { randomBytes } from 'node:crypto'
import { link, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { diskFailure } from '../forecast/output-target.ts'

interface DurableOptions {
  readonly mode?: number
  /** Leave a file that is already there as it is, and say so. */
  readonly isNew?: boolean
}

/** Makes the names of a folder durable, where the platform can. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

/**
 * Writes a file so that a reader sees the old one or the whole new one.
 * @returns false when `isNew` was asked and a file was there
 * @throws MeshError store/failed, store/full
 */
export async function writeDurably(
  path: string,
  data: string | Uint8Array,
  { mode = 0o644, isNew = false }: DurableOptions = {}
): Promise<boolean> {
  const temporary = `${path}.${process.pid}.${randomBytes(3).toString('hex')}.tmp`
  try {
    const handle = await open(temporary, 'wx', mode)
    try {
      await handle.writeFile(data)
      await handle.sync()
    } finally {
      await handle.close()
    }
    // A link, unlike a rename, does not replace what another process put there meanwhile.
    if (isNew) await link(temporary, path)
    else await rename(temporary, path)
    await syncFolder(dirname(path))
    return true
  } catch (cause) {
    if (isNew && (cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw diskFailure(path, cause)
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined)
  }
}

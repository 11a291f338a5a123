/**
 * Where forcing comes from: the files of one role. A forecast names them as a file, a folder or a
 * glob; what they hold is decided by their content, never by their names.
 */
import { glob, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { unreadable } from './read/data-file.ts'
import { isDataFile } from './read/open-data-file.ts'

export type ForcingRole = 'current' | 'wind' | 'stokes'

/** The files of one role, in any order, and how the user wants them read. */
export interface ForcingSource {
  readonly role: ForcingRole
  readonly files: readonly string[]
  /** The nearest depth level to this is taken; the surface if absent. */
  readonly depthMetres?: number
  /** Names of the eastward and northward variable, where they are not understood by themselves. */
  readonly map?: { readonly u: string; readonly v: string }
}

/**
 * Files that a file name, folder (with its subfolders, data files only) or glob means, sorted,
 * absolute.
 * @throws MeshError `forcing/unreadable` when there is none
 */
export async function expandSource(pattern: string, baseDir: string): Promise<string[]> {
  const path = resolve(baseDir, pattern)
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile()) return [path]
  if (found?.isDirectory()) {
    const { dataFiles } = await listFolder(path)
    if (dataFiles.length > 0) return dataFiles
    throw unreadable(path, 'holds no NetCDF file', 'name the folder or file with the data')
  }
  const files: string[] = []
  if (/[*?[{]/.test(pattern)) {
    for await (const match of glob(pattern, { cwd: baseDir })) {
      const file = resolve(baseDir, match)
      if ((await stat(file)).isFile()) files.push(file)
    }
  }
  if (files.length === 0) {
    throw unreadable(path, 'no such file', 'check the source in the forecast file')
  }
  return files.sort()
}

/** Every file below a folder, sorted: those that are data by their first bytes, and the others. */
export async function listFolder(
  dir: string
): Promise<{ dataFiles: string[]; otherFiles: string[] }> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw unreadable(dir, 'cannot be listed', 'name an existing folder with data files', cause)
  })
  const dataFiles: string[] = []
  const otherFiles: string[] = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    ;((await isDataFile(file)) ? dataFiles : otherFiles).push(file)
  }
  return { dataFiles: dataFiles.sort(), otherFiles: otherFiles.sort() }
}

/**
 * Where a command will write, tried before hours of work and not after: the place must be given,
 * free and writable. And the words for a disk that refuses all the same.
 */
import { mkdtemp, readdir, rmdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { MeshError } from '../mesh-error.ts'

/** A refusal of the operating system as a failure that names the path; others untouched. */
export function diskFailure(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !('syscall' in cause)) return cause
  const { code } = cause as NodeJS.ErrnoException
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  const why = isFull
    ? 'the disk is full; free some space'
    : `${reasonOf(code)}; choose another place`
  const message = `cannot write ${path}: ${why}`
  return new MeshError(isFull ? 'store/full' : 'store/failed', message, {
    cause,
    detail: { path }
  })
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'its folder does not exist and cannot be made',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'it exists',
  ENOTEMPTY: 'it exists and is not empty',
  ENAMETOOLONG: 'the name is too long'
}

const reasonOf = (code = 'unknown error'): string => REASONS[code] ?? code

/**
 * Tries to write beside `path`, in the nearest folder of it that exists.
 * @throws MeshError cli/usage when the path is empty, store/* when nothing can be written there
 */
export async function checkWritable(path: string, flag: string): Promise<void> {
  if (path === '') throw new MeshError('cli/usage', `${flag} is empty: give it a name`)
  let folder = dirname(resolve(path))
  while ((await stat(folder).catch(() => undefined)) === undefined) folder = dirname(folder)
  try {
    await rmdir(await mkdtemp(join(folder, '.driftmesh-')))
  } catch (cause) {
    throw diskFailure(path, cause)
  }
}

/** @throws MeshError cli/usage unless the folder can be made, or is there and empty; store/* */
export async function checkFolderTarget(path: string, flag: string): Promise<void> {
  await checkWritable(path, flag)
  let entries: string[]
  try {
    entries = await readdir(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return
    throw new MeshError('cli/usage', `${path} is not a folder: give ${flag} another name`, {
      cause
    })
  }
  if (entries.length === 0) return
  throw new MeshError('cli/usage', `${path} is not empty: give ${flag} another name, or remove it`)
}

/** @throws MeshError cli/usage unless a plain file can be made or replaced there; store/* */
export async function checkFileTarget(path: string, flag: string): Promise<void> {
  const found = path === '' ? undefined : await stat(path).catch(() => undefined)
  if (found !== undefined && !found.isFile()) {
    const what = found.isDirectory() ? 'a folder' : 'not a plain file'
    throw new MeshError('cli/usage', `${path} is ${what}: give ${flag} the name of a file`)
  }
  await checkWritable(path, flag)
}

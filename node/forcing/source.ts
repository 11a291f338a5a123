/**
 * Where forcing comes from: the files of one role. A forecast names them as a file, a folder or a
 * glob; what they hold is decided by their content, never by their names.
 */
import type { Dirent } from 'node:fs'
import { glob, readdir, stat } from 'node:fs/promises'
import { join, parse, resolve, sep } from 'node:path'
import { filesOfSet } from '../data/catalogue/catalogue.ts'
import { namedSet } from '../data/catalogue/data-set.ts'
import { homeFolder } from '../service/home.ts'
import { type OpenOptions, unreadable } from './read/data-file.ts'
import { isDataFile, isRemote, isZarrFolder, ZARR_MARK } from './read/open-data-file.ts'

export type ForcingRole = 'current' | 'wind' | 'stokes'

/** The files of one role, in any order, and how the user wants them read. */
export interface ForcingSource {
  readonly role: ForcingRole
  readonly files: readonly string[]
  /** The nearest depth level to this is taken; the surface if absent. */
  readonly depthMetres?: number
  /** Names of the eastward and northward variable, where they are not understood by themselves. */
  readonly map?: { readonly u: string; readonly v: string }
  /** Currents are derived from the sea level, in geostrophic balance. */
  readonly from?: 'seaLevel'
  /** Name of the sea level, where it is not understood by itself. */
  readonly seaLevelName?: string
  /** Which value of a dimension that is neither place, time nor depth, by the dimension's name. */
  readonly select?: Readonly<Record<string, number>>
  /** What a value in a unit is multiplied by; speeds are understood by themselves. */
  readonly factorOf?: (unit: string) => number | undefined
  /** Of several data sets of a role: what people call this one. */
  readonly name?: string
  /** Gaps between slices up to this are interpolated; default: twice the usual step. */
  readonly maxGapSeconds?: number
  /** Slices are held for at most this in longer gaps and at both ends; default: not at all. */
  readonly persistSeconds?: number
  /** What a node without any value is: land (of a model), or a gap (of an observation). */
  readonly missing?: 'land' | 'gap'
  /** Where files of `ipfs://` addresses come from. */
  readonly inputs?: OpenOptions['inputs']
  /** Cells over which it gives way to the next data set of its role at its edge. */
  readonly blendCells?: number
}

/**
 * Files that a file name, folder (with its subfolders, data files only), glob or set of the
 * catalogue (`data:NAME`) means, sorted, absolute; a Zarr store is one file, be it a folder or an
 * address (`https://`, `ipfs://CID/…`).
 * @param home where the catalogue is
 * @throws MeshError `forcing/unreadable` when there is none
 */
export async function expandSource(
  pattern: string,
  baseDir: string,
  home: string = homeFolder(undefined, process.env)
): Promise<string[]> {
  const set = namedSet(pattern)
  if (set !== undefined) return await filesOfSet(home, set)
  if (isRemote(pattern)) return [pattern]
  const path = resolve(baseDir, pattern)
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() || (await isZarrFolder(path))) return [path]
  if (found?.isDirectory()) {
    const { dataFiles } = await listFolder(path)
    if (dataFiles.length > 0) return dataFiles
    throw unreadable(
      path,
      'holds no NetCDF file or Zarr store',
      'name the folder or file with the data'
    )
  }
  const files: string[] = []
  const isPattern = /[*?[{]/.test(pattern)
  if (isPattern) {
    const { dir, rest } = await literalPart(path)
    for await (const match of glob(rest, { cwd: dir })) {
      const file = resolve(dir, match)
      const isOne = (await stat(file).catch(() => undefined))?.isFile()
      if (isOne || (await isZarrFolder(file))) files.push(file)
    }
  }
  if (files.length === 0) {
    const what = isPattern ? 'no file matches this pattern' : 'no such file'
    throw unreadable(path, what, 'check the source and its permissions')
  }
  return files.sort()
}

/** The longest leading part of a path that exists as it stands: its `[` or `*` are no pattern. */
async function literalPart(path: string): Promise<{ dir: string; rest: string }> {
  let dir = parse(path).root
  const parts = path.slice(dir.length).split(sep)
  for (const [index, part] of parts.entries()) {
    const next = join(dir, part)
    const isFolder = (await stat(next).catch(() => undefined))?.isDirectory() === true
    if (!isFolder) return { dir, rest: parts.slice(index).join('/') }
    dir = next
  }
  return { dir, rest: '' }
}

/** A file, or a link to one: large data is often linked, not copied. */
const isFile = async (entry: Dirent, path: string): Promise<boolean> =>
  entry.isFile() ||
  (entry.isSymbolicLink() && (await stat(path).catch(() => undefined))?.isFile() === true)

/** The outermost folders that are Zarr stores. */
function zarrStores(entries: readonly Dirent[]): string[] {
  const folders = new Set(
    entries.filter(({ name }) => ZARR_MARK.test(name)).map(({ parentPath }) => parentPath)
  )
  return [...folders].filter(
    (folder) => ![...folders].some((other) => folder.startsWith(other + sep))
  )
}

/** Every file below a folder, sorted: those that are data by their first bytes, and the others. */
export async function listFolder(
  dir: string
): Promise<{ dataFiles: string[]; otherFiles: string[] }> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw unreadable(dir, 'cannot be listed', 'name an existing folder with data files', cause)
  })
  const stores = zarrStores(entries)
  const dataFiles: string[] = [...stores]
  const otherFiles: string[] = []
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name)
    if (stores.some((store) => file.startsWith(store + sep)) || !(await isFile(entry, file)))
      continue
    ;((await isDataFile(file)) ? dataFiles : otherFiles).push(file)
  }
  return { dataFiles: dataFiles.sort(), otherFiles: otherFiles.sort() }
}

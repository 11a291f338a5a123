/**
 * How a forecast file names a set of files: the folder where that means exactly them, else one
 * file, else a pattern that lists them.
 */
import { basename, dirname, sep } from 'node:path'

/**
 * The source of `chosen`, when `sameRole` are all files below `dir` that hold that role: a folder
 * stands for its files of the role, those of other roles are skipped when it is read.
 */
export function sourceFor(
  dir: string,
  chosen: readonly string[],
  sameRole: readonly string[]
): string {
  const [only] = chosen
  if (chosen.length === 1 && only !== undefined) return only
  if (chosen.length === sameRole.length) return dir
  const folder = commonFolder(chosen)
  const isAllBelow = sameRole.every(
    (file) => chosen.includes(file) || !file.startsWith(folder + sep)
  )
  if (isAllBelow) return folder
  const names = chosen.map((file) => escaped(file.slice(folder.length + 1)))
  return `${escaped(folder)}/{${names.join(',')}}`
}

function commonFolder(files: readonly string[]): string {
  let folder = dirname(files[0] ?? '')
  while (!files.every((file) => file.startsWith(folder + sep)) && basename(folder) !== '') {
    folder = dirname(folder)
  }
  return folder
}

/** Characters that mean something in a pattern, taken literally. */
const escaped = (path: string): string => path.replace(/[[\]{}*?!,()\\]/g, '\\$&')

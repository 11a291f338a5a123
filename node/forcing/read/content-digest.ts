/**
 * A name for what a data file holds, whatever it is called: decides which of two files that cover
 * the same times serves them.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { isRemote } from './open-data-file.ts'

/** Of a store elsewhere its address stands for it: to read it whole would cost all of it. */
export async function contentDigest(file: string): Promise<string> {
  const hash = createHash('sha256')
  if (isRemote(file)) return hash.update(file).digest('hex')
  const isFolder = (await stat(file)).isDirectory()
  const pieces = isFolder ? await objectsBelow(file) : [file]
  for (const path of pieces) {
    if (isFolder) hash.update(`${relative(file, path)}\n`)
    for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array)
  }
  return hash.digest('hex')
}

async function objectsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
}

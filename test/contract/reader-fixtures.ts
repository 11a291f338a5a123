/** The files of test/fixtures/readers; Zarr stores lie there in zip files. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { unzipSync } from 'fflate'

export const fixtureFile = (name: string): string =>
  resolve(import.meta.dirname, '../fixtures/readers', name)

/** Objects of a store by key. */
export function storeFiles(name: string): Map<string, Uint8Array> {
  const unzipped = unzipSync(readFileSync(fixtureFile(`${name}.zip`)))
  return new Map(Object.entries(unzipped).filter(([path]) => !path.endsWith('/')))
}

/** The store as a folder below another; its path. */
export function unpackStore(name: string, below: string): string {
  for (const [path, bytes] of storeFiles(name)) {
    const file = join(below, name, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
  }
  return join(below, name)
}

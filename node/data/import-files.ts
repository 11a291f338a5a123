/**
 * Puts files that are already here into the catalogue: they stay where they are, with the digest
 * they have now and the names of those to thank.
 */
import { resolve } from 'node:path'
import { isRemote } from '../forcing/read/open-data-file.ts'
import { expandSource } from '../forcing/source.ts'
import { MeshError } from '../mesh-error.ts'
import { addSet, findSet, nameTaken } from './catalogue/catalogue.ts'
import { checkSetName, creditsFor, type DataSet } from './catalogue/data-set.ts'
import { digestSource } from './checksum.ts'

export interface ImportRequest {
  readonly home: string
  readonly name: string
  /** Files, folders or patterns. */
  readonly sources: readonly string[]
  readonly title?: string | undefined
  readonly attribution?: string | undefined
  readonly license?: string | undefined
  readonly mayReplace: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

/** @throws MeshError forcing/unreadable, cli/usage, store/* */
export async function importFiles(request: ImportRequest): Promise<DataSet> {
  const { home, name, title, attribution, license, mayReplace, signal } = request
  checkSetName(name)
  const credits = creditsFor({ title, attribution, license })
  if (!mayReplace && (await findSet(home, name)) !== undefined) throw nameTaken(name)
  const paths = new Set<string>()
  for (const source of request.sources) {
    if (isRemote(source)) {
      const message = `${source} is not here: \`driftmesh data fetch\` gets files from servers`
      throw new MeshError('cli/usage', message)
    }
    for (const path of await expandSource(source, '.', home)) paths.add(resolve(path))
  }
  const files: DataSet['files'] = []
  for (const path of paths) {
    request.onProgress?.(files.length, paths.size)
    files.push({ path, ...(await digestSource(path, { signal })) })
  }
  const set: DataSet = {
    kind: 'driftmesh/data-set/v1',
    name,
    ...credits,
    source: { kind: 'import' },
    request: {},
    fetchedAt: new Date().toISOString(),
    roles: [],
    files
  }
  await addSet(home, set, mayReplace)
  return set
}

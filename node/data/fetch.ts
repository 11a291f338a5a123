/**
 * A fetch from beginning to catalogue: pieces one after the other, each in its place only when
 * whole, with a journal beside them so that a killed fetch begins with the first piece it lacks.
 */
import { mkdir, readFile, rm, stat, statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { diskFailure } from '../forecast/output-target.ts'
import { isMeshError, MeshError } from '../mesh-error.ts'
import { addSet, filesFolder, filesOfSet, findSet, nameTaken } from './catalogue/catalogue.ts'
import { creditsFor, type DataSet, dataSetShape, type SetFile } from './catalogue/data-set.ts'
import { writeDurably } from './durable-file.ts'
import type { FetchJob } from './fetch-job.ts'
import type { TransferContext } from './transfer/download.ts'

const JOURNAL = 'driftmesh-fetch.json'

export interface FetchProgress {
  readonly filesDone: number
  readonly filesTotal: number
  /** Over all files so far, with those that were here. */
  readonly bytes: number
  /** Where it can be told. */
  readonly totalBytes: number | undefined
}

export interface FetchOptions {
  readonly home: string
  readonly name?: string | undefined
  /** Where the files go; default: below the home. */
  readonly out?: string | undefined
  readonly bytesMax: number
  readonly title?: string | undefined
  readonly attribution?: string | undefined
  readonly license?: string | undefined
  readonly roles: readonly string[]
  readonly preset?: string | undefined
  readonly mayReplace: boolean
}

export interface FetchContext extends Omit<TransferContext, 'onProgress'> {
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined
}

const isSameRequest = (a: DataSet, b: DataSet): boolean =>
  JSON.stringify([a.source, a.request]) === JSON.stringify([b.source, b.request])

type Done = ReadonlyMap<string, SetFile>

/** What an earlier run of the same request has done here, if there was one. */
async function readJournal(path: string, wanted: DataSet): Promise<Done | undefined> {
  try {
    const found = dataSetShape.parse(JSON.parse(await readFile(path, 'utf8')))
    if (!isSameRequest(found, wanted)) return undefined
    return new Map(found.files.map((file) => [file.path, file]))
  } catch {
    // Absent, or of another version: what it knew is fetched again.
    return undefined
  }
}

/** Files of the user's are not ours to replace. */
async function refuseForeign(folder: string, { pieces }: FetchJob): Promise<void> {
  for (const { file } of pieces) {
    const path = join(folder, file)
    if ((await stat(path).catch(() => undefined)) === undefined) continue
    throw new MeshError('cli/usage', `${path} exists: name another --out, or give --replace`)
  }
}

async function checkSpace(folder: string, bytes: number): Promise<void> {
  const space = await statfs(folder).catch(() => undefined)
  if (space === undefined || bytes <= space.bavail * space.bsize) return
  const message = `about ${bytes} bytes do not fit on the disk of ${folder}`
  throw new MeshError('store/full', `${message}: free some space, or name another --out`)
}

/** Is the set that is there what is asked, with its files? */
async function isHere(home: string, found: DataSet, wanted: DataSet): Promise<boolean> {
  if (!isSameRequest(found, wanted)) throw nameTaken(wanted.name)
  try {
    await filesOfSet(home, wanted.name)
    return true
  } catch (cause) {
    if (isMeshError(cause, 'forcing/unreadable')) return false
    throw cause
  }
}

/** @throws MeshError data/*, store/*, cli/usage; the signal's reason */
export async function fetchData(
  job: FetchJob,
  options: FetchOptions,
  context: FetchContext
): Promise<DataSet> {
  const { home, bytesMax, preset, mayReplace } = options
  const name = options.name ?? job.name
  const { estimatedBytes } = job
  const set: DataSet = {
    kind: 'driftmesh/data-set/v1',
    name,
    ...creditsFor(options, job),
    source: { ...job.source, ...(preset === undefined ? {} : { preset }) },
    request: { ...job.request },
    fetchedAt: new Date().toISOString(),
    roles: [...options.roles],
    files: []
  }
  const found = await findSet(home, name)
  if (found !== undefined && !mayReplace && (await isHere(home, found, set))) {
    context.onNote?.(`${name} is in the catalogue already; --replace fetches it again`)
    return found
  }
  if (estimatedBytes !== undefined && estimatedBytes > bytesMax) {
    const message = `about ${estimatedBytes} bytes, the limit is ${bytesMax}`
    throw new MeshError('data/limit', `${message}: raise --max-bytes, or ask for less`)
  }
  const folder = options.out === undefined ? filesFolder(home, name) : resolve(options.out)
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw diskFailure(folder, cause)
  })
  await checkSpace(folder, estimatedBytes ?? 0)
  const journal = join(folder, JOURNAL)
  const keep = (files: readonly SetFile[]): Promise<unknown> =>
    writeDurably(journal, JSON.stringify({ ...set, files }))
  let done = mayReplace ? undefined : await readJournal(journal, set)
  if (done === undefined) {
    if (options.out !== undefined && !mayReplace) await refuseForeign(folder, job)
    await keep([])
    done = new Map()
  }
  const files = await getPieces(job, folder, done, bytesMax, context, keep)
  const whole = { ...set, files }
  await addSet(home, whole, found !== undefined)
  await rm(journal, { force: true })
  return whole
}

/** @param keep notes in the journal what is done */
async function getPieces(
  { pieces, estimatedBytes }: FetchJob,
  folder: string,
  done: Done,
  bytesMax: number,
  context: FetchContext,
  keep: (files: readonly SetFile[]) => Promise<unknown>
): Promise<SetFile[]> {
  const files: SetFile[] = []
  let bytes = 0
  const tell = (current: number, total: number | undefined): void =>
    context.onProgress?.({
      filesDone: files.length,
      filesTotal: pieces.length,
      bytes: bytes + current,
      totalBytes: estimatedBytes ?? (pieces.length === 1 ? total : undefined)
    })
  for (const piece of pieces) {
    context.signal?.throwIfAborted()
    const path = join(folder, piece.file)
    const before = done.get(path)
    const size = (await stat(path).catch(() => undefined))?.size
    const isHere = before !== undefined && before.url === piece.url && before.bytes === size
    const digest = isHere
      ? { bytes: before.bytes, sha256: before.sha256 }
      : await piece.get(path, bytesMax - bytes, { ...context, onProgress: tell })
    files.push({ path, url: piece.url, ...digest })
    bytes += digest.bytes
    tell(0, undefined)
    if (!isHere) await keep(files)
  }
  return files
}

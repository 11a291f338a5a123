/**
 * The answer to a request: status, headers and a body that is made of checked blocks alone. A body
 * is begun before its headers are sent, so that a first block that is missing or wrong is an error
 * and no broken file; a later one ends the connection.
 */
import type { UnixFSEntry } from 'ipfs-unixfs-exporter'
import type { CID } from 'multiformats/cid'
import type { Blocks } from '../store/blocks.ts'
import { carBytes } from './car.ts'
import { blocksOfPath, type Child, childrenOf, openAt } from './find.ts'
import { BLOCKS_AHEAD } from './limits.ts'
import { listingPage } from './listing.ts'
import { mediaTypeOf } from './media-types.ts'
import { rangeOf } from './range.ts'
import { Refusal } from './refusal.ts'
import type { Asked } from './request.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: AsyncIterable<Uint8Array> | string
}

interface Conditions {
  readonly range: string | undefined
  readonly ifNoneMatch: string | undefined
  /** Only the headers are wanted: no block of a file's content is read. */
  readonly isHead: boolean
}

interface Source {
  readonly blocks: Pick<Blocks, 'get'>
  readonly signal: AbortSignal
}

/** A CID never means anything else: whoever has it may keep it. */
const FOR_EVER = 'public, max-age=31536000, immutable'

const isKnown = (etag: string, ifNoneMatch: string | undefined): boolean =>
  (ifNoneMatch ?? '')
    .split(',')
    .some((each) => ['*', etag].includes(each.trim().replace(/^W\//, '')))

/** The same bytes, once the first of them are there. */
async function begun(bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const reading = bytes[Symbol.asyncIterator]()
  const first = await reading.next()
  return (async function* () {
    try {
      for (let next = first; !next.done; next = await reading.next()) yield next.value
    } finally {
      await reading.return?.(undefined)
    }
  })()
}

type FileEntry = Exclude<UnixFSEntry, { type: 'directory' | 'object' }>

async function fileAnswer(
  file: FileEntry,
  name: string,
  { range, isHead }: Conditions,
  signal: AbortSignal
): Promise<Answer> {
  const size = Number(file.size)
  const part = rangeOf(range, size)
  const { offset, length } = part ?? { offset: 0, length: size }
  const headers = {
    'content-type': mediaTypeOf(name),
    'content-length': `${length}`,
    'accept-ranges': 'bytes',
    ...(part && { 'content-range': `bytes ${offset}-${offset + length - 1}/${size}` })
  }
  const status = part === undefined ? 200 : 206
  if (isHead || length === 0) return { status, headers }
  const content = file.content({ offset, length, signal, blockReadConcurrency: BLOCKS_AHEAD })
  return { status, headers, body: await begun(content) }
}

async function folderAnswer(
  asked: Asked,
  children: readonly Child[],
  conditions: Conditions,
  source: Source
): Promise<Answer> {
  const page = children.find(({ name }) => name === 'index.html')
  if (page === undefined) {
    const path = `/ipfs/${[asked.root, ...asked.steps].join('/')}`
    const body = listingPage(path, children)
    const headers = { 'content-type': 'text/html; charset=utf-8' }
    return { status: 200, headers, ...(conditions.isHead ? {} : { body }) }
  }
  const entry = await openAt(page.cid, source)
  if (entry.type === 'directory' || entry.type === 'object') {
    throw new Refusal(400, 'index.html is not a file')
  }
  return fileAnswer(entry, page.name, conditions, source.signal)
}

/** Where a folder's page lies, so that its relative links lead into it. */
const folderUrl = ({ root, steps, search }: Asked): string =>
  `/ipfs/${[root.toString(), ...steps.map(encodeURIComponent)].join('/')}/${search}`

async function entryAnswer(
  asked: Asked,
  cid: CID,
  conditions: Conditions,
  source: Source
): Promise<Answer> {
  const entry = await openAt(cid, source)
  if (entry.type === 'object') {
    const headers = { 'content-type': 'application/vnd.ipld.dag-cbor' }
    return { status: 200, headers, ...(conditions.isHead ? {} : { body: onePiece(entry.node) }) }
  }
  if (entry.type !== 'directory') {
    const name = asked.steps.at(-1) ?? ''
    return fileAnswer(entry, name, conditions, source.signal)
  }
  if (!asked.isFolderUrl) return { status: 301, headers: { location: folderUrl(asked) } }
  const children = await childrenOf(entry, source.signal)
  return folderAnswer(asked, children, conditions, source)
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function rawAnswer(cid: CID, conditions: Conditions, source: Source): Promise<Answer> {
  const bytes = await source.blocks.get(cid, { signal: source.signal })
  const headers = {
    'content-type': 'application/vnd.ipld.raw',
    'content-length': `${bytes.length}`,
    'content-disposition': `attachment; filename="${cid}.bin"`
  }
  return { status: 200, headers, ...(conditions.isHead ? {} : { body: onePiece(bytes) }) }
}

async function carAnswer(
  { scope }: Asked,
  path: readonly CID[],
  { isHead }: Conditions,
  source: Source
): Promise<Answer> {
  const headers = {
    'content-type': 'application/vnd.ipld.car; version=1; order=dfs; dups=n',
    'content-disposition': `attachment; filename="${path[0]}.car"`
  }
  if (isHead) return { status: 200, headers }
  return { status: 200, headers, body: await begun(carBytes({ path, scope, ...source })) }
}

/** @throws Refusal, MeshError net/block-missing, verify/mismatch */
export async function answerTo(
  asked: Asked,
  conditions: Conditions,
  source: Source
): Promise<Answer> {
  const path = await blocksOfPath(asked, source)
  const cid = path.at(-1) ?? asked.root
  const suffix = asked.form === 'car' ? `car.${asked.scope}` : asked.form
  const etag = asked.form === 'entry' ? `"${cid}"` : `"${cid}.${suffix}"`
  const common = {
    etag,
    'cache-control': FOR_EVER,
    'x-ipfs-path': folderUrl(asked).split('?')[0]?.replace(/\/$/, '') ?? '',
    'x-ipfs-roots': path.join(',')
  }
  if (isKnown(etag, conditions.ifNoneMatch)) return { status: 304, headers: common }
  const { status, headers, body } =
    asked.form === 'raw'
      ? await rawAnswer(cid, conditions, source)
      : asked.form === 'car'
        ? await carAnswer(asked, path, conditions, source)
        : await entryAnswer(asked, cid, conditions, source)
  return { status, headers: { ...common, ...headers }, ...(body === undefined ? {} : { body }) }
}

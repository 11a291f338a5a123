/**
 * One file from a URL to a path, whole or not at all: continued where an earlier attempt stopped if
 * the server still has the same bytes, started again if not, tried again for passing reasons, and
 * moved to its place only when its length and digest are right.
 */
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { diskFailure } from '../../forecast/output-target.ts'
import { isMeshError, MeshError } from '../../mesh-error.ts'
import { digestFile, type FileDigest } from '../checksum.ts'
import { connectionFailure, type HttpAnswer, type HttpClient } from './http-client.ts'
import type { TransferLimits } from './limits.ts'
import { openPart, type PartFile, type PartOrigin } from './part-file.ts'
import { refusal, withRetries } from './retries.ts'
import { keptUrl, shownUrl } from './shown-url.ts'

export interface TransferContext {
  readonly client: HttpClient
  readonly limits: TransferLimits
  readonly signal?: AbortSignal | undefined
  /** Bytes of the file so far, and of the whole where the server told. */
  readonly onProgress?: ((bytes: number, totalBytes: number | undefined) => void) | undefined
  /** What a person should know: pauses, restarts. */
  readonly onNote?: ((note: string) => void) | undefined
}

export interface DownloadRequest {
  readonly url: URL
  readonly path: string
  /** Hexadecimal; bytes with another one are refused. */
  readonly sha256?: string | undefined
  readonly bytesMax: number
}

/** @throws MeshError data/*, store/*; the signal's reason */
export async function download(
  request: DownloadRequest,
  context: TransferContext
): Promise<FileDigest> {
  const { url, path, sha256 } = request
  await mkdir(dirname(path), { recursive: true }).catch((cause) => {
    throw diskFailure(path, cause)
  })
  const part = await openPart(path, keptUrl(url))
  try {
    await withRetries(() => attempt(request, part, context), {
      limits: context.limits,
      signal: context.signal,
      progress: () => part.bytes,
      onPause: (reason, ms) => context.onNote?.(`${reason}; again in ${Math.ceil(ms / 1000)} s`)
    })
    const digest = await digestFile(part.path, { signal: context.signal })
    if (sha256 !== undefined && digest.sha256 !== sha256) {
      await part.restart({ url: keptUrl(url) })
      const message = `${shownUrl(url)} has the SHA-256 ${digest.sha256}, not ${sha256}`
      throw new MeshError('data/mismatch', `${message}: fetch again, or ask who gave the checksum`)
    }
    await part.finish()
    return digest
  } finally {
    await part.release()
  }
}

/** One request and its body; returns when the part is whole. */
async function attempt(
  request: DownloadRequest,
  part: PartFile,
  context: TransferContext
): Promise<void> {
  const { validator } = part.origin
  const isContinuing = part.bytes > 0 && validator !== undefined
  const headers: Record<string, string> = isContinuing
    ? { range: `bytes=${part.bytes}-`, 'if-range': validator }
    : {}
  const answer = await context.client.get(request.url, headers, context.signal)
  if (isContinuing && answer.status === 416) {
    await answer.discard()
    const whole = /^bytes \*\/(\d+)$/.exec(answer.headers['content-range'] ?? '')?.[1]
    if (Number(whole) === part.bytes && part.origin.totalBytes === part.bytes) return
    await startAgain(part, request.url, context, 'what is here is not a part of what is there')
  }
  if (answer.status !== 200 && answer.status !== 206) throw await refusal(answer)
  if (answer.status === 206) await checkContinuation(answer, part, request.url, context)
  else {
    if (isContinuing) context.onNote?.(`${shownUrl(request.url)} changed: started again`)
    await part.restart(originOf(answer, request.url))
  }
  const total = part.origin.totalBytes
  if (total !== undefined && total > request.bytesMax) {
    await answer.discard()
    throw tooLarge(request, total)
  }
  await receive(answer, request, part, context)
}

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined

/** What a whole answer's bytes belong to. */
function originOf({ headers }: HttpAnswer, url: URL): PartOrigin {
  const etag = headers.etag?.startsWith('"') ? headers.etag : undefined
  const validator = etag ?? headers['last-modified']
  const totalBytes = wholeNumber(headers['content-length'])
  return {
    url: keptUrl(url),
    ...(validator === undefined ? {} : { validator }),
    ...(totalBytes === undefined ? {} : { totalBytes })
  }
}

/** Forgets the part and lets the next attempt ask for the whole. */
async function startAgain(
  part: PartFile,
  url: URL,
  context: TransferContext,
  why: string
): Promise<never> {
  await part.restart({ url: keptUrl(url) })
  context.onNote?.(`${shownUrl(url)}: ${why}: started again`)
  throw new MeshError('data/unreachable', `${shownUrl(url)}: ${why}`, { retryable: true })
}

/** A 206 must continue exactly what is here, whatever the server made of If-Range. */
async function checkContinuation(
  answer: HttpAnswer,
  part: PartFile,
  url: URL,
  context: TransferContext
): Promise<void> {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '')
  const isHere = Number(range?.[1]) === part.bytes
  const total = wholeNumber(range?.[2])
  const { totalBytes, validator } = part.origin
  const { etag } = answer.headers
  const isSame =
    (total === undefined || totalBytes === undefined || total === totalBytes) &&
    (etag === undefined || !validator?.startsWith('"') || etag === validator)
  if (isHere && isSame) return
  await answer.discard()
  await startAgain(part, url, context, isHere ? 'it changed' : 'it sends another part than asked')
}

const tooLarge = ({ url, bytesMax }: DownloadRequest, bytes: number): MeshError =>
  new MeshError(
    'data/limit',
    `${shownUrl(url)} has ${bytes} bytes or more, the limit is ${bytesMax}: raise --max-bytes, ` +
      'or ask for a smaller box or time'
  )

/** Appends the body to the part and checks that it is all. */
async function receive(
  answer: HttpAnswer,
  request: DownloadRequest,
  part: PartFile,
  { limits, signal, onProgress }: TransferContext
): Promise<void> {
  const { url } = request
  const total = part.origin.totalBytes
  let window = { startMs: performance.now(), bytes: part.bytes }
  try {
    for await (const piece of answer.body) {
      if (part.bytes + piece.length > request.bytesMax) {
        throw tooLarge(request, part.bytes + piece.length)
      }
      await part.append(piece)
      onProgress?.(part.bytes, total)
      const elapsedMs = performance.now() - window.startMs
      if (elapsedMs < limits.slowWindowMs) continue
      if ((part.bytes - window.bytes) / elapsedMs < limits.slowBytesPerSecond / 1000) {
        const message = `${shownUrl(url)} sends less than ${limits.slowBytesPerSecond} bytes/s`
        throw new MeshError('data/unreachable', message, { retryable: true })
      }
      window = { startMs: performance.now(), bytes: part.bytes }
    }
  } catch (cause) {
    if (signal?.aborted || isMeshError(cause)) throw cause
    throw connectionFailure(url, cause)
  }
  if (total === undefined || part.bytes === total) return
  const message = `${shownUrl(url)} announced ${total} bytes and sent ${part.bytes}`
  if (part.bytes > total) await part.restart({ url: keptUrl(url) })
  throw new MeshError('data/unreachable', message, { retryable: true })
}

/**
 * A small text (a description, an axis), with the same patience.
 * @throws MeshError data/*; the signal's reason
 */
export async function downloadText(url: URL, context: TransferContext): Promise<string> {
  return Buffer.from(await downloadBytes(url, context)).toString('utf8')
}

/** As {@link downloadText}, of bytes; they are held in memory. */
export async function downloadBytes(
  url: URL,
  { client, limits, signal, onNote }: TransferContext
): Promise<Uint8Array> {
  const once = async (): Promise<Uint8Array> => {
    const answer = await client.get(url, {}, signal)
    if (answer.status !== 200) throw await refusal(answer)
    const pieces: Uint8Array[] = []
    let bytes = 0
    try {
      for await (const piece of answer.body) {
        bytes += piece.length
        if (bytes > limits.textBytesMax) {
          const message = `${shownUrl(url)} has more than ${limits.textBytesMax} bytes`
          throw new MeshError('data/limit', `${message}: too much for a description`)
        }
        pieces.push(piece)
      }
    } catch (cause) {
      if (signal?.aborted || isMeshError(cause)) throw cause
      throw connectionFailure(url, cause)
    }
    return Buffer.concat(pieces)
  }
  const onPause = (reason: string, ms: number): void =>
    onNote?.(`${reason}; again in ${Math.ceil(ms / 1000)} s`)
  return await withRetries(once, { limits, signal, onPause })
}

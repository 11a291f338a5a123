/**
 * A data server on loopback that behaves well (ranges, ETag, If-Range) until told otherwise: each
 * path has a queue of misdeeds, one per request. What it was asked is kept, headers and all.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { TRANSFER_LIMITS } from '../../../node/data/transfer/limits.ts'

/** The limits of a transfer that has little time, but not so little that a busy machine is late. */
export const QUICK_LIMITS = {
  ...TRANSFER_LIMITS,
  attempts: 4,
  firstPauseMs: 1,
  stallMs: 800,
  headersMs: 20_000,
  slowWindowMs: 500,
  slowBytesPerSecond: 1000,
  retryAfterMsMax: 2000,
  textBytesMax: 1000
}

type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  /** Sends this many bytes, then resets the connection. */
  | { readonly kind: 'cut'; readonly bytes: number }
  /** Sends this many bytes, then nothing, with the connection open. */
  | { readonly kind: 'stall'; readonly bytes: number }
  /** One byte every so many milliseconds. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** Announces another length than it sends. */
  | { readonly kind: 'length'; readonly announced: number }
  | { readonly kind: 'redirect'; readonly to: string }
  /** The file becomes another while its first bytes are sent, and the connection is cut. */
  | { readonly kind: 'change'; readonly bytes: number; readonly to: Uint8Array }
  /** Answers a range with this Content-Range. */
  | { readonly kind: 'range'; readonly contentRange: string }

export interface Asked {
  readonly path: string
  readonly headers: IncomingMessage['headers']
}

interface Served {
  bytes: Uint8Array
  readonly hasValidator: boolean
}

export interface DataServer {
  readonly origin: string
  readonly asked: Asked[]
  /** A file; dynamic ones have neither ETag nor ranges. */
  put(path: string, bytes: Uint8Array | string, kind?: 'static' | 'dynamic'): URL
  /** Bytes made per request, by everything below a path. */
  answer(prefix: string, make: (url: URL) => Uint8Array | string | undefined): void
  /** Misdeeds of the next requests of a path. */
  misbehave(path: string, ...faults: Fault[]): void
  /** Bytes of its file that the client has: cuts wait for it, else what is under way is lost. */
  arrived: number | undefined
  /** Misdeeds of all following requests of a path. */
  misbehaveForEver(path: string, fault: Fault): void
  close(): Promise<void>
}

/** Of 10 ms each: a busy machine takes a while to read 30 kB. */
const ARRIVAL_WAITS_MAX = 1000

const bytesOf = (value: Uint8Array | string): Uint8Array =>
  typeof value === 'string' ? new TextEncoder().encode(value) : value

const etagOf = (bytes: Uint8Array): string =>
  `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`

export async function openDataServer(): Promise<DataServer> {
  const files = new Map<string, Served>()
  const makers: { prefix: string; make: (url: URL) => Uint8Array | string | undefined }[] = []
  const queues = new Map<string, Fault[]>()
  const always = new Map<string, Fault>()
  const asked: Asked[] = []

  const find = (url: URL): Served | undefined => {
    const file = files.get(url.pathname)
    if (file !== undefined) return file
    const made = makers
      .filter(({ prefix }) => url.pathname.startsWith(prefix))
      .map(({ make }) => make(url))
      .find((each) => each !== undefined)
    return made === undefined ? undefined : { bytes: bytesOf(made), hasValidator: false }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A proxy is asked for the whole address.
    const url = new URL(request.url ?? '/', 'http://server')
    asked.push({ path: url.pathname + url.search, headers: request.headers })
    const fault = queues.get(url.pathname)?.shift() ?? always.get(url.pathname)
    const file = find(url)
    if (fault?.kind === 'status') {
      response.writeHead(fault.status, fault.headers).end('<html><b>Sorry</b>, not now</html>')
    } else if (fault?.kind === 'redirect') {
      response.writeHead(302, { location: fault.to }).end()
    } else if (file === undefined) {
      response
        .writeHead(404)
        .end('Error {\n    code=404;\n    message="Not Found: no such thing";\n}')
    } else await sendFile(request, response, file, fault, () => dataServer.arrived)
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const dataServer: DataServer = {
    origin,
    arrived: undefined,
    asked,
    put: (path, bytes, kind = 'static') => {
      files.set(path, { bytes: bytesOf(bytes), hasValidator: kind === 'static' })
      return new URL(path, origin)
    },
    answer: (prefix, make) => makers.push({ prefix, make }),
    misbehave: (path, ...faults) => queues.set(path, faults),
    misbehaveForEver: (path, fault) => always.set(path, fault),
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      })
  }
  return dataServer
}

/** The range that may be continued: asked, and of the same bytes. */
function rangeStart(request: IncomingMessage, file: Served): number {
  const { range, 'if-range': ifRange } = request.headers
  const start = /^bytes=(\d+)-$/.exec(range ?? '')?.[1]
  if (start === undefined || !file.hasValidator) return 0
  return ifRange === undefined || ifRange === etagOf(file.bytes) ? Number(start) : 0
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: Served,
  fault: Fault | undefined,
  arrived: () => number | undefined
): Promise<void> {
  const start = rangeStart(request, file)
  const total = file.bytes.length
  const body = Buffer.from(file.bytes.subarray(start))
  if (start > 0 && start >= total) {
    response.writeHead(416, { 'content-range': `bytes */${total}` }).end()
    return
  }
  const headers: Record<string, string> = file.hasValidator ? { etag: etagOf(file.bytes) } : {}
  headers['content-length'] = `${fault?.kind === 'length' ? fault.announced : body.length}`
  if (start > 0) headers['content-range'] = `bytes ${start}-${total - 1}/${total}`
  if (fault?.kind === 'range') headers['content-range'] = fault.contentRange
  response.strictContentLength = false
  response.writeHead(start > 0 ? 206 : 200, headers)
  switch (fault?.kind) {
    case 'cut':
    case 'change':
      await write(response, body.subarray(0, fault.bytes))
      await until(() => (arrived() ?? total) >= start + fault.bytes)
      if (fault.kind === 'change') file.bytes = fault.to
      response.destroy()
      return
    case 'stall':
      await write(response, body.subarray(0, fault.bytes))
      return
    case 'drip':
      for (const byte of body) {
        if (response.destroyed) return
        await write(response, Uint8Array.of(byte))
        await pause(fault.everyMs)
      }
      response.end()
      return
    case 'length':
      await write(response, body)
      response.destroy()
      return
    default:
      response.end(body)
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let waits = 0; waits < ARRIVAL_WAITS_MAX && !isSo(); waits++) await pause(10)
}

/** Resolves when the bytes have left, so that a cut after them loses none. */
const write = (response: ServerResponse, bytes: Uint8Array): Promise<void> =>
  new Promise((done) => {
    response.write(bytes, () => setTimeout(done, 20))
  })

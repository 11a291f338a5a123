/**
 * The gateway of a node: its blocks over HTTP, for browsers, xarray, GIS programs and other peers.
 * Its own port and so its own origin: a page out of a forecast is foreign code and must not reach
 * the control interface. Read-only, without cookies or tokens; what is served was checked.
 */
import { Readable } from 'node:stream'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { MeshError } from '../mesh-error.ts'
import type { Blocks } from '../store/blocks.ts'
import { openGate } from '../store/gate.ts'
import { type Answer, answerTo } from './answer.ts'
import { ANSWER_MS, IDLE_MS, READS_MAX, WAITING_MAX } from './limits.ts'
import { isAllowedHost, type ListenAt } from './listen-at.ts'
import { Refusal, refusalOf } from './refusal.ts'
import { readRequest } from './request.ts'

export interface GatewayInit {
  readonly blocks: Pick<Blocks, 'get'>
  readonly listenAt: ListenAt
}

export interface Gateway {
  /** Origin, without a slash at its end. */
  readonly url: string
  close(): Promise<void>
}

/**
 * For every answer. A page may load what lies at this origin and nothing else: no other port of
 * this machine and no server elsewhere. Others may read what is public by its CID.
 */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
    "img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-allow-headers': 'Range, If-None-Match, Accept',
  'access-control-expose-headers':
    'Content-Length, Content-Range, ETag, X-Ipfs-Path, X-Ipfs-Roots, Retry-After'
}

const one = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header

/** Every path of this origin may hold foreign pages: none of them becomes a service worker. */
function guard(app: FastifyInstance, listenAt: ListenAt): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS)
    if (!isAllowedHost(request.headers.host, listenAt)) {
      throw new Refusal(421, 'this gateway answers under another name')
    }
    if (request.headers['service-worker'] !== undefined) {
      throw new Refusal(400, 'no service workers on a path gateway')
    }
  })
  app.setErrorHandler(async (error, _request, reply) => {
    const refusal = refusalOf(error)
    const { status, message, headers } = refusal ?? new Refusal(500, String(error))
    await reply
      .code(status)
      .headers({ 'cache-control': 'no-store', ...headers })
      .type('text/plain; charset=utf-8')
      .send(`${message}\n`)
  })
  app.setNotFoundHandler(() => {
    throw new Refusal(404, 'paths begin with /ipfs/CID')
  })
}

/** Aborts when the reader leaves or took too long. */
function readerSignal(reply: FastifyReply): AbortSignal {
  const left = new AbortController()
  const stop = (): void => {
    clearTimeout(timer)
    left.abort()
  }
  const timer = setTimeout(stop, ANSWER_MS).unref()
  reply.raw.once('close', stop)
  return left.signal
}

/** Runs each answer in its turn; those who find the queue full are told to come back. */
function openTurns(): (work: () => Promise<void>, signal: AbortSignal) => Promise<void> {
  const gate = openGate(() => READS_MAX)
  let present = 0
  return async (work, signal) => {
    if (present >= READS_MAX + WAITING_MAX) {
      throw new Refusal(503, 'too many readers at once', { 'retry-after': '1' })
    }
    present += 1
    try {
      await gate(work, signal)
    } finally {
      present -= 1
    }
  }
}

/** Resolves when the whole answer left, or its reader did. */
async function send(reply: FastifyReply, { status, headers, body }: Answer): Promise<void> {
  reply.code(status).headers(headers)
  const { promise, resolve } = Promise.withResolvers<void>()
  reply.raw.once('close', resolve)
  const isWhole = body === undefined || typeof body === 'string'
  reply.send(isWhole ? body : Readable.from(body, { objectMode: false }))
  await promise
}

function addRoutes(app: FastifyInstance, blocks: Pick<Blocks, 'get'>): void {
  const inTurn = openTurns()
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { url, headers, method } = request.raw
    const asked = readRequest(url ?? '/', headers.accept ?? '')
    const conditions = {
      range: one(headers.range),
      ifNoneMatch: one(headers['if-none-match']),
      isHead: method === 'HEAD'
    }
    const signal = readerSignal(reply)
    const work = async () => send(reply, await answerTo(asked, conditions, { blocks, signal }))
    await inTurn(work, signal)
    return reply
  }
  app.route({ method: ['GET', 'HEAD'], url: '/ipfs/*', exposeHeadRoute: false, handler })
  app.options('/ipfs/*', async (_request, reply) => reply.code(204).send())
}

/** @throws MeshError net/port-busy */
export async function openGateway({ blocks, listenAt }: GatewayInit): Promise<Gateway> {
  const app = fastify({
    forceCloseConnections: true,
    connectionTimeout: IDLE_MS,
    routerOptions: { maxParamLength: 4096 },
    return503OnClosing: false
  })
  guard(app, listenAt)
  addRoutes(app, blocks)
  const { host, port, orFree } = listenAt
  const listen = (at: number): Promise<string> => app.listen({ host, port: at })
  let url: string
  try {
    url = await listen(port).catch((cause: NodeJS.ErrnoException) => {
      if (orFree && cause.code === 'EADDRINUSE') return listen(0)
      throw cause
    })
  } catch (cause) {
    const what = `the gateway cannot listen on ${host} port ${port}`
    throw new MeshError('net/port-busy', `${what}; name another with --gateway`, { cause })
  }
  return { url, close: () => app.close() }
}

/**
 * The control interface of a running node: loopback only, its own token, its own Host, so that no
 * web page and no other user of the machine can drive it. Other commands of this user find it by
 * the control file in the home folder.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { isMeshError, MeshError } from '../mesh-error.ts'
import { removeControl, writeControl } from '../service/home.ts'

/** A control request names a file or a CID; more is a mistake. */
const REQUEST_BYTES_MAX = 64 * 1024

/** What a node lets its user do. */
export interface ControlActions {
  status(): Promise<unknown>
  stop(): void
  /** Finish what is under way and take on nothing new. */
  drain?(): void
  /** Volunteers: compute nothing for so long, or until `resume`. */
  pause?(forMs?: number): Promise<void>
  resume?(): Promise<void>
  /** Volunteers: receipts summed up, and as a certificate. */
  contributions?(): Promise<unknown>
  /** Coordinators: read, plan and run a forecast file. */
  submit?(file: string): Promise<unknown>
  /** Coordinators: every forecast it knows. */
  forecasts?(): Promise<unknown>
  /** Coordinators: one forecast by its plan CID; undefined when unknown. */
  forecast?(plan: string): Promise<unknown>
}

export interface ControlServer {
  readonly address: string
  close(): Promise<void>
}

const isToken = (request: FastifyRequest, token: string): boolean => {
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** A Host that is not loopback is a rebound DNS name; an Origin is a web page. */
const isLocal = (request: FastifyRequest): boolean =>
  request.headers.origin === undefined && /^127\.0\.0\.1(:\d+)?$/.test(request.headers.host ?? '')

function guard(app: FastifyInstance, token: string): void {
  app.addHook('onRequest', async (request, reply) => {
    if (isLocal(request) && isToken(request, token)) return
    await reply.code(403).send({ code: 'node/unreachable', detail: 'wrong token, host or origin' })
  })
  app.setErrorHandler(async (error, _request, reply) => {
    const { code, message } = isMeshError(error)
      ? error
      : { code: 'node/unreachable', message: String(error) }
    await reply
      .code(isMeshError(error) ? 422 : 500)
      .type('application/problem+json')
      .send({ type: 'about:blank', title: code, status: 422, code, detail: message })
  })
}

const fileOf = (body: unknown): string => {
  const file = (body as { file?: unknown } | null)?.file
  if (typeof file === 'string') return file
  throw new MeshError('cli/usage', 'submit: the request names no file')
}

const forMsOf = (body: unknown): number | undefined => {
  const forMs = (body as { forMs?: unknown } | null)?.forMs
  if (forMs === undefined) return undefined
  if (typeof forMs === 'number' && Number.isSafeInteger(forMs) && forMs > 0) return forMs
  throw new MeshError('cli/usage', 'pause: forMs must be a whole number of milliseconds')
}

function addVolunteerRoutes(app: FastifyInstance, actions: ControlActions): void {
  const { pause, resume, contributions } = actions
  if (pause) {
    app.post('/api/v1/pause', async (request) => {
      await pause(forMsOf(request.body))
      return { paused: true }
    })
  }
  if (resume) {
    app.post('/api/v1/resume', async () => {
      await resume()
      return { paused: false }
    })
  }
  if (contributions) app.get('/api/v1/contributions', () => contributions())
}

function addRoutes(app: FastifyInstance, actions: ControlActions): void {
  app.get('/api/v1/status', () => actions.status())
  app.post('/api/v1/stop', async () => {
    actions.stop()
    return { stopping: true }
  })
  const { submit, forecasts, forecast, drain } = actions
  addVolunteerRoutes(app, actions)
  if (drain) {
    app.post('/api/v1/drain', async () => {
      drain()
      return { draining: true }
    })
  }
  if (submit) app.post('/api/v1/forecasts', (request) => submit(fileOf(request.body)))
  if (forecasts) app.get('/api/v1/forecasts', () => forecasts())
  if (forecast) {
    app.get<{ Params: { plan: string } }>('/api/v1/forecasts/:plan', async (request, reply) => {
      const found = await forecast(request.params.plan)
      if (found !== undefined) return found
      const detail = `no forecast with the plan ${request.params.plan}; see driftmesh forecast list`
      return reply.code(404).send({ code: 'cli/usage', detail })
    })
  }
}

/** Opens the interface on a free loopback port and writes the control file. */
export async function openControlServer(
  home: string,
  actions: ControlActions
): Promise<ControlServer> {
  const token = randomBytes(24).toString('base64url')
  const app = fastify({ bodyLimit: REQUEST_BYTES_MAX, forceCloseConnections: true })
  guard(app, token)
  addRoutes(app, actions)
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  await writeControl(home, { address, token, pid: process.pid })
  return {
    address,
    close: async () => {
      await removeControl(home)
      await app.close()
    }
  }
}

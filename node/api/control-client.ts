/** Asks the running node of a home folder; its errors arrive as if they had happened here. */
import { type ErrorCode, EXIT_CODES, MeshError } from '../mesh-error.ts'
import { readControl } from '../service/home.ts'

/** A node that does not answer its own user within this time is not running properly. */
const ANSWER_MS = 10_000

export interface ControlClient {
  readonly pid: number
  get<T>(path: string, signal?: AbortSignal): Promise<T>
  /** Submitting reads and plans the inputs, so it may take minutes: only the signal ends it. */
  post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T>
}

const codeOf = (code: unknown): ErrorCode =>
  typeof code === 'string' && Object.hasOwn(EXIT_CODES, code)
    ? (code as ErrorCode)
    : 'node/unreachable'

/** @throws MeshError node/unreachable when no node runs on this home */
export async function openControlClient(home: string): Promise<ControlClient> {
  const { address, token, pid } = await readControl(home)
  const ask = async <T>(path: string, init: RequestInit): Promise<T> => {
    let response: Response
    try {
      response = await fetch(`${address}/api/v1${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      })
    } catch (cause) {
      if (init.signal?.aborted) throw cause
      throw new MeshError('node/unreachable', `the node of ${home} does not answer`, { cause })
    }
    const body = (await response.json()) as T & { code?: unknown; detail?: unknown }
    if (response.ok) return body
    if (response.status === 404 && body.code === undefined) {
      const what = `the node of ${home} is no coordinator and has no forecasts`
      throw new MeshError('cli/usage', `${what}; name a coordinator's folder with --home`)
    }
    throw new MeshError(codeOf(body.code), String(body.detail))
  }
  return {
    pid,
    get: (path, signal) => {
      const limit = AbortSignal.timeout(ANSWER_MS)
      return ask(path, { signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) })
    },
    post: (path, body, signal) =>
      ask(path, {
        method: 'POST',
        body: JSON.stringify(body),
        ...(signal === undefined ? {} : { signal })
      })
  }
}

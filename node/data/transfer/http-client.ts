/**
 * One HTTP request: through the proxy that the environment names, with redirects followed by hand
 * so that credentials meet only the host they were written for, and every failure told as ours.
 */
import { EnvHttpProxyAgent, request } from 'undici'
import { MeshError, reasonOf } from '../../mesh-error.ts'
import { type Credentials, NO_CREDENTIALS } from './credentials.ts'
import type { TransferLimits } from './limits.ts'
import { shownUrl } from './shown-url.ts'

export interface HttpAnswer {
  readonly status: number
  /** Lower-case names; of repeated ones the first. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** After redirects. */
  readonly url: URL
  readonly body: AsyncIterable<Uint8Array>
  /** Lets go of a body that nobody reads. */
  discard(): Promise<void>
}

export interface HttpClient {
  /** @throws MeshError data/unreachable (retryable), data/refused; the signal's reason */
  get(url: URL, headers: Record<string, string>, signal?: AbortSignal): Promise<HttpAnswer>
  close(): Promise<void>
}

const USER_AGENT = 'driftmesh (ocean drift forecasts; data fetch)'
const REDIRECTS = [301, 302, 303, 307, 308]
/** What TLS says of a certificate that it does not trust; waiting does not help. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/

/** A failure of the connection, worth another attempt unless the certificate is at fault. */
export function connectionFailure(url: URL, cause: unknown): MeshError {
  const code = String((cause as { code?: unknown }).code ?? '')
  const isUntrusted = UNTRUSTED.test(code)
  const why = WORDS[code] ?? (code === '' ? reasonOf(cause) : `${reasonOf(cause)} (${code})`)
  const message = `${shownUrl(url)}: ${isUntrusted ? `its certificate is refused (${code})` : why}`
  return new MeshError('data/unreachable', message, { cause, retryable: !isUntrusted })
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody answers at that address',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name server does not answer',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'it stopped sending',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'it sent another number of bytes than it announced'
}

/** Through HTTP_PROXY, HTTPS_PROXY and NO_PROXY where the environment has them. */
export function openHttpClient(
  limits: TransferLimits,
  credentials: Credentials = NO_CREDENTIALS
): HttpClient {
  const dispatcher = new EnvHttpProxyAgent({
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.stallMs,
    connect: { timeout: limits.connectMs }
  })

  async function once(
    url: URL,
    headers: Record<string, string>,
    signal: AbortSignal | undefined
  ): Promise<HttpAnswer> {
    const authorization = credentials.headerFor(url)
    try {
      const answer = await request(url, {
        dispatcher,
        headers: {
          'user-agent': USER_AGENT,
          // Compressed bytes have other lengths and ranges than the file.
          'accept-encoding': 'identity',
          ...headers,
          ...(authorization === undefined ? {} : { authorization })
        },
        ...(signal === undefined ? {} : { signal })
      })
      const { statusCode, body } = answer
      const named = Object.entries(answer.headers).map(([name, value]) => [
        name.toLowerCase(),
        Array.isArray(value) ? value[0] : value
      ])
      return {
        status: statusCode,
        headers: Object.fromEntries(named),
        url,
        body,
        discard: async () => {
          // Its end, or its failure, is of no interest any more.
          body.on('error', () => {}).destroy()
        }
      }
    } catch (cause) {
      if (signal?.aborted || cause instanceof MeshError) throw cause
      throw connectionFailure(url, cause)
    }
  }

  return {
    async get(url, headers, signal) {
      let at = url
      for (let hops = 0; hops <= limits.redirects; hops++) {
        const answer = await once(at, headers, signal)
        const { location } = answer.headers
        if (!REDIRECTS.includes(answer.status) || location === undefined) return answer
        await answer.discard()
        const next = URL.canParse(location, at.href) ? new URL(location, at) : undefined
        if (next === undefined || !/^https?:$/.test(next.protocol)) {
          throw new MeshError('data/refused', `${shownUrl(at)} redirects to no http(s) address`)
        }
        at = next
      }
      const message = `${shownUrl(url)}: more than ${limits.redirects} redirects`
      throw new MeshError('data/refused', message)
    },
    close: () => dispatcher.destroy()
  }
}

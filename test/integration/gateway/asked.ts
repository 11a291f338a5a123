/** A plain HTTP client that hides nothing: the status, the headers and how the body ended. */
import { once } from 'node:events'
import { type IncomingHttpHeaders, request } from 'node:http'

export interface Got {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The connection broke before the body was whole. */
  readonly isBroken: boolean
}

export async function ask(
  url: string,
  options: { method?: string; headers?: Record<string, string> } = {}
): Promise<Got> {
  const asked = request(url, { ...options, agent: false }).end()
  const [response] = await once(asked, 'response')
  const pieces: Buffer[] = []
  let isBroken = false
  try {
    for await (const piece of response) pieces.push(piece)
  } catch {
    isBroken = true
  }
  const { statusCode: status, headers } = response
  return { status, headers, body: Buffer.concat(pieces), isBroken }
}

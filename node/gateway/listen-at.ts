/** Where a gateway listens, and by which names it may be asked. */
import { isIP } from 'node:net'
import { MeshError } from '../mesh-error.ts'

export interface ListenAt {
  readonly host: string
  readonly port: number
  /** Take any free port when this one is taken: several nodes on one machine. */
  readonly orFree: boolean
}

/** Where readers find the gateway when nobody says otherwise: links to it stay the same. */
const PORT = 8642

const DEFAULT: ListenAt = { host: '127.0.0.1', port: PORT, orFree: true }

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\./.test(host)

/** @param text `HOST:PORT` or `PORT`; undefined for the default. @throws MeshError cli/usage */
export function parseListenAt(text: string | undefined): ListenAt {
  if (text === undefined) return DEFAULT
  const [, host = DEFAULT.host, digits] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  if (digits !== undefined && port <= 65_535 && (isIP(bare) !== 0 || bare === 'localhost')) {
    return { host: bare, port, orFree: false }
  }
  const message = `--gateway ${text} must be an address and a port such as 127.0.0.1:${PORT}`
  throw new MeshError('cli/usage', message)
}

/**
 * A name in Host that is not ours on a loopback gateway is a web page's name, rebound to this
 * machine. A gateway that listens for others may be known by any name.
 */
export function isAllowedHost(header: string | undefined, { host }: ListenAt): boolean {
  if (!isLoopback(host)) return true
  const name = (header ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return isLoopback(name)
}

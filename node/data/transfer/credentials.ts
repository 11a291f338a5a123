/**
 * Who we are at a data server, from a file in the form of .netrc that nobody else may read. An
 * entry speaks for its host alone: what is sent to a host was written for that host.
 */
import { readFile, stat } from 'node:fs/promises'
import { MeshError } from '../../mesh-error.ts'

interface Entry {
  /** Host name, or host:port. */
  readonly machine: string
  login?: string
  password?: string
  token?: string
}

export interface Credentials {
  /**
   * The Authorization header for a URL, if the file has one.
   * @throws MeshError config/invalid when it would go over the wire in clear
   */
  headerFor(url: URL): string | undefined
}

export const NO_CREDENTIALS: Credentials = { headerFor: () => undefined }

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/
/** A file of passwords, not of data. */
const FILE_BYTES_MAX = 1024 * 1024
/** Permissions of others and of the group. */
const OTHERS = 0o077

const invalid = (message: string, cause?: unknown): MeshError =>
  new MeshError('config/invalid', message, { cause })

/** @throws MeshError config/invalid when the file is absent, open to others, or has another form */
export async function readCredentials(path: string): Promise<Credentials> {
  let text: string
  try {
    const { mode, size } = await stat(path)
    // Windows has no such bits.
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      throw invalid(`${path} can be read by others: \`chmod 600 ${path}\``)
    }
    if (size > FILE_BYTES_MAX) throw invalid(`${path} is too large for a file of credentials`)
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof MeshError) throw cause
    const { code = 'unknown' } = cause as NodeJS.ErrnoException
    throw invalid(`${path}: credentials cannot be read (${code})`, cause)
  }
  const entries = parse(text, path)
  return { headerFor: (url) => headerFor(entries, url) }
}

function headerFor(entries: readonly Entry[], url: URL): string | undefined {
  const entry =
    entries.find(({ machine }) => machine === url.host) ??
    entries.find(({ machine }) => machine === url.hostname)
  if (entry === undefined) return undefined
  if (url.protocol !== 'https:' && !LOOPBACK.test(url.hostname)) {
    throw invalid(`credentials for ${url.host} would go over http in clear: use https`)
  }
  if (entry.token !== undefined) return `Bearer ${entry.token}`
  const pair = `${entry.login ?? ''}:${entry.password ?? ''}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

/** Words of a netrc; what it says is never repeated in a message. */
function parse(text: string, path: string): Entry[] {
  const words = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .split(/\s+/)
    .filter((word) => word !== '')
  const entries: Entry[] = []
  for (let index = 0; index < words.length; index += 2) {
    const key = words[index]
    const value = words[index + 1]
    const entry = entries.at(-1)
    if (value === undefined) throw invalid(`${path}: the last word has no value`)
    if (key === 'machine') entries.push({ machine: value.toLowerCase() })
    else if (entry === undefined) throw invalid(`${path}: must begin with \`machine HOST\``)
    else if (key === 'login' || key === 'password' || key === 'token') entry[key] = value
    else {
      const place = `entry ${entries.length}`
      throw invalid(`${path}: ${place} holds more than machine, login, password and token`)
    }
  }
  const lacking = entries.find(
    ({ token, password }) => token === undefined && password === undefined
  )
  if (lacking !== undefined) {
    throw invalid(`${path}: machine ${lacking.machine} has neither password nor token`)
  }
  return entries
}

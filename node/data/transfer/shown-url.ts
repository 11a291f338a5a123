/** URLs as they may be shown and kept: without user, password, or query values that are secrets. */
import { MeshError } from '../../mesh-error.ts'

const SECRET_KEY = /token|secret|password|passwd|signature|credential|api_?key|^(sig|key|auth)$/i
/** A subset's constraint may be long; a line for people is not. */
const SHOWN_MAX = 300

/** For the catalogue: whole, without secrets. */
export function keptUrl(url: string | URL): string {
  const shown = new URL(url)
  shown.username = ''
  shown.password = ''
  if (![...shown.searchParams.keys()].some((key) => SECRET_KEY.test(key))) return shown.href
  for (const key of new Set(shown.searchParams.keys())) {
    if (SECRET_KEY.test(key)) shown.searchParams.set(key, 'hidden')
  }
  return shown.href
}

/** For a message: readable and short. */
export function shownUrl(url: string | URL): string {
  const kept = keptUrl(url)
  let shown = kept
  try {
    shown = decodeURIComponent(kept)
  } catch {}
  return shown.length > SHOWN_MAX ? `${shown.slice(0, SHOWN_MAX)}…` : shown
}

/** @throws MeshError cli/usage unless it is http(s) without a user or password in it */
export function checkUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new MeshError('cli/usage', `"${text.slice(0, SHOWN_MAX)}" is no http(s) address`)
  }
  if (url.username !== '' || url.password !== '') {
    const message = 'a user or password in an address ends up in logs: use --credentials FILE'
    throw new MeshError('cli/usage', `${shownUrl(url)}: ${message}`)
  }
  return url
}

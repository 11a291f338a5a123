/**
 * What a request asks for, read from its URL and its Accept header and from nothing else. The path
 * is taken apart by us, percent by percent: a name may hold any character but the slash.
 */
import { CID } from 'multiformats/cid'
import { PATH_STEPS_MAX } from './limits.ts'
import { Refusal } from './refusal.ts'

/** The file or folder itself, one block's bytes, or a CAR of blocks. */
export type Form = 'entry' | 'raw' | 'car'

export interface Asked {
  readonly root: CID
  readonly steps: readonly string[]
  readonly form: Form
  /** Of a CAR: everything below the path's end, or that block alone. */
  readonly scope: 'all' | 'block'
  /** The path ends with a slash: relative links of a page start here. */
  readonly isFolderUrl: boolean
  readonly search: string
}

const RAW_TYPE = 'application/vnd.ipld.raw'
const CAR_TYPE = 'application/vnd.ipld.car'

const refuse = (message: string): never => {
  throw new Refusal(400, message)
}

function decodedStep(step: string): string {
  try {
    return decodeURIComponent(step)
  } catch {
    return refuse(`${step} is not percent-encoded UTF-8`)
  }
}

function rootOf(text: string): CID {
  try {
    return CID.parse(text)
  } catch {
    return refuse(`${text} is not a CID`)
  }
}

/** The format parameter wins over the Accept header, as in the specification of the gateways. */
function formOf(format: string | null, accept: string): Form {
  if (format === 'raw' || format === 'car') return format
  if (format !== null) return refuse(`format=${format} is not offered: raw or car`)
  if (accept.includes(RAW_TYPE)) return 'raw'
  return accept.includes(CAR_TYPE) ? 'car' : 'entry'
}

/** @throws Refusal 400 and 404 */
export function readRequest(url: string, accept: string): Asked {
  const { pathname, searchParams, search } = new URL(url, 'http://gateway.invalid')
  const [, space, rootText = '', ...rest] = pathname.split('/')
  if (space !== 'ipfs') throw new Refusal(404, 'paths begin with /ipfs/CID')
  const steps = rest.filter((step) => step !== '').map(decodedStep)
  if (steps.length > PATH_STEPS_MAX) refuse(`a path has at most ${PATH_STEPS_MAX} steps`)
  if (steps.some((step) => step.includes('/'))) refuse('a name cannot hold a slash')
  const scope = searchParams.get('dag-scope') ?? 'all'
  if (scope !== 'all' && scope !== 'block') refuse(`dag-scope=${scope} is not offered: all, block`)
  if (searchParams.has('entity-bytes')) refuse('entity-bytes is not offered: ask for a range')
  return {
    root: rootOf(rootText),
    steps,
    form: formOf(searchParams.get('format'), accept),
    scope: scope === 'block' ? 'block' : 'all',
    isFolderUrl: pathname.endsWith('/'),
    search
  }
}

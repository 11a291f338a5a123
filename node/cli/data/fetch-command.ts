/** `data fetch` and `data presets`: from a data server into the catalogue. */
import { readFile } from 'node:fs/promises'
import type { ListedDigest } from '../../data/checksum.ts'
import { parseDigests, readDigestList } from '../../data/checksum.ts'
import { erddapPlace, openErddapSet } from '../../data/erddap/open-erddap.ts'
import { type FetchProgress, fetchData } from '../../data/fetch.ts'
import type { FetchJob } from '../../data/fetch-job.ts'
import { httpJob } from '../../data/http-job.ts'
import { openDapSet } from '../../data/opendap/open-dap.ts'
import { PRESETS, type Preset } from '../../data/presets.ts'
import { parseBox, parseTime, type SubsetRequest } from '../../data/subset/box.ts'
import { subsetJob } from '../../data/subset-job.ts'
import { NO_CREDENTIALS, readCredentials } from '../../data/transfer/credentials.ts'
import { downloadText, type TransferContext } from '../../data/transfer/download.ts'
import { openHttpClient } from '../../data/transfer/http-client.ts'
import { TRANSFER_LIMITS } from '../../data/transfer/limits.ts'
import { checkUrl } from '../../data/transfer/shown-url.ts'
import { MeshError } from '../../mesh-error.ts'
import { homeFolder } from '../../service/home.ts'
import type { Context } from '../program.ts'
import { etaSeconds, type Terminal } from '../terminal.ts'
import { byteText } from './byte-text.ts'
import { announceSet } from './catalogue-commands.ts'

export interface FetchFlags {
  readonly source?: 'erddap' | 'opendap' | 'http'
  readonly preset?: string
  readonly dataset?: string[]
  readonly list?: string
  readonly server?: string
  readonly bbox?: string
  readonly from?: string
  readonly to?: string
  readonly variables?: string
  readonly depth: number
  readonly sha256?: string
  readonly checksums?: string
  readonly credentials?: string
  readonly maxBytes: number
  readonly out?: string
  readonly name?: string
  readonly title?: string
  readonly attribution?: string
  readonly license?: string
  readonly replace?: boolean
  readonly home?: string
  readonly json?: boolean
}

const usage = (message: string): MeshError => new MeshError('cli/usage', message)

function presetOf(name: string | undefined): Preset | undefined {
  if (name === undefined) return undefined
  const preset = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined
  if (preset !== undefined) return preset
  throw usage(`no preset is called ${name}: there are ${Object.keys(PRESETS).join(', ')}`)
}

/** The box and time that gridded sources need. */
function subsetOf(flags: FetchFlags, preset: Preset | undefined): SubsetRequest {
  const { bbox, from, to } = flags
  if (bbox === undefined || from === undefined || to === undefined) {
    throw usage('a gridded data set needs --bbox W,S,E,N --from TIME --to TIME')
  }
  const named = flags.variables?.split(',').map((name) => name.trim())
  return {
    box: parseBox(bbox),
    fromSeconds: parseTime(from, '--from'),
    toSeconds: parseTime(to, '--to'),
    variables: named ?? preset?.variables,
    depthMetres: flags.depth
  }
}

async function digestsOf(
  { sha256, checksums }: FetchFlags,
  context: TransferContext
): Promise<ListedDigest[] | undefined> {
  if (sha256 !== undefined) {
    if (!/^[0-9a-f]{64}$/i.test(sha256)) throw usage('--sha256 is 64 hexadecimal digits')
    return [{ name: '', sha256: sha256.toLowerCase() }]
  }
  if (checksums === undefined) return undefined
  if (!/^https?:\/\//.test(checksums)) return await readDigestList(checksums)
  return parseDigests(await downloadText(checkUrl(checksums), context), checksums)
}

async function addressesOf({ dataset = [], list }: FetchFlags): Promise<string[]> {
  if (list === undefined) return dataset
  const text = await readFile(list, 'utf8').catch((cause) => {
    throw new MeshError('cli/usage', `${list}: no such list of addresses`, { cause })
  })
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  return [...dataset, ...lines.filter((line) => line !== '' && !line.startsWith('#'))]
}

async function jobOf(
  flags: FetchFlags,
  preset: Preset | undefined,
  context: TransferContext
): Promise<FetchJob> {
  const source = flags.source ?? preset?.source
  if (source === undefined) throw usage('say --source erddap, opendap or http, or --preset NAME')
  if (source === 'http') {
    if (flags.bbox !== undefined || flags.variables !== undefined) {
      throw usage('--source http gets whole files: --bbox and --variables need erddap or opendap')
    }
    return httpJob(await addressesOf(flags), await digestsOf(flags, context))
  }
  if (flags.sha256 !== undefined || flags.checksums !== undefined) {
    throw usage('a subset is made for you and has no checksum beforehand: only http files have')
  }
  const [dataset = preset?.dataset, ...more] = flags.dataset ?? []
  if (dataset === undefined || more.length > 0) throw usage('name one --dataset')
  const request = subsetOf(flags, preset)
  const set =
    source === 'erddap'
      ? await openErddapSet(erddapPlace(dataset, flags.server ?? preset?.server), context)
      : await openDapSet(checkUrl(dataset), context)
  return await subsetJob(set, request, context)
}

/** Draws files, bytes, rate and time left. */
function progressPrinter(terminal: Terminal): (progress: FetchProgress) => void {
  const startMs = performance.now()
  let first: number | undefined
  return ({ filesDone, filesTotal, bytes, totalBytes }) => {
    first ??= bytes
    const seconds = (performance.now() - startMs) / 1000
    const rate = (bytes - first) / Math.max(seconds, 1e-3)
    const of = totalBytes === undefined ? '' : ` of about ${byteText(totalBytes)}`
    const eta = totalBytes === undefined ? undefined : etaSeconds(bytes, totalBytes, seconds)
    const left = eta === undefined ? '' : ` · ${eta} s left`
    terminal.progress(
      `${filesDone}/${filesTotal} files · ${byteText(bytes)}${of} · ${byteText(rate)}/s${left}`
    )
  }
}

export async function fetchCommand(flags: FetchFlags, context: Context): Promise<void> {
  const { terminal, signal } = context
  const preset = presetOf(flags.preset)
  const file = flags.credentials ?? process.env.DRIFTMESH_CREDENTIALS
  const credentials = file === undefined ? NO_CREDENTIALS : await readCredentials(file)
  const client = openHttpClient(TRANSFER_LIMITS, credentials)
  const onNote = (note: string): void => terminal.say(`note: ${note}`)
  const transfer = { client, limits: TRANSFER_LIMITS, signal, onNote }
  try {
    const job = await jobOf(flags, preset, transfer)
    for (const note of job.notes) onNote(note)
    const { title, attribution, license, name, out } = flags
    const options = {
      home: homeFolder(flags.home, process.env),
      name,
      out,
      bytesMax: flags.maxBytes,
      title: title ?? preset?.title,
      attribution: attribution ?? preset?.attribution,
      license: license ?? preset?.license,
      roles: preset?.roles ?? [],
      preset: flags.preset,
      mayReplace: flags.replace === true
    }
    const set = await fetchData(job, options, {
      ...transfer,
      onProgress: progressPrinter(terminal)
    })
    if (flags.json) terminal.json(set)
    else announceSet(set, context)
  } finally {
    await client.close()
  }
}

export function presetsCommand(flags: { readonly json?: boolean }, { terminal }: Context): void {
  if (flags.json) {
    terminal.json(PRESETS)
    return
  }
  for (const [name, preset] of Object.entries(PRESETS)) {
    terminal.answer(`${name}: ${preset.title} (${preset.roles.join(', ')})`)
    terminal.answer(
      `  ${preset.source} ${preset.server ?? ''} ${preset.dataset}`.replace(/ +/g, ' ')
    )
    terminal.answer(`  ${preset.provenance}`)
    terminal.answer(`  ${preset.attribution}; ${preset.license}`)
  }
}

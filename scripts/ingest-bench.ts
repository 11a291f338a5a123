/**
 * Ingest of 8 GB of currents on a global 1/12 degree grid: bytes of input per second, peak memory
 * of the process, what its time goes to, and what a second ingest of the same files writes. Needs
 * 16 GB in the temporary folder and five minutes:
 *
 *   npm run bench:ingest [-- --gigabytes 8] [--storage plain|zlib] [--columns 4320]
 *
 * `--slices 10` instead of gigabytes is enough to see the memory, which does not grow with them;
 * `--coastline builtin` refines the land.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { type CpuShare, cpuShares } from './ingest/cpu-shares.ts'
import { makeSet, SET_START_SECONDS } from './ingest/synthetic-set.ts'

interface Ingest {
  readonly cid: string
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakBytes: number
}

const SLICES_PER_FILE = 12
const HOUR_SECONDS = 3600
/** Functions named in the profile. */
const SHARES_TOLD = 14

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '8' },
    storage: { type: 'string', default: 'plain' },
    columns: { type: 'string', default: '4320' },
    slices: { type: 'string' },
    coastline: { type: 'string' }
  }
})
const columns = Number(values.columns)
const rows = columns / 2
const filling = Math.ceil((Number(values.gigabytes) * 1e9) / (columns * rows * 8))
const slices = Math.max(2, Number(values.slices ?? filling))
const folder = await mkdtemp(join(tmpdir(), 'driftmesh-ingest-'))
const store = join(folder, 'blocks')

/** One ingest in a process of its own; with a profile where a folder for it is given. */
async function ingest(profile?: string): Promise<Ingest> {
  const end = SET_START_SECONDS + (slices - 1) * HOUR_SECONDS
  const program = join(import.meta.dirname, 'ingest-once.ts')
  const flags = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile]
  const given = [join(folder, 'files'), store, String(SET_START_SECONDS), String(end)]
  if (values.coastline !== undefined) given.push(values.coastline)
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, ...given])
  return JSON.parse(stdout) as Ingest
}

/** Blocks in the store that were written at or after a time. */
async function blocksSince(ms: number): Promise<number> {
  let count = 0
  for (const entry of await readdir(store, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    if ((await stat(join(entry.parentPath, entry.name))).mtimeMs >= ms) count += 1
  }
  return count
}

try {
  const set = { columns, rows, slices, slicesPerFile: SLICES_PER_FILE, hoursPerSlice: 1 }
  const storage = values.storage === 'zlib' ? 'zlib' : 'plain'
  const fileBytes = await makeSet(join(folder, 'files'), { ...set, storage })
  const rawBytes = slices * columns * rows * 8
  const say = (text: string): boolean => process.stdout.write(`${text}\n`)
  const told = ({ seconds, cpuSeconds, peakBytes }: Ingest): string =>
    `${seconds.toFixed(1)} s, ${(rawBytes / seconds / 1e6).toFixed(0)} MB/s of raw input ` +
    `(${(rawBytes / cpuSeconds / 1e6).toFixed(0)} MB per second of one core), ` +
    `peak ${(peakBytes / 1e6).toFixed(0)} MB`
  say(
    `${slices} slices of ${columns} x ${rows}, ${storage}: ` +
      `${(rawBytes / 1e9).toFixed(2)} GB raw, ${(fileBytes / 1e9).toFixed(2)} GB of files`
  )
  const first = await ingest()
  const blockCount = await blocksSince(0)
  say(`first: ${told(first)}, ${blockCount} blocks`)
  const againMs = Date.now()
  const second = await ingest(join(folder, 'profile'))
  const written = await blocksSince(againMs)
  const cid = second.cid === first.cid ? 'the same' : 'ANOTHER'
  say(`again: ${told(second)}, ${written} blocks written, ${cid} CID`)
  const line = ({ name, share }: CpuShare): string =>
    `${(100 * share).toFixed(1).padStart(5)} % ${name}`
  const shares = await cpuShares(join(folder, 'profile'))
  for (const share of shares.slice(0, SHARES_TOLD)) say(line(share))
} finally {
  await rm(folder, { recursive: true, force: true })
}

/**
 * Assembling a large forecast: peak memory of the process, seconds, what they go to, and which
 * buffers bound the memory. The defaults are 10 members of 10⁶ particles over 30 days, hourly, on
 * 0.1 degrees: 2 GB of results in the temporary folder and some minutes. Linux only (VmHWM).
 *
 *   npm run bench:assemble [-- --members 10] [--particles 1000000] [--days 30] [--degrees 0.1]
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { encode } from '@ipld/dag-cbor'
import { layoutOf } from '../node/forecast/product/layout.ts'
import { openFolderBlocks } from '../node/store/folder-blocks.ts'
import { makeResults } from './assemble/synthetic-results.ts'
import { cpuShares } from './ingest/cpu-shares.ts'

/** Functions named in the profile. */
const SHARES_TOLD = 12

const { values } = parseArgs({
  options: {
    members: { type: 'string', default: '10' },
    particles: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '30' },
    degrees: { type: 'string', default: '0.1' },
    tracked: { type: 'string', default: '1000' }
  }
})
const say = (text: string): boolean => process.stdout.write(`${text}\n`)
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`

const folder = await mkdtemp(join(tmpdir(), 'driftmesh-assemble-'))
try {
  const store = join(folder, 'blocks')
  const size = {
    members: Number(values.members),
    particles: Number(values.particles),
    days: Number(values.days),
    resolutionDegrees: Number(values.degrees),
    tracked: Number(values.tracked)
  }
  const startMs = performance.now()
  const made = await makeResults(size, await openFolderBlocks(store), (done, total) => {
    process.stderr.write(`\rresults: window ${done} of ${total}`)
  })
  process.stderr.write('\n')
  const { plan, slots } = made
  const input = join(folder, 'input.cbor')
  await writeFile(input, encode({ plan, slots }))
  const { rows, columns } = plan.products.density
  const layout = layoutOf(plan)
  say(
    `${size.members} members x ${size.particles} particles, ${layout.timeCount} outputs, ` +
      `${columns} x ${rows} cells: ${slots.length} results of ${megabytes(made.byteCount)}, ` +
      `made in ${((performance.now() - startMs) / 1000).toFixed(0)} s`
  )
  const program = join(import.meta.dirname, 'assemble-once.ts')
  const profile = join(folder, 'profile')
  const flags = ['--cpu-prof', '--cpu-prof-dir', profile, '--cpu-prof-interval', '10000']
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, input, store])
  const once = JSON.parse(stdout)
  say(
    `assembled in ${once.seconds.toFixed(0)} s: ${once.files} files and folders, ` +
      `${megabytes(once.writtenBytes)} written, peak ${megabytes(once.peakBytes)} resident`
  )
  const cells = rows * columns * layout.timesPerChunk
  say(
    `of it at most ${megabytes(once.heapBytes)} objects, ${megabytes(once.bufferBytes)} buffers; ` +
      `one chunk of ${layout.timesPerChunk} times is ` +
      `${megabytes(cells * 4 * size.members * plan.classes.length)} of counts, ` +
      `one of ${layout.trackTimesPerChunk} times ` +
      `${megabytes(layout.trajectoryCount * layout.trackTimesPerChunk * 17)} of tracks`
  )
  say(`product ${once.product}`)
  for (const { name, share } of (await cpuShares(profile)).slice(0, SHARES_TOLD)) {
    say(`${(100 * share).toFixed(1).padStart(5)} % ${name}`)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

/**
 * One ingest in a process of its own, so that its peak memory is its own: files of a folder into a
 * folder of blocks, with a coastline if one is named. Prints one line of JSON.
 */
import { loadKernel } from '../kernel/kernel.ts'
import { ingestForcing } from '../node/forcing/ingest.ts'
import { expandSource } from '../node/forcing/source.ts'
import { openFolderBlocks } from '../node/store/folder-blocks.ts'
import { builtInKernel } from '../node/worker/kernel-file.ts'

const [source = '', store = '', startSeconds = '0', endSeconds = '0', coastline] =
  process.argv.slice(2)
const blocks = await openFolderBlocks(store)
const startMs = performance.now()
const { cid } = await ingestForcing({
  sources: [{ role: 'current', files: await expandSource('.', source) }],
  metric: 'wgs84',
  startSeconds: Number(startSeconds),
  endSeconds: Number(endSeconds),
  blocks,
  ...(coastline === undefined ? {} : { coastline }),
  kernel: loadKernel(builtInKernel().bytes)
})
const { user, system } = process.cpuUsage()
const seconds = (performance.now() - startMs) / 1000
process.stdout.write(
  `${JSON.stringify({
    cid: cid.toString(),
    seconds,
    cpuSeconds: (user + system) / 1e6,
    peakBytes: process.resourceUsage().maxRSS * 1024
  })}\n`
)

/**
 * One assembly in a process of its own, so that its peak memory is its own: plan and slots from a
 * file, results from a folder of blocks, the product into the same. Prints one line of JSON.
 */
import { readFile } from 'node:fs/promises'
import { decode } from '@ipld/dag-cbor'
import { loadKernel } from '../kernel/kernel.ts'
import { assembleProduct, type SettledSlot } from '../node/forecast/product/assemble.ts'
import { openFolderBlocks } from '../node/store/folder-blocks.ts'
import { builtInKernel } from '../node/worker/kernel-file.ts'
import type { Plan } from '../protocol/plan.ts'

const [input = '', store = ''] = process.argv.slice(2)
const { plan, slots } = decode<{ plan: Plan; slots: SettledSlot[] }>(await readFile(input))
const blocks = await openFolderBlocks(store)
const kernel = loadKernel(builtInKernel().bytes)
const startMs = performance.now()
const peak = { heapBytes: 0, bufferBytes: 0 }
let written = 0
const counting = {
  ...blocks,
  put: async (...given: Parameters<typeof blocks.put>) => {
    written += given[0].bytes.length
    await blocks.put(...given)
  }
}
const { product, files } = await assembleProduct({
  plan,
  slots,
  blocks: counting,
  kernel,
  onProgress: () => {
    const { arrayBuffers, heapUsed } = process.memoryUsage()
    peak.heapBytes = Math.max(peak.heapBytes, heapUsed)
    peak.bufferBytes = Math.max(peak.bufferBytes, arrayBuffers)
  }
})
// The kernel's own high-water mark; Node's maxRSS may be that of its parent before exec.
const status = await readFile('/proc/self/status', 'utf8')
const peakKilobytes = Number(/VmHWM:\s*(\d+)/.exec(status)?.[1])
process.stdout.write(
  `${JSON.stringify({
    product: product.toString(),
    files: files.size,
    writtenBytes: written,
    seconds: (performance.now() - startMs) / 1000,
    peakBytes: peakKilobytes * 1024,
    ...peak
  })}\n`
)

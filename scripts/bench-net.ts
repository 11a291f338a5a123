/**
 * Measures the network and store: start, memory, request latency and block transfer, between two
 * processes on loopback. Prints one Markdown table, the one in node/net/README.md:
 * `node scripts/bench-net.ts`.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import { openNet } from '../node/net/open-net.ts'
import { openHeliaBlocks } from '../node/store/helia-blocks.ts'
import { toRawBlock } from '../protocol/canonical.ts'

interface Question {
  readonly blockCount: number
  readonly bytes: number
}
interface Holder {
  readonly key: string
  readonly addresses: string[]
}

const REQUESTS = 500
const TRANSFERS: readonly Question[] = [
  { blockCount: 100, bytes: 1024 * 1024 },
  { blockCount: 400, bytes: 256 * 1024 },
  { blockCount: 5000, bytes: 2048 }
]

async function openPeer(startedMs: number) {
  const home = await mkdtemp(join(tmpdir(), 'driftmesh-bench-'))
  const secretKey = randomBytes(32)
  const net = await openNet({ secretKey, home, bootstrap: [], role: 'volunteer' })
  const blocks = await openHeliaBlocks(net, join(home, 'blocks'))
  const readyMs = performance.now() - startedMs
  const stop = async () => {
    await blocks.stop()
    await net.stop()
    await rm(home, { recursive: true, force: true })
  }
  return { net, blocks, readyMs, stop }
}

/** The other process: holds blocks it makes on demand and echoes frames. */
async function hold(): Promise<void> {
  const { net, blocks, stop } = await openPeer(0)
  await net.handle('lease', async (frame) => frame)
  process.on('message', (message: Question | 'stop') => {
    if (message === 'stop') {
      void stop().then(() => process.disconnect())
      return
    }
    const made = Array.from({ length: message.blockCount }, () =>
      toRawBlock(randomBytes(message.bytes))
    )
    const started = performance.now()
    void Promise.all(made.map((block) => blocks.put(block))).then(() =>
      process.send?.({
        putMs: performance.now() - started,
        cids: made.map(({ cid }) => cid.toString())
      })
    )
  })
  process.send?.({ key: Buffer.from(net.key).toString('hex'), addresses: net.addresses() })
}

const next = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve) => child.once('message', (message) => resolve(message as T)))
const row = (what: string, value: string) => console.log(`| ${what} | ${value} |`)

async function measure(): Promise<void> {
  const child = fork(process.argv[1] ?? '', ['hold'])
  const holder = await next<Holder>(child)
  const { net, blocks, readyMs, stop } = await openPeer(0)
  const key = Buffer.from(holder.key, 'hex')
  console.log('| what | value |\n|---|---|')
  row('process start to listening, with Helia', `${readyMs.toFixed(0)} ms`)
  row('memory (RSS) then', `${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`)
  const signal = AbortSignal.timeout(120_000)
  await net.connect(key, holder.addresses, signal)
  const times: number[] = []
  for (let index = 0; index < REQUESTS; index += 1) {
    const started = performance.now()
    await net.request(key, 'lease', randomBytes(300), { signal })
    times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  const [median, last] = [times[REQUESTS / 2] ?? 0, times[Math.floor(REQUESTS * 0.99)] ?? 0]
  row(
    `request of 300 B, median / p99 of ${REQUESTS}`,
    `${median.toFixed(2)} / ${last.toFixed(1)} ms`
  )
  for (const question of TRANSFERS) {
    child.send(question)
    const { cids, putMs } = await next<{ cids: string[]; putMs: number }>(child)
    const started = performance.now()
    await Promise.all(cids.map((cid) => blocks.get(CID.parse(cid), { signal })))
    const getMs = performance.now() - started
    const megabytes = (question.blockCount * question.bytes) / 1e6
    const rate = (ms: number) =>
      `${(ms / 1000).toFixed(2)} s (${((megabytes / ms) * 1000).toFixed(0)} MB/s, ` +
      `${((question.blockCount / ms) * 1000).toFixed(0)} blocks/s)`
    row(`put ${question.blockCount} blocks of ${question.bytes / 1024} KiB`, rate(putMs))
    row('fetch them', rate(getMs))
  }
  row('memory (RSS) at the end', `${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`)
  const stopping = performance.now()
  await stop()
  row('stop', `${(performance.now() - stopping).toFixed(0)} ms`)
  child.send('stop')
}

await (process.argv[2] === 'hold' ? hold() : measure())

/** The demonstration as a user runs it, and what is left of it when it is gone. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { simulatedProduct } from './running-mesh.ts'

const MAIN = fileURLToPath(new URL('../../node/main.ts', import.meta.url))
/** Eight seconds of asking (STOP_MS), then the kill; the rest is for a busy machine. */
const NODES_GONE_MS = 90_000

/** Command lines of the processes that work in this folder. */
async function processesIn(dir: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid,args'])
  return stdout.split('\n').filter((line) => line.includes(dir) && line.includes('--home'))
}

async function untilNoProcess(dir: string, except: ChildProcess): Promise<void> {
  const endMs = performance.now() + NODES_GONE_MS
  let left: string[] = []
  while (performance.now() < endMs) {
    left = (await processesIn(dir)).filter((line) => !line.includes(`${except.pid} `))
    if (left.length === 0) return
    await sleep(100)
  }
  assert.deepEqual(left, [], 'every node ends with the demonstration')
}

const startDemo = (home: string, particles: number): ChildProcess =>
  spawn(
    process.execPath,
    [MAIN, 'demo', '--once', '--json', '--particles', `${particles}`, '--home', home],
    { stdio: ['ignore', 'pipe', 'pipe'] }
  )

const read = async (stream: NodeJS.ReadableStream | null): Promise<string> => {
  let text = ''
  for await (const chunk of stream ?? []) text += String(chunk)
  return text
}

describe('devnet: the demonstration', function () {
  this.timeout(600_000)
  let home: string
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'driftmesh-demo-'))
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  it('ends with a forecast a fresh peer verified; simulate finds the same product', async () => {
    const demo = startDemo(home, 6000)
    const [stdout, stderr, [code]] = await Promise.all([
      read(demo.stdout),
      read(demo.stderr),
      once(demo, 'exit')
    ])
    assert.equal(code, 0, stderr)
    const summary = JSON.parse(stdout)
    assert.equal(summary.units.verified, summary.units.total)
    assert.ok(summary.units.total >= 12)
    assert.ok(summary.operatorsPerUnitMin >= 2)
    // Each unit has two of three; that all three have a part is likely, and a race.
    assert.ok(Object.keys(summary.unitsByOperator).length >= 2)
    assert.equal(summary.selfCheck.reexecuted.length, summary.units.total)
    assert.equal(summary.selfCheck.singleSource, false)
    assert.equal(summary.product, await simulatedProduct(summary.forecastFile))
    const manifest = JSON.parse(await readFile(join(summary.folder, 'forecast.json'), 'utf8'))
    assert.equal(manifest.product, summary.product)
    await untilNoProcess(home, demo)
  })

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    it(`leaves no process behind after ${signal}`, async () => {
      const demo = startDemo(home, 200_000)
      demo.stdout?.resume()
      demo.stderr?.resume()
      const endMs = performance.now() + 180_000
      while ((await processesIn(home)).length < 7 && performance.now() < endMs) await sleep(100)
      const exit = once(demo, 'exit')
      demo.kill(signal)
      const [code] = await exit
      if (signal === 'SIGINT') assert.equal(code, 130)
      await untilNoProcess(home, demo)
    })
  }
})

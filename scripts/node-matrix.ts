/**
 * Runs the same forecast on several versions of Node and compares the product CIDs, which must be
 * one (PHYSICS §1). The versions come from the npm packages that also bring Node 24 here:
 *
 *   node scripts/node-matrix.ts [FORECAST.yaml] [22 24 …]
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { nodeOf } from './report/node-versions.ts'

const ROOT = dirname(import.meta.dirname)
const SAMPLE = join(ROOT, 'test/fixtures/forecasts/sample.yaml')
const run = promisify(execFile)

const { positionals } = parseArgs({ allowPositionals: true })
const forecast = positionals.find((each) => !/^\d+$/.test(each)) ?? SAMPLE
const given = positionals.filter((each) => /^\d+$/.test(each))
const versions = given.length > 0 ? given : ['22', '24']
const folder = await mkdtemp(join(tmpdir(), 'driftmesh-node-'))
const products = new Map<string, string>()
try {
  for (const version of versions) {
    const node = await nodeOf(version, join(folder, version))
    const { stdout: full } = await run(node, ['--version'])
    const args = [join(ROOT, 'node/main.ts'), 'simulate', forecast, '--json']
    const { stdout } = await run(node, args, { maxBuffer: 1 << 26 })
    const { product, seconds } = JSON.parse(stdout) as { product: string; seconds: number }
    console.log(`node ${full.trim()}: ${product} in ${seconds} s`)
    products.set(full.trim(), product)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
const isSame = new Set(products.values()).size === 1
console.log(isSame ? 'one product CID on every version' : 'the product CIDs differ')
process.exitCode = isSame ? 0 : 1

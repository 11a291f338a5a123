/**
 * One hash over the same units on every engine that is here: Node 22, 24 and 26 with V8's baseline
 * and optimising compilers, Chromium, SpiderMonkey, JavaScriptCore, wasmtime. Writes the table into
 * kernel/README.md; fails when two differ.
 *
 *   npm run determinism [-- --dry]
 *
 * Debian: apt-get install chromium gjs libjavascriptcoregtk-4.0-bin; wasmtime: a Python with
 * `pip install wasmtime`, named by DRIFTMESH_WASMTIME_PYTHON (default python3).
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { builtInKernel } from '../node/worker/kernel-file.ts'
import { bundleUnits, findOthers, hashIn, TIERS } from '../test/oracle/engines.ts'
import { hashInWasmtime } from '../test/oracle/wasmtime.ts'
import { nodeOf } from './report/node-versions.ts'
import { circumstances, tableOf, writeSection } from './report/readme-table.ts'

const run = promisify(execFile)
const VERSIONS = ['22', '24', '26']

interface Row {
  readonly engine: string
  readonly compiler: string
  readonly hash: string
}

async function nodes(folder: string, bundle: { script: string; page: string }): Promise<Row[]> {
  const rows: Row[] = []
  for (const version of VERSIONS) {
    const command = await nodeOf(version, join(folder, version))
    const { stdout } = await run(command, ['-p', "process.version + ', V8 ' + process.versions.v8"])
    for (const [compiler, flags] of Object.entries(TIERS)) {
      const hash = await hashIn({ name: version, command, flags }, bundle)
      rows.push({ engine: `Node ${stdout.trim()}`, compiler, hash })
    }
  }
  return rows
}

const { values } = parseArgs({ options: { dry: { type: 'boolean', default: false } } })
const folder = await mkdtemp(join(tmpdir(), 'driftmesh-engines-'))
const rows: Row[] = []
try {
  const bundle = await bundleUnits(folder)
  rows.push(...(await nodes(folder, bundle)))
  for (const engine of await findOthers()) {
    const hash = await hashIn(engine, bundle)
    rows.push({ engine: `${engine.name} ${engine.version}`, compiler: 'its own choice', hash })
  }
  const wasmtime = await hashInWasmtime(folder)
  if (wasmtime === undefined) console.error('no wasmtime: pip install wasmtime')
  else rows.push({ engine: `wasmtime ${wasmtime.version}`, compiler: 'Cranelift', ...wasmtime })
} finally {
  await rm(folder, { recursive: true, force: true })
}
const table = tableOf(
  ['engine', 'compiler', 'SHA-256 of states and outputs'],
  rows.map(({ engine, compiler, hash }) => [engine, compiler, `\`${hash}\``])
)
const count = new Set(rows.map(({ hash }) => hash)).size
const made = circumstances(cpus()[0]?.model ?? 'unknown', cpus().length)
const hashes = `${count} hash${count === 1 ? '' : 'es'}`
const kernel = `Kernel \`${builtInKernel().cid}\`, ${made}`
const text = `${table}\n\n${kernel}: ${rows.length} runs, ${hashes}.`
console.log(text)
if (!values.dry) writeSection('determinism', text)
process.exitCode = count === 1 ? 0 : 1

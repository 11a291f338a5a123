/**
 * Engines that can run the units of the determinism matrix, and how: each gets one bundled script
 * (engine-main.ts) and prints one hash.
 */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const run = promisify(execFile)
/** A page or script takes seconds; what takes longer hangs. */
const TIMEOUT_MS = 120_000

export interface Engine {
  readonly name: string
  readonly command: string
  readonly flags: readonly string[]
  /** It reads a page, not a script. */
  readonly isBrowser?: boolean
}

/** Compilers of V8, by the flags of Node. */
export const TIERS: Readonly<Record<string, readonly string[]>> = {
  'both tiers': [],
  'baseline only': ['--liftoff', '--no-wasm-tier-up'],
  'optimising only': ['--no-liftoff']
}

/** Engines of other makers and browsers, by the program that runs them. */
const OTHERS: readonly Engine[] = [
  {
    name: 'Chromium',
    command: 'chromium',
    flags: ['--headless', '--no-sandbox', '--disable-gpu', '--dump-dom'],
    isBrowser: true
  },
  { name: 'SpiderMonkey (gjs)', command: 'gjs', flags: [] },
  { name: 'JavaScriptCore (jsc)', command: 'jsc', flags: [] }
]

export interface PresentEngine extends Engine {
  readonly version: string
}

/** Those of this machine. */
export async function findOthers(): Promise<PresentEngine[]> {
  const found: PresentEngine[] = []
  for (const engine of OTHERS) {
    const version = await versionOf(engine.command).catch(() => undefined)
    if (version !== undefined) found.push({ ...engine, version })
  }
  return found
}

async function versionOf(command: string): Promise<string> {
  // JavaScriptCore has no --version: it is that of its Debian package.
  if (command === 'jsc') {
    const { stdout: path } = await run('which', ['jsc'])
    const { stdout } = await run('dpkg', ['-S', path.trim()]).catch(() => ({ stdout: '' }))
    const [name = ''] = stdout.split(': ')
    if (name === '') return 'unknown version'
    return (await run('dpkg-query', ['-W', '-f', `\${Version}`, name])).stdout.trim()
  }
  const { stdout } = await run(command, ['--version'])
  return /\d[\d.]*/.exec(stdout)?.[0] ?? stdout.trim()
}

/** The script and the page of all engines, in `folder`. */
export async function bundleUnits(folder: string): Promise<{ script: string; page: string }> {
  const script = join(folder, 'units.js')
  const page = join(folder, 'units.html')
  await build({
    entryPoints: [fileURLToPath(new URL('./engine-main.ts', import.meta.url))],
    outfile: script,
    bundle: true,
    format: 'iife',
    platform: 'neutral',
    target: 'es2022',
    mainFields: ['module', 'main'],
    loader: { '.wasm': 'binary' }
  })
  const text = await readFile(script, 'utf8')
  await writeFile(
    page,
    `<!doctype html><meta charset="utf-8"><body></body><script>${text}</script>`
  )
  return { script, page }
}

/** The hash an engine comes to. */
export async function hashIn(
  engine: Engine,
  bundle: { readonly script: string; readonly page: string }
): Promise<string> {
  const input = engine.isBrowser ? `file://${bundle.page}` : bundle.script
  const options = { timeout: TIMEOUT_MS, maxBuffer: 1 << 26 }
  const { stdout } = await run(engine.command, [...engine.flags, input], options)
  const hash = /hash ([0-9a-f]{64})/.exec(stdout)?.[1]
  if (hash === undefined) throw new Error(`${engine.name}: ${stdout.slice(0, 500)}`)
  return hash
}

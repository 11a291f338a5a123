/**
 * The program as JavaScript with everything it needs in it: esbuild chunks, so that a command loads
 * only its own, and beside them the files that are read at run time (kernel, sample, coastline,
 * HDF5 filters, the addon of level for every platform). It needs no node_modules.
 */
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { licencesOf, type Part, partsOf } from './parts.ts'

/** What a program of another name or place cannot be: read before any chunk of newer syntax. */
const BINARY = `#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(\`driftmesh needs Node 22.19 or newer, this is \${process.version}\\n\`)
  process.exitCode = 1
} else {
  await import('./node/main.mjs')
}
`

/** CommonJS packages in ES modules: their require, and the folder beside which addons lie. */
const BANNER = `import { createRequire as createRequireHere } from 'node:module'
const require = createRequireHere(import.meta.url), __dirname = import.meta.dirname`

export interface ProgramInit {
  readonly root: string
  /** Folder of the package, emptied first. */
  readonly out: string
}

async function copyFiles({ root, out }: ProgramInit): Promise<void> {
  const modules = join(root, 'node_modules')
  const beside = join(out, 'dist/node')
  const copies: [string, string][] = [
    [join(root, 'kernel/kernel.wasm'), join(out, 'kernel/kernel.wasm')],
    [join(root, 'kernel/kernel.cid'), join(out, 'kernel/kernel.cid')],
    [join(root, 'node/sample'), join(out, 'dist/sample')],
    [join(root, 'node/web/built'), join(beside, 'built')],
    [join(modules, 'world-atlas/countries-10m.json'), join(beside, 'countries-10m.json')],
    [join(modules, 'h5wasm-plugins/plugins'), join(beside, 'hdf5-plugins')],
    [join(modules, 'classic-level/prebuilds'), join(beside, 'prebuilds')],
    [join(root, 'README.md'), join(out, 'README.md')],
    [join(root, 'LICENSE'), join(out, 'LICENSE')]
  ]
  await Promise.all(copies.map(([from, to]) => cp(from, to, { recursive: true })))
}

/** What the registry and npx read: no dependencies, no Node packages, no overrides. */
async function writeManifest({ root, out }: ProgramInit): Promise<void> {
  const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const { name, version, description, license, type, engines } = own
  const bin = { driftmesh: 'dist/driftmesh.mjs' }
  const manifest = { name, version, description, license, type, engines, bin }
  await writeFile(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** Writes the package's folder. @returns what it is made of */
export async function writeProgram(init: ProgramInit): Promise<Part[]> {
  const { root, out } = init
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      main: 'node/main.ts',
      'kernel.thread': 'node/worker/kernel.thread.ts',
      'hdf5.thread': 'node/forcing/read/hdf5/hdf5.thread.ts'
    },
    outdir: join(out, 'dist/node'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    // Names in the stack of a bug report.
    keepNames: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    banner: { js: BANNER },
    metafile: true,
    logLevel: 'error'
  })
  await copyFiles(init)
  await writeManifest(init)
  const parts = await partsOf(root, metafile)
  await writeFile(join(out, 'THIRD-PARTY-LICENCES.txt'), await licencesOf(root, parts))
  await writeFile(join(out, 'dist/driftmesh.mjs'), BINARY)
  await chmod(join(out, 'dist/driftmesh.mjs'), 0o755)
  return parts
}

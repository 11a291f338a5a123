/**
 * Writes `dist/`, what is published: our code as JavaScript (type stripping does not work inside
 * node_modules), the sample and the binary. The files keep the depth they have in the checkout, so
 * that the kernel and the sample are found by the same relative paths.
 */
import { chmod, cp, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BINARY = '#!/usr/bin/env node\nimport "./node/main.mjs"\n'

await rm(`${ROOT}dist`, { recursive: true, force: true })
await build({
  absWorkingDir: ROOT,
  entryPoints: {
    main: 'node/main.ts',
    'kernel.thread': 'node/worker/kernel.thread.ts',
    'hdf5.thread': 'node/forcing/read/hdf5/hdf5.thread.ts',
    'shoreline.thread': 'node/forcing/coastline/shoreline.thread.ts'
  },
  outdir: 'dist/node',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  packages: 'external',
  logLevel: 'warning'
})
await cp(`${ROOT}node/sample`, `${ROOT}dist/sample`, { recursive: true })
await writeFile(`${ROOT}dist/driftmesh.mjs`, BINARY)
await chmod(`${ROOT}dist/driftmesh.mjs`, 0o755)

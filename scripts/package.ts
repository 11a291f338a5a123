/**
 * Writes `dist/`, what is published: an npm tarball without dependencies, an archive for linux-x64
 * that needs no Node, with --single one executable of it, the bill of materials and checksums.
 *
 *   node scripts/package.ts [--fast] [--single] [--out DIR]
 *
 * --fast compresses little, for tests.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeArchive } from './package/archive.ts'
import { writeChecksums } from './package/checksums.ts'
import { writeTarball } from './package/npm.ts'
import { writeSbom } from './package/parts.ts'
import { writeProgram } from './package/program.ts'
import { writeSingle } from './package/single.ts'

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: { fast: { type: 'boolean' }, single: { type: 'boolean' }, out: { type: 'string' } }
})
const dist = resolve(values.out ?? join(root, 'dist'))
const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
const { version } = own
const level = values.fast ? 1 : 9

await mkdir(dist, { recursive: true })
const program = join(dist, 'package')
const parts = await writeProgram({ root, out: program })
const name = `driftmesh-${version}-linux-x64`
const files = [
  await writeTarball({ program, out: dist }),
  await writeArchive({ root, program, out: dist, name, level }),
  await writeSbom(own, parts, join(dist, `driftmesh-${version}.cdx.json`))
]
if (values.single) files.push(await writeSingle({ root, out: dist, name }))
await writeChecksums(files, join(dist, 'SHA256SUMS'))
for (const file of files) console.log(file)

/**
 * Builds the viewer from node/web/viewer into node/web/built, which is committed: a forecast holds
 * these bytes, and its plan their CID, as with the kernel. `--check` builds in memory and fails
 * when the bytes are not the committed ones.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { gzipSync } from 'fflate'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { writeFolder } from '../node/forecast/product/folder/unixfs.ts'
import { coastBytes } from './viewer/coast.ts'

const SOURCE = fileURLToPath(new URL('../node/web/viewer/', import.meta.url))
const BUILT = fileURLToPath(new URL('../node/web/built/', import.meta.url))
/** What a forecast carries along is small beside its data (issue 6). */
const BYTES_MAX = 250_000

async function builtFiles(): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    absWorkingDir: SOURCE,
    entryPoints: { app: 'main.ts', style: 'style.css' },
    outdir: BUILT,
    entryNames: 'view/[name]',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    write: false,
    logLevel: 'warning'
  })
  const files = outputFiles.map(
    ({ path, contents }) => [path.slice(BUILT.length), contents] as const
  )
  const page = new Uint8Array(readFileSync(`${SOURCE}index.html`))
  const coast = gzipSync(coastBytes(), { level: 9, mtime: 0 })
  const all = new Map([['index.html', page], ['view/land.gz', coast], ...files])
  const listed = [...all].map(([path, bytes]) => ({ path, bytes }))
  const { cid } = await writeFolder(listed, { put: async () => {} })
  return all.set('viewer.cid', fromString(`${cid}\n`))
}

const committed = (): Map<string, Uint8Array> =>
  new Map(
    readdirSync(BUILT, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => {
        const path = `${parentPath.replace(/\/$/, '')}/${name}`
        return [path.slice(BUILT.length), new Uint8Array(readFileSync(path))]
      })
  )

const files = await builtFiles()
const total = [...files.values()].reduce((sum, { length }) => sum + length, 0)
if (total > BYTES_MAX) throw new Error(`the viewer has ${total} bytes, at most ${BYTES_MAX}`)
if (process.argv.includes('--check')) {
  const found = committed()
  const stale = [...new Set([...files.keys(), ...found.keys()])].filter((path) => {
    const [made, kept] = [files.get(path), found.get(path)]
    return made === undefined || kept === undefined || !equals(made, kept)
  })
  console.log(stale.length === 0 ? `the viewer is built, ${total} bytes` : `stale: ${stale.join()}`)
  process.exitCode = stale.length === 0 ? 0 : 1
} else {
  rmSync(BUILT, { recursive: true, force: true })
  for (const [path, bytes] of files) {
    mkdirSync(dirname(BUILT + path), { recursive: true })
    writeFileSync(BUILT + path, bytes)
    console.log(`${path} ${bytes.length} bytes`)
  }
  console.log(`${total} bytes`)
}

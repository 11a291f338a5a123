/**
 * One executable: Node with the archive's files in it as assets. It unpacks them once into the
 * user's cache, under the name of their digest, and starts the program there, so that worker
 * threads, the addon and the processes of the demo find their files as they do in the archive.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Of Node's own documentation: says where the blob goes. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** Starts before anything of ours is on disk: CommonJS, Node's own modules only. */
const LOADER = `'use strict'
const { createRequire } = require('node:module')
const { homedir } = require('node:os')
const fs = require('node:fs'), path = require('node:path'), sea = require('node:sea')
const { pathToFileURL } = require('node:url')

const { digest, files } = JSON.parse(sea.getAsset('files.json', 'utf8'))
const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache')
const folder = path.join(cache, 'driftmesh', 'program', digest)

function unpack() {
  const draft = folder + '.' + process.pid
  for (const file of files) {
    const to = path.join(draft, file)
    fs.mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 })
    fs.writeFileSync(to, Buffer.from(sea.getRawAsset(file)))
  }
  const boot = "'use strict'\\nmodule.exports = (url) => import(url)\\n"
  fs.writeFileSync(path.join(draft, 'boot.cjs'), boot)
  try {
    fs.renameSync(draft, folder)
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true })
    if (!fs.existsSync(folder)) throw error
  }
}

if (!fs.existsSync(folder)) unpack()
// Our own children are started as by Node: options, the program, its arguments.
const args = process.argv.slice(2)
while (args[0] !== undefined && args[0].startsWith('--disable-warning=')) args.shift()
const isProgram = args[0] !== undefined && args[0].startsWith(folder + path.sep)
const program = isProgram ? args.shift() : path.join(folder, 'dist/node/main.mjs')
process.argv = [process.execPath, program, ...args]
createRequire(path.join(folder, 'boot.cjs'))('./boot.cjs')(pathToFileURL(program).href)
`

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile())
  return paths.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort()
}

async function digestOf(folder: string, files: readonly string[]): Promise<string> {
  const digest = createHash('sha256')
  for (const file of files) digest.update(`${file}\0`).update(await readFile(join(folder, file)))
  return digest.digest('hex').slice(0, 32)
}

/** @param init.name of the archive, whose folder is there. @returns the executable's path */
export async function writeSingle(init: {
  readonly root: string
  readonly out: string
  readonly name: string
}): Promise<string> {
  const { root, out, name } = init
  const lib = join(out, name, 'lib')
  const node = join(lib, 'node')
  const files = (await filesOf(lib)).filter((file) => file !== 'node' && file !== 'NODE-LICENSE')
  const draft = await mkdtemp(join(tmpdir(), 'driftmesh-single-'))
  try {
    const list = join(draft, 'files.json')
    await writeFile(list, JSON.stringify({ digest: await digestOf(lib, files), files }))
    await writeFile(join(draft, 'loader.cjs'), LOADER)
    const assets = {
      'files.json': list,
      ...Object.fromEntries(files.map((f) => [f, join(lib, f)]))
    }
    const config = join(draft, 'sea.json')
    const [main, blob] = [join(draft, 'loader.cjs'), join(draft, 'sea.blob')]
    const execArgv = ['--disable-warning=ExperimentalWarning']
    await writeFile(
      config,
      JSON.stringify({ main, output: blob, disableExperimentalSEAWarning: true, execArgv, assets })
    )
    await run(node, ['--experimental-sea-config', config])
    const single = join(out, `${name}.bin`)
    await copyFile(node, single)
    const postject = join(root, 'node_modules/postject/dist/cli.js')
    const args = [postject, single, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE]
    await run(process.execPath, args)
    await chmod(single, 0o755)
    return single
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

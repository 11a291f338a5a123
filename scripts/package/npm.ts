/** The tarball that npm makes of the package's folder. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** @returns the tarball's path */
export async function writeTarball(init: { program: string; out: string }): Promise<string> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', init.out]
  const { stdout } = await run('npm', args, { cwd: init.program })
  const [{ filename }] = JSON.parse(stdout)
  return join(init.out, filename)
}

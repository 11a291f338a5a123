/**
 * A node's home folder: keys, blocks, ledger, log and the control file by which other commands
 * find the running node. Files that others read appear whole or not at all.
 */
import { mkdir, readFile, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { writeDurably } from '../data/durable-file.ts'
import { diskFailure } from '../forecast/output-target.ts'
import { isMeshError, MeshError } from '../mesh-error.ts'

/** The folder of this user's node: flag, then DRIFTMESH_HOME, then XDG. */
export function homeFolder(flag: string | undefined, env: NodeJS.ProcessEnv): string {
  const data = env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share')
  return resolve(flag ?? env.DRIFTMESH_HOME ?? join(data, 'driftmesh'))
}

const controlShape = z.object({ address: z.string(), token: z.string(), pid: z.number() })
/** Where a running node answers, and the secret that proves the asker may. */
export type Control = z.infer<typeof controlShape>

const controlPath = (home: string): string => join(home, 'control.json')

/**
 * Writes a file so that a reader sees the old one or the whole new one.
 * @throws MeshError store/failed, store/full
 */
export async function writeAtomically(
  path: string,
  data: string | Uint8Array,
  mode = 0o644
): Promise<void> {
  await writeDurably(path, data, { mode })
}

export async function ensureHome(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw diskFailure(home, cause)
  }
}

export const writeControl = (home: string, control: Control): Promise<void> =>
  writeAtomically(controlPath(home), `${JSON.stringify(control)}\n`, 0o600)

export const removeControl = (home: string): Promise<void> => rm(controlPath(home), { force: true })

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/**
 * The control file of the node that runs on this home.
 * @throws MeshError node/unreachable when none runs
 */
export async function readControl(home: string): Promise<Control> {
  try {
    const control = controlShape.parse(JSON.parse(await readFile(controlPath(home), 'utf8')))
    if (isAlive(control.pid)) return control
  } catch (cause) {
    if (isMeshError(cause)) throw cause
  }
  throw new MeshError(
    'node/unreachable',
    `no node runs on ${home}: start one with \`driftmesh start\`, or name its folder with --home`
  )
}

/** A file that a command writes for the user must not replace one that is there. */
import { access } from 'node:fs/promises'
import { MeshError } from '../mesh-error.ts'

/** @throws MeshError cli/usage when something is at that path */
export async function refuseExisting(path: string): Promise<void> {
  const isTaken = await access(path).then(
    () => true,
    () => false
  )
  if (isTaken) throw new MeshError('cli/usage', `${path} exists: name another file with --out`)
}

/**
 * A level database in a folder of its own, with level's failures said in ours.
 */
import { Level } from 'level'
import { MeshError } from '../mesh-error.ts'

export type LevelFolder = Level<string, Uint8Array>

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && (('code' in error && error.code === code) || hasCode(error.cause, code))

/** @throws MeshError `store/locked` when another process has it, else `store/failed` */
export async function openLevel(dir: string): Promise<LevelFolder> {
  const level = new Level<string, Uint8Array>(dir, { keyEncoding: 'utf8', valueEncoding: 'view' })
  try {
    await level.open()
    return level
  } catch (cause) {
    if (hasCode(cause, 'LEVEL_LOCKED')) {
      const message = `${dir} is in use by another driftmesh process`
      const advice = 'stop it with `driftmesh stop`, or name another folder with --home'
      throw new MeshError('store/locked', `${message}; ${advice}`, { cause, detail: { dir } })
    }
    throw storeFailure(`${dir} cannot be opened`, cause, { dir })
  }
}

/** A write or open that failed: `store/full` when there is no space left, else `store/failed`. */
export function storeFailure(
  what: string,
  cause: unknown,
  detail: Record<string, unknown> = {}
): MeshError {
  const text = `${cause instanceof Error ? `${cause.message} ${cause.cause ?? ''}` : cause}`
  // blockstore-fs and level hand on the operating system's words, not its code
  const isFull = /ENOSPC|EDQUOT|No space left|quota exceeded/i.test(text)
  const why = isFull ? 'the disk is full' : text.trim()
  return new MeshError(isFull ? 'store/full' : 'store/failed', `${what}: ${why}`, {
    cause,
    detail
  })
}

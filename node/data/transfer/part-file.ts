/**
 * A file on its way: `NAME.part` with the bytes so far and `NAME.part.json` with what they belong
 * to, so that a killed transfer goes on where it was. One process at a time writes it; the place of
 * one that died is taken over.
 */
import { open, readFile, rename, rm, stat, truncate } from 'node:fs/promises'
import { uptime } from 'node:os'
import { dirname } from 'node:path'
import { z } from 'zod'
import { diskFailure } from '../../forecast/output-target.ts'
import { MeshError } from '../../mesh-error.ts'
import { syncFolder, writeDurably } from '../durable-file.ts'

const stateShape = z.object({
  pid: z.number().int(),
  url: z.string(),
  /** Strong ETag, or Last-Modified: what If-Range compares. */
  validator: z.string().optional(),
  totalBytes: z.number().int().nonnegative().optional()
})
type PartState = z.infer<typeof stateShape>
export type PartOrigin = Omit<PartState, 'pid'>

export interface PartFile {
  readonly path: string
  /** Bytes so far. */
  readonly bytes: number
  /** What they belong to; without a validator they cannot be continued. */
  readonly origin: PartOrigin
  /** Forgets the bytes; what comes belongs to this. @throws MeshError store/* */
  restart(origin: PartOrigin): Promise<void>
  /** @throws MeshError store/* */
  append(piece: Uint8Array): Promise<void>
  /** Syncs and moves the whole file to its place. @throws MeshError store/* */
  finish(): Promise<void>
  /** Keeps the bytes for another attempt, by whichever process. */
  release(): Promise<void>
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}
/** Parts that this process writes now. */
const ourParts = new Set<string>()

async function readState(path: string): Promise<PartState | undefined> {
  try {
    return stateShape.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    // Absent, or cut off by a power failure: begin anew.
    return undefined
  }
}

/** Takes the state file for this process, from a dead one if need be. */
async function claim(statePath: string, url: string): Promise<PartState> {
  const mine = { pid: process.pid, url }
  const isNew = { isNew: true }
  if (await writeDurably(statePath, JSON.stringify(mine), isNew)) return mine
  const found = await readState(statePath)
  // After a restart of a container our number may be that of the dead.
  if (found !== undefined && found.pid !== process.pid && isAlive(found.pid)) {
    throw locked(statePath, `process ${found.pid} is fetching`)
  }
  // The rename has one winner; a loser finds nothing to take.
  const taken = `${statePath}.${process.pid}`
  try {
    await rename(statePath, taken)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw diskFailure(statePath, cause)
  }
  await rm(taken, { force: true })
  const state = { ...(found ?? mine), pid: process.pid }
  if (await writeDurably(statePath, JSON.stringify(state), isNew)) return state
  throw locked(statePath, 'another process just began')
}

const locked = (statePath: string, who: string): MeshError =>
  new MeshError('store/locked', `${who} ${statePath.slice(0, -'.part.json'.length)}: let it end`)

/**
 * Bytes of the part that can be believed: none from before the machine started, whose disk may have
 * lost what its files say they hold.
 */
async function believableBytes(partPath: string): Promise<number> {
  const found = await stat(partPath).catch(() => undefined)
  const startedMs = Date.now() - uptime() * 1000
  return found === undefined || found.mtimeMs < startedMs ? 0 : found.size
}

/**
 * The part of a file, with what an earlier attempt at the same URL left.
 * @throws MeshError store/locked when another process writes it, store/*
 */
export async function openPart(path: string, url: string): Promise<PartFile> {
  const partPath = `${path}.part`
  const statePath = `${partPath}.json`
  if (ourParts.has(statePath)) throw locked(statePath, 'this process is fetching')
  ourParts.add(statePath)
  try {
    const { pid: _, ...origin } = await claim(statePath, url)
    const part = await openClaimed(path, origin)
    if (part.bytes === 0 || origin.url !== url) await part.restart({ url })
    return part
  } catch (cause) {
    ourParts.delete(statePath)
    throw diskFailure(partPath, cause)
  }
}

async function openClaimed(path: string, claimed: PartOrigin): Promise<PartFile> {
  const partPath = `${path}.part`
  const statePath = `${partPath}.json`
  let origin = claimed
  let bytes = await believableBytes(partPath)
  const handle = await open(partPath, 'a')
  const guard = async (write: () => Promise<unknown>): Promise<void> => {
    try {
      await write()
    } catch (cause) {
      throw diskFailure(partPath, cause)
    }
  }
  const restart = (next: PartOrigin): Promise<void> =>
    guard(async () => {
      // The bytes go first: a crash between must not join old bytes to a new origin.
      await truncate(partPath, 0)
      bytes = 0
      origin = next
      await writeDurably(statePath, JSON.stringify({ ...next, pid: process.pid }))
    })
  const release = async (): Promise<void> => {
    ourParts.delete(statePath)
    await handle.close().catch(() => undefined)
  }
  return {
    path: partPath,
    get bytes() {
      return bytes
    },
    get origin() {
      return origin
    },
    restart,
    append: (piece) =>
      guard(async () => {
        // An append may write a part of the piece before the disk is full.
        for (let at = 0; at < piece.length; ) {
          const { bytesWritten } = await handle.write(piece, at, piece.length - at)
          at += bytesWritten
          bytes += bytesWritten
        }
      }),
    finish: () =>
      guard(async () => {
        await handle.sync()
        await handle.close()
        await rename(partPath, path)
        await syncFolder(dirname(path))
        await rm(statePath, { force: true })
        ourParts.delete(statePath)
      }),
    release
  }
}

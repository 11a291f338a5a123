/** What the reading commands have in common: a CID, where to read from, how long to try. */
import { CID } from 'multiformats/cid'
import { isMeshError, MeshError } from '../../mesh-error.ts'
import { openReader } from '../../service/reader.ts'
import type { Blocks } from '../../store/blocks.ts'

export interface ReaderFlags {
  readonly bootstrap?: readonly string[]
  readonly from?: string
  readonly timeout: number
}

/** @throws MeshError cli/usage */
export function parseCid(text: string): CID {
  try {
    return CID.parse(text)
  } catch (cause) {
    throw new MeshError('cli/usage', `${text} is not a CID`, { cause })
  }
}

/** Opens a reader for as long as `use` takes, at most for the time that the flags give. */
export async function withReader<T>(
  cid: CID,
  { timeout, bootstrap = [], from }: ReaderFlags,
  stop: AbortSignal,
  use: (blocks: Blocks, signal: AbortSignal) => Promise<T>
): Promise<T> {
  const limit = AbortSignal.timeout(timeout * 1000)
  const signal = AbortSignal.any([stop, limit])
  try {
    const reader = await openReader({ bootstrap, signal, ...(from === undefined ? {} : { from }) })
    try {
      return await use(reader.blocks, signal)
    } finally {
      await reader[Symbol.asyncDispose]()
    }
  } catch (cause) {
    if (!limit.aborted || stop.aborted || isMeshError(cause)) throw cause
    const message = `${cid} was not read whole within ${timeout} s`
    const advice = 'try again, or wait longer with --timeout'
    throw new MeshError('net/block-missing', `${message}; ${advice}`, { cause })
  }
}

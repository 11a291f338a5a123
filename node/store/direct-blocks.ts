/**
 * Blocks from peers that are known to have them: a lease's sources, a reveal's author, the other
 * coordinators. One request names many blocks and is answered at once, over a connection that is
 * there. Bitswap would tell every connected peer of every want, each on a stream of its own: with
 * 200 volunteers a result of 40 blocks cost a coordinator 8,000 streams.
 */
import type { CID } from 'multiformats/cid'
import { decode, encode } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import { BLOCK_BYTES_MAX } from '../../protocol/limits.ts'
import { bytes, link, list, object } from '../../protocol/shape.ts'
import { startDeadline } from '../net/deadline.ts'
import type { Net } from '../net/net.ts'
import { isBlock } from './block-check.ts'

/** Blocks of one request; their names are 10 KiB. */
const ASKED_MAX = 256
/** Requests under way at one holder: one is read while the next is on its way. */
const UNDER_WAY_MAX = 2
/** A full answer at 1 Mbit/s; who takes longer is asked by bitswap, without haste. */
const ANSWER_MS = 10_000

const wantedShape = object('blocks-wanted', { cids: list(link, ASKED_MAX, 1) })
/** In the order asked, as far as they fit a frame; an empty one is not here. */
const foundShape = object('blocks-found', { blocks: list(bytes(BLOCK_BYTES_MAX), ASKED_MAX, 1) })

/** The bytes of a block that may be served, or undefined. */
export type ReadServed = (cid: CID) => Promise<Uint8Array | undefined>

export interface DirectBlocks {
  /** Asks the holders one after the other. @returns undefined when none of them gave it */
  get(
    cid: CID,
    holders: readonly Uint8Array[],
    signal: AbortSignal
  ): Promise<Uint8Array | undefined>
}

interface Want {
  readonly cid: CID
  readonly settle: (bytes: Uint8Array | undefined) => void
}

interface Holder {
  readonly peer: Uint8Array
  readonly wants: Set<Want>
  underWay: number
}

type DirectNet = Pick<Net, 'handle' | 'request'>

async function answer(frame: Uint8Array, read: ReadServed): Promise<Uint8Array> {
  const { cids } = decode(wantedShape, frame)
  const blocks: Uint8Array[] = []
  let room = BLOCK_BYTES_MAX
  for (const cid of cids) {
    const found = (await read(cid)) ?? new Uint8Array()
    if (found.byteLength > room) break
    room -= found.byteLength
    blocks.push(found)
  }
  return encode({ kind: 'blocks-found', blocks })
}

/** Answers channel `blocks` and asks others on it. */
export async function openDirectBlocks(net: DirectNet, read: ReadServed): Promise<DirectBlocks> {
  const holders = new Map<string, Holder>()
  await net.handle('blocks', (frame) => answer(frame, read))

  const ask = async ({ peer, wants }: Holder): Promise<void> => {
    const asked = [...wants].slice(0, ASKED_MAX)
    for (const want of asked) wants.delete(want)
    const deadline = startDeadline(ANSWER_MS)
    let found: readonly Uint8Array[] = []
    try {
      const frame = encode({ kind: 'blocks-wanted', cids: asked.map(({ cid }) => cid) })
      const options = { signal: deadline.signal, isOpenOnly: true }
      found = decode(foundShape, await net.request(peer, 'blocks', frame, options)).blocks
    } catch {
      // gone, too slow, or it does not speak this channel: others are asked
      for (const { settle } of asked) settle(undefined)
      return
    } finally {
      deadline.clear()
    }
    for (const [index, want] of asked.entries()) {
      const block = found[index]
      // what did not fit is asked for again
      if (block === undefined) wants.add(want)
      else want.settle(isBlock(want.cid, block) ? block : undefined)
    }
  }
  const pump = (name: string, holder: Holder): void => {
    while (holder.wants.size > 0 && holder.underWay < UNDER_WAY_MAX) {
      holder.underWay += 1
      void ask(holder).finally(() => {
        holder.underWay -= 1
        pump(name, holder)
      })
    }
    if (holder.wants.size === 0 && holder.underWay === 0) holders.delete(name)
  }
  const askOne = (cid: CID, peer: Uint8Array, signal: AbortSignal) => {
    const name = toHex(peer)
    const holder = holders.get(name) ?? { peer, wants: new Set<Want>(), underWay: 0 }
    holders.set(name, holder)
    return new Promise<Uint8Array | undefined>((resolve, reject) => {
      const want: Want = {
        cid,
        settle: (found) => {
          signal.removeEventListener('abort', onAbort)
          resolve(found)
        }
      }
      const onAbort = (): void => {
        holder.wants.delete(want)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      holder.wants.add(want)
      // whatever else is wanted in this moment goes into the same request
      queueMicrotask(() => pump(name, holder))
    })
  }
  return {
    get: async (cid, peers, signal) => {
      for (const peer of peers) {
        signal.throwIfAborted()
        const found = await askOne(cid, peer, signal)
        if (found !== undefined) return found
      }
      return undefined
    }
  }
}

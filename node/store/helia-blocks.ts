/**
 * Blocks of the mesh: a folder on disk, shared and fetched by bitswap through Helia on our own
 * libp2p. Works round what Helia leaves to its user (NETWORK §6): it announces before it stores,
 * sends a want once, searches providers once, and has no "not found".
 */
import { withBitswap } from '@helia/bitswap'
import { type BlockBroker, createHeliaLight } from 'helia'
import toBuffer from 'it-to-buffer'
import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import type { OpenNet } from '../net/open-net.ts'
import type { Blocks } from './blocks.ts'
import { openDhtRouter } from './dht-router.ts'
import { openDirectBlocks } from './direct-blocks.ts'
import { openFolderBlocks } from './folder-blocks.ts'
import { openRepeating } from './repeat.ts'
import { type FindBlock, ServedBlocks } from './served-blocks.ts'
import { openWants } from './wants.ts'

/** A block nobody sends within this time is missing: several tries of a provider that is up. */
const GET_DEADLINE_MS = 60_000
/** Two full blocks: a message is held in memory whole at both ends; the default is 4 MiB. */
const MESSAGE_BYTES_MAX = 2 * 1024 * 1024
/** Such a message at 0.3 Mbit/s; the default of 10 s cuts off slow lines. */
const MESSAGE_MS = 60_000
/** A block sent is taken for delivered this long; the default of 5 s swallows two repetitions. */
const NO_RESEND_MS = 1_000

export interface HeliaBlocks extends Blocks {
  /** Peers are also given what this finds: blocks that live in memory alone. */
  serveAlso(find: FindBlock): void
  /** Deletes a block from disk, if it is here. @throws MeshError `store/failed` */
  remove(cid: CID): Promise<void>
  /** Stops bitswap; stop it before the net. */
  stop(): Promise<void>
}

export interface HeliaOptions {
  /** A block nobody delivers within this time is missing; default 60 s. */
  readonly getDeadlineMs?: number
  /** Keys of peers that have most of what is wanted here: the federation's coordinators. */
  readonly holders?: readonly Uint8Array[]
  /** A stored block does not match its CID and was not served to a peer. */
  readonly onDamaged?: (cid: CID) => void
}

/** @throws MeshError `store/failed` when the folder cannot be made */
export async function openHeliaBlocks(
  net: OpenNet,
  dir: string,
  options: HeliaOptions = {}
): Promise<HeliaBlocks> {
  const folder = await openFolderBlocks(dir)
  const served = new ServedBlocks(folder, options.onDamaged ?? (() => {}))
  const helia = createHeliaLight({
    blockstore: served,
    routers: [openDhtRouter(net.host)]
  })
  // Helia's own way makes a second libp2p node; bitswap needs no more than this property
  const withHost = Object.assign(helia, { libp2p: net.host })
  withBitswap(withHost, {
    maxOutgoingMessageSize: MESSAGE_BYTES_MAX,
    messageReceiveTimeout: MESSAGE_MS,
    doNotResendBlockWindow: NO_RESEND_MS
  })
  await helia.start()
  // not in Helia's interface: the broker is the only one who can announce a block after its put
  const { blockBrokers } = helia as unknown as { blockBrokers: BlockBroker[] }

  const direct = await openDirectBlocks(net, (cid) => served.find(cid))
  const repeating = openRepeating((cid, signal) => toBuffer(helia.blockstore.get(cid, { signal })))
  const { holders: always = [] } = options
  const others = always.filter((key) => !equals(key, net.key))
  const fetch = async (cid: CID, signal: AbortSignal, holders: readonly Uint8Array[]) => {
    const bytes = await direct.get(cid, [...holders, ...others], signal)
    if (bytes === undefined) return repeating(cid, signal)
    await served.store({ cid, bytes })
    return bytes
  }
  const wants = openWants(fetch, options.getDeadlineMs ?? GET_DEADLINE_MS)
  return {
    put: async (block, putOptions) => {
      await served.store(block, putOptions)
      wants.arrived(block.cid, block.bytes)
      await Promise.all(blockBrokers.map(async (broker) => broker.announce?.(block.cid)))
    },
    get: async (cid, getOptions) =>
      (await folder.read(cid, getOptions?.signal)) ?? (await wants.get(cid, getOptions)),
    has: (cid) => folder.has(cid),
    remove: (cid) => folder.remove(cid),
    serveAlso: (find) => served.serveAlso(find),
    stop: async () => {
      wants.stop()
      await helia.stop()
    }
  }
}

/**
 * What coordinators and volunteers have in common: a home, a log, the federation they belong to, a
 * place in the network, a store and a kernel pool. Opened in this order, stopped in reverse.
 */
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Curve, OpenedFederation } from '../../protocol/signed.ts'
import { type Gateway, openGateway } from '../gateway/gateway.ts'
import type { Net, NetInit } from '../net/net.ts'
import { openNet } from '../net/open-net.ts'
import { type HeliaBlocks, openHeliaBlocks } from '../store/helia-blocks.ts'
import { openInputCache } from '../store/input-cache.ts'
import { type Ledger, openLedger } from '../store/ledger.ts'
import { type Log, openLog } from '../telemetry/log.ts'
import type { Caps } from '../worker/effort/caps.ts'
import { type KernelPool, openKernelPool } from '../worker/kernel-pool.ts'
import { ensureHome } from './home.ts'
import { presentFederation, watchEpochs } from './identity/epochs.ts'
import { peerSecret } from './identity/keys.ts'
import { openNativeCurve } from './identity/native-curve.ts'
import { parseKey } from './identity/public-key.ts'
import type { MemberInit } from './running-node.ts'

export interface Member {
  readonly log: Log
  readonly federation: OpenedFederation
  /** The manifest of the highest epoch that this node has heard of. */
  readonly latestManifest: () => Uint8Array
  readonly secretKey: Uint8Array
  /** What signs and verifies: as protocol/ does it, but faster. */
  readonly curve: Curve
  readonly ledger: Ledger
  readonly net: Net
  readonly blocks: HeliaBlocks
  readonly pool: KernelPool
  /** Blocks of inputs on disk, and their bytes. */
  readonly inputCount: () => { readonly blocks: number; readonly bytes: number }
  readonly gateway: Gateway | undefined
  /** Aborts when the member stops. */
  readonly signal: AbortSignal
  /** Aborts the signal, waits for `drain`, then closes everything. */
  stop(drain: () => Promise<void>): Promise<void>
}

const netLimits = (caps: Caps): NonNullable<NetInit['limits']> => ({
  connectionsMax: caps.connections,
  downloadBytesPerSecond: caps.downloadBytesPerSecond,
  uploadBytesPerSecond: caps.uploadBytesPerSecond
})

/** @throws MeshError config/invalid, store/*, net/port-busy */
export async function openMember(
  init: MemberInit,
  role: 'coordinator' | 'volunteer'
): Promise<Member> {
  const { home, listen, announce, bootstrap, caps } = init
  await ensureHome(home)
  const log = openLog(home, process.env)
  const rootKey = init.rootKey === undefined ? undefined : parseKey(init.rootKey)
  const federation = await presentFederation(init.federation, home, rootKey)
  const secretKey = await peerSecret(home)
  const ledger = await openLedger(join(home, role === 'coordinator' ? 'ledger' : 'records'))
  const net = await openNet({
    secretKey,
    home,
    bootstrap,
    role,
    log: log.debug,
    ...(caps === undefined ? {} : { limits: netLimits(caps) }),
    ...(listen === undefined ? {} : { listen }),
    ...(announce === undefined ? {} : { announce })
  })
  const latestManifest = watchEpochs({ net, log, home, federation })
  const holders = federation.body.coordinators.map(({ key }) => key)
  const helia = await openHeliaBlocks(net, join(home, 'blocks'), { holders })
  const { remove } = helia
  const inputs =
    role === 'volunteer'
      ? await openInputCache({
          blocks: helia,
          remove,
          dir: join(home, 'inputs'),
          nowMs: Date.now,
          ...(caps === undefined ? {} : { bytesMax: caps.diskBytes })
        })
      : undefined
  const blocks = { ...helia, ...inputs?.blocks }
  const pool = openKernelPool({
    threads: init.kernelThreads ?? init.threads,
    blocks,
    ...(caps === undefined ? {} : { niceness: constants.priority.PRIORITY_LOW })
  })
  const listenAt = init.gateway
  const gateway = listenAt && (await openGateway({ blocks, listenAt }))
  const stopping = new AbortController()
  return {
    log,
    federation,
    latestManifest,
    secretKey,
    curve: openNativeCurve(),
    ledger,
    net,
    blocks,
    pool,
    inputCount: () => inputs?.count() ?? { blocks: 0, bytes: 0 },
    gateway,
    signal: stopping.signal,
    stop: async (drain) => {
      stopping.abort()
      await gateway?.close()
      await drain()
      await pool.stop()
      await blocks.stop()
      await inputs?.close()
      await net.stop()
      await ledger.close()
    }
  }
}

/** Every entry of a member's ledger, decoded. */
export async function readEntries<T>(
  ledger: Ledger,
  decodeEntry: (entry: Uint8Array) => T
): Promise<T[]> {
  const entries: T[] = []
  for await (const entry of ledger.entries()) entries.push(decodeEntry(entry))
  return entries
}

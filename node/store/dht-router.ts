/**
 * Where Helia asks for providers. Connected peers get a head start, walks are few at a time, and
 * a provider is connected before it is named, so that its address need not be in the record.
 */
import { setTimeout } from 'node:timers/promises'
import type { Provider, Router } from 'helia'
import type { CID } from 'multiformats/cid'
import type { Host } from '../net/host.ts'
import { reach } from '../net/reach.ts'
import { openGate } from './gate.ts'

/** Helia starts a walk per block; most blocks come from a connected peer within this time. */
const HEAD_START_MS = 500
/** Walks at once: only roots have records, so the others are mostly in vain. */
const WALKS_MAX = 4
/** Between walks while our routing table is empty. */
const WALK_AGAIN_MS = 250

export function openDhtRouter(host: Host): Router {
  const gate = openGate(() => WALKS_MAX)
  return {
    name: 'driftmesh-dht',
    async *findProviders(cid, options) {
      const signal = options?.signal ?? new AbortController().signal
      try {
        if (host.getPeers().length > 0) await setTimeout(HEAD_START_MS, undefined, { signal })
        yield* await gate(() => walk(host, cid, signal), signal)
      } catch (error) {
        // the block has come or is wanted no more; otherwise bitswap logs it
        if (!signal.aborted) throw error
      }
    }
  }
}

async function walk(host: Host, cid: CID, signal: AbortSignal): Promise<Provider[]> {
  for (;;) {
    let askedCount = 0
    for await (const event of host.services.dht.findProviders(cid, { signal })) {
      if (event.name === 'PEER_RESPONSE') askedCount += 1
      if (event.name !== 'PROVIDER') continue
      const others = event.providers.filter(({ id }) => !id.equals(host.peerId))
      const reached = await Promise.all(
        others.map(async ({ id, multiaddrs }): Promise<Provider[]> => {
          try {
            const { remoteAddr } = await reach(host, id, multiaddrs.map(String), signal)
            return [
              { id: id.toCID(), multiaddrs: [remoteAddr], router: 'driftmesh-dht', fallback: false }
            ]
          } catch {
            return [] // gone: its record outlives it
          }
        })
      )
      if (reached.some((one) => one.length > 0)) return reached.flat()
    }
    if (askedCount > 0) return []
    await setTimeout(WALK_AGAIN_MS, undefined, { signal })
  }
}

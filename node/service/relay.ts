/**
 * The relay: a bootstrap peer that serves the DHT and forwards for peers behind NAT. With a
 * federation manifest it also passes the mesh's gossip on, judged by the same rules as everywhere.
 */
import { openControlServer } from '../api/control-server.ts'
import { openNet } from '../net/open-net.ts'
import { openLog } from '../telemetry/log.ts'
import { readFederation } from './federation-file.ts'
import {
  listenToAnnouncements,
  listenToHeads,
  listenToProofs,
  listenToPublications
} from './gossip.ts'
import { ensureHome } from './home.ts'
import { peerSecret } from './identity/keys.ts'
import { openNativeCurve } from './identity/native-curve.ts'
import type { NodeInit, RunningNode } from './running-node.ts'

export interface RelayInit extends NodeInit {
  /** File with the signed federation manifest; without it no gossip is passed on. */
  readonly federation?: string
}

export async function openRelay(init: RelayInit): Promise<RunningNode> {
  await ensureHome(init.home)
  const log = openLog(init.home, process.env)
  const secretKey = await peerSecret(init.home)
  const { home, listen, announce, bootstrap } = init
  const net = await openNet({
    secretKey,
    home,
    bootstrap,
    role: 'relay',
    log: log.debug,
    ...(listen === undefined ? {} : { listen }),
    ...(announce === undefined ? {} : { announce })
  })
  if (init.federation !== undefined) {
    const { body: federation } = await readFederation(init.federation)
    const gossip = { net, log, federation, curve: openNativeCurve() }
    // What is admitted is passed on; a relay itself has no use for it.
    listenToAnnouncements(gossip, () => {})
    listenToPublications(gossip, () => {})
    listenToHeads(gossip, () => {})
    listenToProofs(gossip, () => {})
  }
  const control = await openControlServer(home, {
    status: async () => ({ role: 'relay', peer: net.peerId, peers: net.peerCount() }),
    stop: init.onStop
  })
  log.info('relay.started', { addresses: net.addresses() })
  return {
    peerId: net.peerId,
    addresses: net.addresses(),
    stop: async () => {
      await control.close()
      await net.stop()
    }
  }
}

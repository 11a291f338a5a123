/** The relay: a bootstrap peer that serves the DHT and forwards for peers behind NAT. */
import { openControlServer } from '../api/control-server.ts'
import { openNet } from '../net/open-net.ts'
import { openLog } from '../telemetry/log.ts'
import { ensureHome } from './home.ts'
import { peerSecret } from './keys.ts'
import type { NodeInit, RunningNode } from './running-node.ts'

export async function openRelay(init: NodeInit): Promise<RunningNode> {
  await ensureHome(init.home)
  const log = openLog(init.home, process.env)
  const secretKey = await peerSecret(init.home)
  const { home, listen, bootstrap } = init
  const net = await openNet({
    secretKey,
    home,
    bootstrap,
    role: 'relay',
    log: log.debug,
    ...(listen === undefined ? {} : { listen })
  })
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

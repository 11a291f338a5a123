/**
 * Opens the network of one process: libp2p over TCP with our services, wrapped as the `Net` port.
 */
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { LevelDatastore } from 'datastore-level'
import { MeshError } from '../mesh-error.ts'
import { openLevel } from '../store/level-folder.ts'
import { answerExchange } from './exchange.ts'
import { openGossip } from './gossip.ts'
import { createHost, type Host } from './host.ts'
import { peerIdOf, privateKeyOf } from './keys.ts'
import { maintain } from './maintain.ts'
import type { Net, NetInit, NetLog } from './net.ts'
import { provideRoot } from './provide.ts'
import { openOnly, reach } from './reach.ts'
import { ask, openAnswering } from './requests.ts'
import { openTraffic } from './traffic.ts'

/** The port and, for the Helia store only, the libp2p host under it. */
export interface OpenNet extends Net {
  readonly host: Host
}

/** Loopback only, until the operator says otherwise. */
const LISTEN_DEFAULT = ['/ip4/127.0.0.1/tcp/0']

/**
 * @throws MeshError `net/port-busy`, `config/invalid` (an address), `store/locked` (the home is in
 *   use by another process)
 */
export async function openNet(init: NetInit): Promise<OpenNet> {
  const log: NetLog = init.log ?? (() => {})
  const bootstrap = init.bootstrap.map(bootstrapOf)
  const announce = (init.announce ?? []).map(checkedAddress)
  const privateKey = await privateKeyOf(init.secretKey)
  const level = await openLevel(join(init.home, 'net'))
  const listen = init.listen ?? LISTEN_DEFAULT
  const datastore = new LevelDatastore(level)
  const { role, limits = {} } = init
  const traffic = openTraffic(limits)
  const { connectionsMax } = limits
  const host = await createHost({
    privateKey,
    datastore,
    listen,
    announce,
    role,
    traffic,
    connectionsMax
  })
  try {
    await host.start()
  } catch (cause) {
    await host.stop()
    await level.close()
    throw listenFailure(listen, cause)
  }
  const maintenance = maintain(host, bootstrap, log)
  host.addEventListener('peer:connect', ({ detail }) => {
    log('net.peer-connected', { peer: detail.toString() })
  })
  host.addEventListener('peer:disconnect', ({ detail }) => {
    log('net.peer-disconnected', { peer: detail.toString() })
  })
  const answering = openAnswering(host, log)
  if (role === 'relay' || role === 'coordinator') await answerExchange(host, answering)
  log('net.started', { peer: host.peerId.toString(), addresses: host.getMultiaddrs().map(String) })
  return {
    host,
    key: privateKey.publicKey.raw,
    peerId: host.peerId.toString(),
    addresses: () => host.getMultiaddrs().map(String),
    peerCount: () => host.getPeers().length,
    traffic: traffic.count,
    request: async (peer, channel, frame, { signal, addresses = [], isOpenOnly = false }) => {
      const id = peerIdOf(peer)
      const connection = isOpenOnly ? openOnly(host, id) : await reach(host, id, addresses, signal)
      return ask(connection, channel, frame, signal)
    },
    handle: answering,
    ...openGossip(host, log),
    connect: async (peer, addresses, signal) => {
      await reach(host, peerIdOf(peer), addresses, signal)
    },
    provide: (cid, signal) => provideRoot(host, cid, signal),
    stop: async () => {
      await maintenance.stop()
      await host.stop()
      await level.close()
    }
  }
}

/** @throws MeshError `config/invalid` */
function checkedAddress(text: string): string {
  try {
    return multiaddr(text).toString()
  } catch (cause) {
    const message = `${text} is no multiaddr; write for example /dns4/sea.example/tcp/4001`
    throw new MeshError('config/invalid', message, { cause, detail: { address: text } })
  }
}

function bootstrapOf(text: string) {
  try {
    const address = multiaddr(text)
    const last = address.getComponents().at(-1)
    if (last?.name === 'p2p' && last.value !== undefined) return { address, peer: last.value }
  } catch {
    // said below, together with a missing peer id
  }
  throw new MeshError('config/invalid', `${text} is not a multiaddr that ends in /p2p/<peer id>`, {
    detail: { address: text }
  })
}

function listenFailure(listen: readonly string[], cause: unknown): unknown {
  const text = cause instanceof Error ? cause.message : ''
  const detail = { listen: [...listen] }
  if (text.includes('EADDRINUSE')) {
    const message = `${listen.join(', ')} is in use; choose another port or stop what listens there`
    return new MeshError('net/port-busy', message, { cause, detail })
  }
  const isNoAddress = cause instanceof Error && cause.name === 'InvalidMultiaddrError'
  if (isNoAddress || /EADDRNOTAVAIL|EACCES|UnsupportedListenAddress/.test(text)) {
    const message =
      `${listen.join(', ')} is no address this machine can listen on; ` +
      'write for example /ip4/0.0.0.0/tcp/4001'
    return new MeshError('config/invalid', message, { cause, detail })
  }
  return cause
}

/**
 * The libp2p host: TCP, Noise, yamux and our services. Every value that is not libp2p's default
 * has its reason beside it; most are measured in NETWORK §6.1 (defaults that break a private mesh).
 */
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { type GossipSub, gossipsub, StrictSign } from '@libp2p/gossipsub'
import { identify, identifyPush } from '@libp2p/identify'
import type { MultiaddrConnection, PeerId, PrivateKey, ServiceMap } from '@libp2p/interface'
import { type KadDHT, kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import type { LevelDatastore } from 'datastore-level'
import { createLibp2p, type Libp2p } from 'libp2p'
import { gossipOptions } from './gossip-options.ts'
import type { Role } from './net.ts'
import type { Traffic } from './traffic.ts'

export interface Services extends ServiceMap {
  readonly dht: KadDHT
  readonly pubsub: GossipSub
}
export type Host = Libp2p<Services>

export const DHT_PROTOCOL = '/driftmesh/kad/1.0.0'
/** A volunteer's home router forgets connections beyond a few dozen (DESIGN §7). */
const HOME_CONNECTIONS_MAX = 40
/** A coordinator talks to every volunteer it leases to, a relay to every newcomer. */
const SERVER_CONNECTIONS_MAX = 500
/** Joiners behind one address (a campus, a test) per second; the default 5 leaves most outside. */
const INBOUND_PER_SECOND_MAX = 1000
/** Handshakes at once; the default 10 turns away joiners who come together. */
const INBOUND_PENDING_MAX = 200
/** Connection monitor, DHT and we ping the same peer; the default of 1 makes them fail in turn. */
const PING_STREAMS_MAX = 32
/**
 * What a stream may hold before its handler reads. Bitswap attaches its reader late, a busy
 * process later still, and beyond this libp2p resets the stream without a word at either end: at
 * the default of 4 MiB a tenth of 100 MB was lost under load. Twice what the store wants at once.
 */
const UNREAD_BYTES_MAX = 16 * 1024 * 1024
/** The default of 5 min leaves a server whose first query failed alone for that long. */
const QUERY_SELF_MS = 15_000
/** Who only asks the DHT needs its servers at hand; the maintainer looks for more when alone. */
const QUERY_SELF_HOME_MS = 120_000

export interface HostInit {
  readonly privateKey: PrivateKey
  readonly datastore: LevelDatastore
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly role: Role
  readonly traffic: Traffic
  /** Default: as the role needs. */
  readonly connectionsMax?: number | undefined
}

export async function createHost(init: HostInit): Promise<Host> {
  const isHome = init.role === 'volunteer' || init.role === 'reader'
  const services = {
    // the default prefixes `/ipfs/id` and `/ipfs/ping` stay: Kubo must see that we speak bitswap
    identify: identify(),
    identifyPush: identifyPush(),
    ping: ping({ maxInboundStreams: PING_STREAMS_MAX, maxOutboundStreams: PING_STREAMS_MAX }),
    dht: kadDHT({
      // our own name keeps the mesh apart from the public DHT
      protocol: DHT_PROTOCOL,
      // who comes and goes, or is behind NAT, asks and holds nothing: with volunteers as servers
      // each query crossed twenty of them, and every one kept dialling all the others
      clientMode: isHome,
      // the default drops private addresses, and a mesh on one host or LAN has no others
      peerInfoMapper: passthroughMapper,
      // the first queries of a mesh would else wait for peers that wait for them
      allowQueryWithZeroPeers: true,
      querySelfInterval: isHome ? QUERY_SELF_HOME_MS : QUERY_SELF_MS
    }),
    pubsub: gossipsub({ ...gossipOptions, globalSignaturePolicy: StrictSign }),
    ...(init.role === 'relay' ? { relay: circuitRelayServer() } : {})
  }
  // The one place that sees every connection of either direction; nobody is turned away here.
  const watch = (_peer: PeerId, connection: MultiaddrConnection): boolean => {
    init.traffic.watch(connection)
    return false
  }
  const host = await createLibp2p({
    connectionGater: {
      denyInboundEncryptedConnection: watch,
      denyOutboundEncryptedConnection: watch
    },
    start: false,
    privateKey: init.privateKey,
    datastore: init.datastore,
    // the default names the Node version and machine to every peer
    nodeInfo: { name: 'driftmesh', userAgent: 'driftmesh' },
    addresses: { listen: [...init.listen], announce: [...init.announce] },
    transports: [tcp(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxReadBufferLength: UNREAD_BYTES_MAX } })],
    connectionManager: {
      maxConnections:
        init.connectionsMax ?? (isHome ? HOME_CONNECTIONS_MAX : SERVER_CONNECTIONS_MAX),
      inboundConnectionThreshold: INBOUND_PER_SECOND_MAX,
      maxIncomingPendingConnections: INBOUND_PENDING_MAX
    },
    // a ping every 10 s on every connection, of which nothing follows here: a late one is no reason
    // to break off (a large block may be under way), and yamux keeps connections alive by itself
    connectionMonitor: { enabled: false },
    services
  })
  return host as unknown as Host
}

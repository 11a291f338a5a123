/**
 * Getting to a peer known by its key: an open connection, else the addresses we were given or
 * remember, else the DHT. Addresses are hints: Noise proves who answers.
 */
import type { Connection, PeerId } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { MeshError } from '../mesh-error.ts'
import { startDeadline } from './deadline.ts'
import type { Host } from './host.ts'

/** One way of reaching a peer; a home line with Noise takes under a second. */
const DIAL_MS = 5_000
/** A DHT walk crosses a few hops, each at most a dial. */
const FIND_MS = 10_000
/** Addresses tried of one hint list; a machine has a few interfaces. */
const ADDRESSES_MAX = 16

/** Hints with the peer's id at their end; those of another peer or unreadable are left out. */
export function hintsFor(peer: PeerId, addresses: readonly string[]): Multiaddr[] {
  const hints: Multiaddr[] = []
  for (const text of addresses.slice(0, ADDRESSES_MAX)) {
    try {
      const address = multiaddr(text)
      const last = address.getComponents().at(-1)
      if (last?.name !== 'p2p') hints.push(address.encapsulate(`/p2p/${peer}`))
      else if (last.value === peer.toString()) hints.push(address)
    } catch {
      // a hint a peer wrote: not worth more than skipping
    }
  }
  return hints
}

/** Direct connections first: relayed ones are limited in time and bytes. */
function openConnection(host: Host, peer: PeerId): Connection | undefined {
  const open = host.getConnections(peer).filter(({ status }) => status === 'open')
  return open.find(({ limits }) => limits === undefined) ?? open[0]
}

async function dial(
  host: Host,
  target: PeerId | Multiaddr[],
  signal: AbortSignal
): Promise<Connection> {
  const deadline = startDeadline(DIAL_MS, signal)
  try {
    return await host.dial(target, { signal: deadline.signal })
  } finally {
    deadline.clear()
  }
}

/** The network is asked, not our memory: what we remember has just failed. */
async function find(host: Host, peer: PeerId, signal: AbortSignal): Promise<Multiaddr[]> {
  const deadline = startDeadline(FIND_MS, signal)
  try {
    const options = { signal: deadline.signal, useCache: false }
    const { multiaddrs } = await host.peerRouting.findPeer(peer, options)
    return hintsFor(peer, multiaddrs.map(String))
  } finally {
    deadline.clear()
  }
}

/** @throws MeshError `net/unreachable`; the signal's reason when it aborts */
export async function reach(
  host: Host,
  peer: PeerId,
  addresses: readonly string[],
  signal: AbortSignal
): Promise<Connection> {
  signal.throwIfAborted()
  const open = openConnection(host, peer)
  if (open !== undefined) return open
  const hints = hintsFor(peer, addresses)
  const ways = [
    ...(hints.length > 0 ? [() => dial(host, hints, signal)] : []),
    ...((await isRemembered(host, peer)) ? [() => dial(host, peer, signal)] : []),
    async () => dial(host, await find(host, peer, signal), signal)
  ]
  const causes: unknown[] = []
  for (const way of ways) {
    try {
      return await way()
    } catch (cause) {
      signal.throwIfAborted()
      causes.push(cause)
    }
  }
  throw new MeshError('net/unreachable', `peer ${peer} cannot be reached`, {
    cause: new AggregateError(causes),
    detail: { peer: peer.toString() },
    retryable: true
  })
}

async function isRemembered(host: Host, peer: PeerId): Promise<boolean> {
  if (!(await host.peerStore.has(peer))) return false
  return (await host.peerStore.get(peer)).addresses.length > 0
}

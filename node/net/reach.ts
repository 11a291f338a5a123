/**
 * Getting to a peer known by its key: an open connection, else the addresses we were given or
 * remember, else the DHT. Addresses are hints: Noise proves who answers.
 */
import { setTimeout } from 'node:timers/promises'
import type { Connection, PeerId } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { MeshError } from '../mesh-error.ts'
import { startDeadline } from './deadline.ts'
import type { Host } from './host.ts'

/** One way of reaching a peer; a home line with Noise takes under a second. */
const DIAL_MS = 5_000
/** A DHT walk crosses a few hops, each at most a dial. */
const FIND_MS = 10_000
/** Between walks while our routing table is empty. */
const WALK_AGAIN_MS = 200
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

/**
 * Addresses by a walk through the DHT, not from our memory: what we remember has just failed. A
 * walk that found nobody to ask is repeated, because a node that has just started knows nobody.
 */
async function find(host: Host, peer: PeerId, signal: AbortSignal): Promise<Multiaddr[]> {
  const deadline = startDeadline(FIND_MS, signal)
  try {
    for (;;) {
      const { found, askedCount } = await walkTo(host, peer, deadline.signal)
      if (found !== undefined) return found
      if (askedCount > 0) throw new Error(`none of ${askedCount} peers of the DHT knows ${peer}`)
      await setTimeout(WALK_AGAIN_MS, undefined, { signal: deadline.signal })
    }
  } finally {
    deadline.clear()
  }
}

async function walkTo(host: Host, peer: PeerId, signal: AbortSignal) {
  let askedCount = 0
  try {
    for await (const event of host.services.dht.findPeer(peer, { signal, useCache: false })) {
      if (event.name === 'PEER_RESPONSE') askedCount += 1
      if (event.name === 'FINAL_PEER') {
        return { found: hintsFor(peer, event.peer.multiaddrs.map(String)), askedCount }
      }
    }
  } catch (error) {
    if (!(error instanceof Error && error.name === 'NotFoundError')) throw error
  }
  return { found: undefined, askedCount }
}

const unreachable = (peer: PeerId, cause?: unknown): MeshError =>
  new MeshError('net/unreachable', `peer ${peer} cannot be reached`, {
    ...(cause === undefined ? {} : { cause }),
    detail: { peer: peer.toString() },
    retryable: true
  })

/** The connection that is there. @throws MeshError `net/unreachable` when there is none */
export function openOnly(host: Host, peer: PeerId): Connection {
  const open = openConnection(host, peer)
  if (open === undefined) throw unreachable(peer)
  return open
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
  throw unreachable(peer, new AggregateError(causes))
}

async function isRemembered(host: Host, peer: PeerId): Promise<boolean> {
  if (!(await host.peerStore.has(peer))) return false
  return (await host.peerStore.get(peer)).addresses.length > 0
}

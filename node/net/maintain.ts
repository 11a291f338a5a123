/**
 * Keeps us connected. libp2p 3 dials nobody by itself, gives a bootstrap peer up after 31 s and
 * asks the DHT for itself every few minutes; this loop never gives up, meets new peers through
 * the DHT until there are enough, and rests when nothing changes.
 */
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { startDeadline } from './deadline.ts'
import { askForPeers, type Neighbour, shuffled } from './exchange.ts'
import type { Host } from './host.ts'
import type { NetLog } from './net.ts'

/** As many as gossipsub keeps in a full mesh (D high). */
const PEERS_WANTED = 12
/** Newcomers per round: a mesh that starts together must not dial itself to death. */
const DIALS_PER_ROUND_MAX = 3
/** One dial, and one walk through the DHT. */
const DIAL_MS = 5_000
const WALK_MS = 4_000
/** Between rounds: short while things change, then ever longer; a lost peer starts over. */
const ROUND_MS_MIN = 500
const ROUND_MS_MAX = 15_000
const ROUND_GROWTH = 1.5
/** While no bootstrap peer is connected: one SYN per 5 s costs nothing and heals partitions. */
const LONELY_ROUND_MS_MAX = 5_000
/** Rounds of one mesh drift apart, so that its nodes do not walk in step. */
const JITTER = 0.5

export interface Maintenance {
  stop(): Promise<void>
}

interface Bootstrap {
  readonly address: Multiaddr
  readonly peer: string
}

export function maintain(host: Host, bootstrap: readonly Bootstrap[], log: NetLog): Maintenance {
  const stopping = new AbortController()
  const others = bootstrap.filter(({ peer }) => peer !== host.peerId.toString())
  let roundMs = ROUND_MS_MIN
  let isLonely = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()

  const round = async () => {
    const before = host.getPeers().length
    const isAlone = !(await joinBootstrap(host, others, stopping.signal))
    if (isAlone && !isLonely) {
      log('net.bootstrap-unreachable', { addresses: others.map(({ address }) => `${address}`) })
    }
    isLonely = isAlone
    await meetPeers(host, others, stopping.signal)
    const isGrowing = host.getPeers().length > before
    const longest = isLonely ? LONELY_ROUND_MS_MAX : ROUND_MS_MAX
    roundMs = isGrowing ? ROUND_MS_MIN : Math.min(longest, roundMs * ROUND_GROWTH)
  }
  const plan = (ms: number) => {
    clearTimeout(timer)
    if (stopping.signal.aborted) return
    timer = setTimeout(() => {
      running = round()
        .catch((error: unknown) => log('net.bootstrap-unreachable', { error }))
        .then(() => plan(roundMs * (1 - JITTER / 2 + JITTER * Math.random())))
    }, ms)
    timer.unref()
  }
  const onLost = () => {
    roundMs = ROUND_MS_MIN
  }
  host.addEventListener('peer:disconnect', onLost)
  plan(0)
  return {
    stop: async () => {
      host.removeEventListener('peer:disconnect', onLost)
      stopping.abort()
      clearTimeout(timer)
      await running
    }
  }
}

/** Is a bootstrap peer connected, or none needed? */
async function joinBootstrap(
  host: Host,
  bootstrap: readonly Bootstrap[],
  signal: AbortSignal
): Promise<boolean> {
  if (bootstrap.length === 0) return true
  const connected = new Set(host.getPeers().map(String))
  const missing = bootstrap.filter(({ peer }) => !connected.has(peer))
  const joined = await Promise.all(missing.map(({ address }) => isDialled(host, address, signal)))
  return missing.length < bootstrap.length || joined.includes(true)
}

async function isDialled(
  host: Host,
  target: PeerId | Multiaddr | Multiaddr[],
  signal: AbortSignal
): Promise<boolean> {
  const deadline = startDeadline(DIAL_MS, signal)
  try {
    await host.dial(target, { signal: deadline.signal })
    return true
  } catch {
    return false // gone or not there yet: the next round tries again
  } finally {
    deadline.clear()
  }
}

async function meetPeers(
  host: Host,
  bootstrap: readonly Bootstrap[],
  signal: AbortSignal
): Promise<void> {
  const connected = new Set(host.getPeers().map(String))
  if (connected.size === 0 || connected.size >= PEERS_WANTED) return
  const named = await namedPeers(host, bootstrap, signal)
  // who is told of nobody new asks the DHT, and tries whom it remembers
  const others = named.length > 0 ? [] : await foundPeers(host, signal)
  const isNew = ({ id }: Neighbour): boolean =>
    !host.peerId.equals(id) && !connected.has(id.toString())
  const chosen = shuffled([...named, ...others].filter(isNew)).slice(0, DIALS_PER_ROUND_MAX)
  await Promise.all(
    chosen.map(({ id, addresses }) =>
      isDialled(host, addresses.length > 0 ? [...addresses] : id, signal)
    )
  )
}

/** Peers that a bootstrap peer is connected to and we are not. */
async function namedPeers(
  host: Host,
  bootstrap: readonly Bootstrap[],
  signal: AbortSignal
): Promise<Neighbour[]> {
  const connected = new Map(host.getPeers().map((id) => [id.toString(), id]))
  const [asked] = shuffled(bootstrap.flatMap(({ peer }) => connected.get(peer) ?? []))
  const named = asked === undefined ? [] : await askForPeers(host, asked, signal)
  return named.filter(({ id }) => !connected.has(id.toString()) && !id.equals(host.peerId))
}

async function foundPeers(host: Host, signal: AbortSignal): Promise<Neighbour[]> {
  const found = [...(await walk(host, signal)), ...(await host.peerStore.all()).map(({ id }) => id)]
  return found.map((id) => ({ id, addresses: [] }))
}

/** Peers close to a random place of the DHT. */
async function walk(host: Host, signal: AbortSignal): Promise<PeerId[]> {
  const found: PeerId[] = []
  const deadline = startDeadline(WALK_MS, signal)
  try {
    const place = crypto.getRandomValues(new Uint8Array(32))
    const closest = host.peerRouting.getClosestPeers(place, { signal: deadline.signal })
    for await (const { id } of closest) found.push(id)
  } catch {
    // a walk cut short has still met those on its way
  } finally {
    deadline.clear()
  }
  return found
}

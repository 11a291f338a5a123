/**
 * How volunteers meet: whoever is a bootstrap peer names some of the peers it is connected to. They
 * are hints like all addresses; Noise proves who answers. Only bootstrap peers are asked, so that
 * nobody else can choose our neighbours.
 */
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { decode, encode } from '../../protocol/canonical.ts'
import { bytes, fields, list, object, text } from '../../protocol/shape.ts'
import { startDeadline } from './deadline.ts'
import type { Host } from './host.ts'
import { keyOf, peerIdOf } from './keys.ts'
import { hintsFor, openOnly } from './reach.ts'
import { ask, type openAnswering } from './requests.ts'

/** Enough for all the neighbours of a volunteer, and for some that are gone. */
const SAMPLE_MAX = 16
/** Addresses told of one peer: a machine has a few interfaces. */
const ADDRESSES_MAX = 8
const ANSWER_MS = 5_000

const sample = object('peer-sample', {
  peers: list(
    fields({ peer: bytes(32, 32), addresses: list(text(256), ADDRESSES_MAX) }),
    SAMPLE_MAX
  )
})

export interface Neighbour {
  readonly id: PeerId
  readonly addresses: readonly Multiaddr[]
}

export function shuffled<T>(items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, key: Math.random() }))
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item)
}

async function sampleOf(host: Host, asker: Uint8Array): Promise<Uint8Array> {
  const peers: { peer: Uint8Array; addresses: string[] }[] = []
  for (const id of shuffled(host.getPeers())) {
    if (peers.length === SAMPLE_MAX) break
    const peer = keyOf(id)
    if (peer === undefined || id.equals(peerIdOf(asker))) continue
    if (!(await host.peerStore.has(id))) continue
    const known = (await host.peerStore.get(id)).addresses.slice(0, ADDRESSES_MAX)
    const addresses = known.map(({ multiaddr: address }) => `${address}`)
    // a reader listens nowhere, and nobody can dial it
    if (addresses.length > 0) peers.push({ peer, addresses })
  }
  return encode({ kind: 'peer-sample', peers })
}

/** Answers channel `peers`. */
export const answerExchange = (
  host: Host,
  answering: ReturnType<typeof openAnswering>
): Promise<void> => answering('peers', (_, from) => sampleOf(host, from))

/** Peers that a connected bootstrap peer knows; none when it does not answer. */
export async function askForPeers(
  host: Host,
  peer: PeerId,
  signal: AbortSignal
): Promise<Neighbour[]> {
  const deadline = startDeadline(ANSWER_MS, signal)
  try {
    const frame = await ask(openOnly(host, peer), 'peers', new Uint8Array(1), deadline.signal)
    return decode(sample, frame).peers.map(({ peer: key, addresses }) => {
      const id = peerIdOf(key)
      return { id, addresses: hintsFor(id, addresses) }
    })
  } catch {
    return [] // gone, or from before this channel: the DHT is left
  } finally {
    deadline.clear()
  }
}

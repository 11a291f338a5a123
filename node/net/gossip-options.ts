/**
 * Gossipsub's settings: message ids from content, limits on what a peer may make us hold, and
 * explicit scores under which only provable faults cost anything (PROTOCOL §2).
 */
import type { GossipsubOpts, Message } from '@libp2p/gossipsub'
import { sha256 } from 'multiformats/hashes/sha2'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { FRAME_BYTES_MAX } from '../../protocol/limits.ts'
import type { Topic } from './net.ts'

/** The topics of the mesh and their names on the wire; a fixed, short list (NETWORK §6.2). */
export const TOPIC_NAMES: Readonly<Record<Topic, string>> = {
  announce: 'driftmesh/1/announce',
  forecast: 'driftmesh/1/forecast',
  heads: 'driftmesh/1/heads',
  proofs: 'driftmesh/1/proofs',
  control: 'driftmesh/1/control'
}

/** Our longest list in one RPC; the default of 5000 lets one peer make us remember 5000 ids. */
const CONTROL_ENTRIES_MAX = 500
/** Whole RPCs: several messages may travel together, but no more than any other frame. */
const RPC_BYTES_MAX = FRAME_BYTES_MAX
/** Five topics and their overhead (1 KiB each by gossipsub's count). */
const TOPIC_BYTES_PER_PEER_MAX = 16 * 1024

/** The same bytes on a topic are one message, whoever signs and sends them. */
async function messageId(message: Message): Promise<Uint8Array> {
  const hash = await sha256.digest(concat([fromString(`${message.topic}\0`), message.data]))
  return hash.digest
}

/**
 * A topic without an entry has no penalty for Reject at all, and the default entry lets a large
 * reward for time in the mesh hide it. So: rewards of at most 20 together, which cannot hide a
 * second fault; no punishment for silence (our traffic is low); −20·n² for n provable faults,
 * forgotten by 1 % a second: three graylist a peer (−80) for about 40 s.
 */
const topicScore = {
  topicWeight: 1,
  timeInMeshWeight: 0.0027,
  timeInMeshQuantum: 1000,
  timeInMeshCap: 3600,
  firstMessageDeliveriesWeight: 0.5,
  firstMessageDeliveriesDecay: 0.9,
  firstMessageDeliveriesCap: 20,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 1,
  meshMessageDeliveriesThreshold: 0,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 5000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.5,
  invalidMessageDeliveriesWeight: -20,
  invalidMessageDeliveriesDecay: 0.99
}

export const gossipOptions: Partial<GossipsubOpts> = {
  msgIdFn: messageId,
  // floodsub has no scores
  fallbackToFloodsub: false,
  // a coordinator may speak before the first volunteer is there; it repeats itself
  allowPublishToZeroTopicPeers: true,
  // saying the same twice is no failure
  ignoreDuplicatePublishError: true,
  allowedTopics: Object.values(TOPIC_NAMES),
  maxTopicBytesPerPeer: TOPIC_BYTES_PER_PEER_MAX,
  maxInboundDataLength: RPC_BYTES_MAX,
  decodeRpcLimits: {
    maxSubscriptions: CONTROL_ENTRIES_MAX,
    maxMessages: CONTROL_ENTRIES_MAX,
    maxIhaveMessageIDs: CONTROL_ENTRIES_MAX,
    maxIwantMessageIDs: CONTROL_ENTRIES_MAX,
    maxIdontwantMessageIDs: CONTROL_ENTRIES_MAX,
    maxControlMessages: CONTROL_ENTRIES_MAX,
    // peer exchange is off: newcomers are found by the DHT
    maxPeerInfos: 0
  },
  scoreParams: {
    // many honest peers share an address (campus, NAT, one host); the default empties their mesh
    IPColocationFactorWeight: 0,
    topics: Object.fromEntries(Object.values(TOPIC_NAMES).map((name) => [name, topicScore]))
  }
}

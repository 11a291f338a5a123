/**
 * The network port: what the shell asks of libp2p, in words of the mesh. Peers are named by their
 * Ed25519 public key (32 bytes), which is also their libp2p identity; multiaddrs are only hints.
 */
import type { CID } from 'multiformats/cid'
import type { TrafficCount, TrafficLimits } from './traffic.ts'

/** Request channels; on the wire `/driftmesh/<channel>/1`, one length-prefixed frame each way. */
export type Channel = 'lease' | 'result' | 'cosign' | 'log' | 'tell' | 'blocks' | 'peers'
/** Gossip topics; on the wire `driftmesh/1/<topic>`. */
export type Topic = 'announce' | 'forecast' | 'heads' | 'proofs' | 'control'
/** What gossip admission says of a message: only provable faults are rejected (PROTOCOL §2). */
export type Admission = 'accept' | 'ignore' | 'reject'

export interface RequestOptions {
  readonly signal: AbortSignal
  readonly addresses?: readonly string[]
  /** Only if a connection is open: nobody is dialled or searched for this. */
  readonly isOpenOnly?: boolean
}

export interface Net {
  /** Our Ed25519 public key. */
  readonly key: Uint8Array
  /** The same as a libp2p peer id, for people and logs. */
  readonly peerId: string
  /** Multiaddrs under which we can be dialled, peer id included. */
  addresses(): string[]
  /** Distinct connected peers. */
  peerCount(): number
  /** Bytes over all connections since the start. */
  traffic(): TrafficCount
  /**
   * One question, one answer. The peer is reached over an open connection, else at the given
   * addresses, else by a DHT look-up of its key.
   * @throws MeshError `net/unreachable` when it cannot be reached, refuses or breaks off; the
   *   signal's reason when it aborts
   */
  request(
    peer: Uint8Array,
    channel: Channel,
    frame: Uint8Array,
    options: RequestOptions
  ): Promise<Uint8Array>
  /** Answers a channel (once per channel); a throw resets the asker's stream. */
  handle(
    channel: Channel,
    answer: (frame: Uint8Array, from: Uint8Array) => Promise<Uint8Array>
  ): Promise<void>
  /** Sends to every subscriber we can reach; repeating the same bytes within 2 min does nothing. */
  publish(topic: Topic, data: Uint8Array): Promise<void>
  /**
   * Subscribes. `admit` runs before a message is forwarded and must be fast (< 100 ms); `on` then
   * gets the very same bytes object, if they were accepted.
   */
  listen(topic: Topic, admit: (data: Uint8Array) => Admission, on: (data: Uint8Array) => void): void
  /** Opens a connection (or keeps the open one). @throws MeshError `net/unreachable` */
  connect(peer: Uint8Array, addresses: readonly string[], signal: AbortSignal): Promise<void>
  /**
   * Tells the DHT that we have this root; resolves when another peer holds the record. Provide
   * roots, never single blocks: records cost every node.
   * @throws MeshError `net/unreachable` when nobody took it within 30 s
   */
  provide(cid: CID, signal: AbortSignal): Promise<void>
  stop(): Promise<void>
}

/**
 * `relay` forwards for peers behind NAT; it and coordinators serve the DHT and introduce newcomers
 * to each other. `volunteer` and `reader` only ask.
 */
export type Role = 'relay' | 'coordinator' | 'volunteer' | 'reader'

export interface NetInit {
  /** 32 bytes of Ed25519 seed. */
  readonly secretKey: Uint8Array
  /** Folder of this node; the net writes only under `<home>/net`. */
  readonly home: string
  /** Multiaddrs to listen on; default loopback TCP on a free port, `[]` listens nowhere. */
  readonly listen?: readonly string[]
  /**
   * Multiaddrs told to others instead of those listened on: behind a forwarded port or a proxy we
   * cannot know our own.
   */
  readonly announce?: readonly string[]
  /** Multiaddrs with `/p2p/<peer id>`; retried for ever. Nothing else is dialled unasked. */
  readonly bootstrap: readonly string[]
  readonly role: Role
  readonly log?: NetLog
  /** Default: as many connections as the role needs, and no limit of bytes. */
  readonly limits?: TrafficLimits & { readonly connectionsMax?: number }
}

/** Where events go; names are a closed union. */
export type NetLog = (event: NetEvent, fields: Readonly<Record<string, unknown>>) => void
export type NetEvent =
  | 'net.started'
  | 'net.peer-connected'
  | 'net.peer-disconnected'
  | 'net.bootstrap-unreachable'
  | 'net.request-failed'
  | 'net.message-rejected'

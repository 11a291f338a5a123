/**
 * Requests: one length-prefixed frame each way on a fresh stream. Both sides bound size, time and
 * number, and a side that fails resets the stream.
 */
import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { BLOCK_BYTES_MAX, FRAME_BYTES_MAX } from '../../protocol/limits.ts'
import { MeshError } from '../mesh-error.ts'
import { startDeadline } from './deadline.ts'
import type { Host } from './host.ts'
import { keyOf } from './keys.ts'
import type { Channel, NetLog } from './net.ts'

/** Streams of one channel on one connection; the default 32 in, 64 out fails a busy coordinator. */
const STREAMS_MAX = 256
/** Requests answered at once over all peers: with full frames 512 MiB at the very worst. */
const ANSWERING_MAX = 512
/** A frame of 1 MiB crosses a 1 Mbit/s line in about 8 s. */
const FRAME_MS = 15_000
/** Opening a stream is one round trip; a peer that cannot is gone without a goodbye. */
const OPEN_MS = 10_000
/** The whole request, for callers whose signal waits longer. */
const REQUEST_MS = 60_000

type Answer = (frame: Uint8Array, from: Uint8Array) => Promise<Uint8Array>

/** A whole block has to fit, and the names around it. */
const BLOCKS_FRAME_BYTES_MAX = BLOCK_BYTES_MAX + 64 * 1024

const bytesMaxOf = (channel: Channel): number =>
  channel === 'blocks' ? BLOCKS_FRAME_BYTES_MAX : FRAME_BYTES_MAX

const protocolOf = (channel: Channel): string => `/driftmesh/${channel}/1`
const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(`${error}`))
const frames = (stream: Stream, channel: Channel) =>
  lpStream(stream, { maxDataLength: bytesMaxOf(channel) })

async function readFrame(stream: Stream, channel: Channel): Promise<Uint8Array> {
  const deadline = startDeadline(FRAME_MS)
  try {
    return (await frames(stream, channel).read({ signal: deadline.signal })).subarray()
  } finally {
    deadline.clear()
  }
}

async function writeFrame(stream: Stream, channel: Channel, frame: Uint8Array): Promise<void> {
  const deadline = startDeadline(FRAME_MS)
  try {
    await frames(stream, channel).write(frame, { signal: deadline.signal })
    await stream.close({ signal: deadline.signal })
  } finally {
    deadline.clear()
  }
}

/** Answers every channel that has an answer; call once per channel. */
export function openAnswering(host: Host, log: NetLog) {
  let answering = 0
  const serve = async (channel: Channel, answer: Answer, stream: Stream, from: PeerId) => {
    const key = keyOf(from)
    if (key === undefined) throw new Error('the asker has no Ed25519 key')
    if (answering >= ANSWERING_MAX) throw new Error(`${ANSWERING_MAX} requests are under way`)
    answering += 1
    try {
      const reply = await answer(await readFrame(stream, channel), key)
      if (reply.byteLength > bytesMaxOf(channel)) {
        throw new RangeError(`answer of ${reply.byteLength} bytes on ${channel}`)
      }
      await writeFrame(stream, channel, reply)
    } finally {
      answering -= 1
    }
  }
  return async (channel: Channel, answer: Answer): Promise<void> => {
    const onStream = (stream: Stream, connection: Connection) => {
      serve(channel, answer, stream, connection.remotePeer).catch((error: unknown) => {
        stream.abort(asError(error))
        log('net.request-failed', { channel, from: connection.remotePeer.toString(), error })
      })
    }
    await host.handle(protocolOf(channel), onStream, {
      maxInboundStreams: STREAMS_MAX,
      maxOutboundStreams: STREAMS_MAX,
      // frames are small enough for a relayed connection
      runOnLimitedConnection: true
    })
  }
}

async function openStream(
  connection: Connection,
  channel: Channel,
  signal: AbortSignal
): Promise<Stream> {
  const deadline = startDeadline(OPEN_MS, signal)
  try {
    return await connection.newStream(protocolOf(channel), {
      signal: deadline.signal,
      maxOutboundStreams: STREAMS_MAX,
      runOnLimitedConnection: true
    })
  } catch (error) {
    // a connection that opens no stream in this time is dead, though TCP has not noticed
    if (deadline.isPast()) connection.abort(asError(error))
    throw error
  } finally {
    deadline.clear()
  }
}

/** @throws MeshError `net/unreachable`; the signal's reason when it aborts */
export async function ask(
  connection: Connection,
  channel: Channel,
  frame: Uint8Array,
  signal: AbortSignal
): Promise<Uint8Array> {
  if (frame.byteLength > bytesMaxOf(channel)) {
    throw new RangeError(`request of ${frame.byteLength} bytes on ${channel}`)
  }
  const deadline = startDeadline(REQUEST_MS, signal)
  let stream: Stream | undefined
  try {
    stream = await openStream(connection, channel, deadline.signal)
    const asked = frames(stream, channel)
    await asked.write(frame, { signal: deadline.signal })
    const reply = (await asked.read({ signal: deadline.signal })).subarray()
    await stream.close({ signal: deadline.signal })
    return reply
  } catch (cause) {
    stream?.abort(asError(cause))
    signal.throwIfAborted()
    const peer = connection.remotePeer.toString()
    throw new MeshError('net/unreachable', `peer ${peer} gave no answer on ${channel}`, {
      cause,
      detail: { peer, channel },
      retryable: true
    })
  } finally {
    deadline.clear()
  }
}

/**
 * How much goes over the wire, and a limit to it: every TCP connection of the process is counted,
 * and all of them together share one budget each way. A connection over the budget is not read, or
 * not written, for the while that the budget needs; TCP tells the other end.
 */
import type { Socket } from 'node:net'
import type { MultiaddrConnection } from '@libp2p/interface'

export interface TrafficLimits {
  readonly downloadBytesPerSecond?: number | undefined
  readonly uploadBytesPerSecond?: number | undefined
}

export interface TrafficCount {
  readonly receivedBytes: number
  readonly sentBytes: number
}

export interface Traffic {
  count(): TrafficCount
  /** Counts and limits a connection until it closes. */
  watch(connection: MultiaddrConnection): void
}

/** A budget that was not used is kept for so long: bursts of a page or two stay fast. */
const BURST_SECONDS = 0.25
/** Written at once; a large piece at a small budget would be a long silence. */
const PIECE_BYTES = 16 * 1024

/** A budget that refills with time and may be overdrawn by what has already come. */
export interface Budget {
  take(bytes: number, atMs: number): void
  /** How long nothing may go; 0 when something may. */
  waitMs(atMs: number): number
}

export function openBudget(bytesPerSecond: number | undefined, atMs: number): Budget {
  if (bytesPerSecond === undefined) return { take: () => {}, waitMs: () => 0 }
  const most = bytesPerSecond * BURST_SECONDS
  let level = most
  let lastMs = atMs
  const refill = (nowMs: number): void => {
    level = Math.min(most, level + ((nowMs - lastMs) / 1000) * bytesPerSecond)
    lastMs = nowMs
  }
  return {
    take: (bytes, nowMs) => {
      refill(nowMs)
      level -= bytes
    },
    waitMs: (nowMs) => {
      refill(nowMs)
      return level > 0 ? 0 : Math.ceil((-level / bytesPerSecond) * 1000) + 1
    }
  }
}

interface SendResult {
  readonly sentBytes: number
  readonly canSendMore: boolean
}

/** A list of chunks, as libp2p hands them down. */
interface Chunks {
  readonly byteLength: number
  sublist(start: number, end: number): Chunks
}

/** What libp2p's TCP connection is under its type: the only kind that has a wire of its own. */
interface Wire {
  readonly socket?: Socket
  readonly readStatus: string
  sendData(data: Chunks): SendResult
  safeDispatchEvent(name: 'drain'): void
}

/** Reads no more while the budget is overdrawn. */
function limitReading(wire: Wire, socket: Socket, budget: Budget, nowMs: () => number): void {
  socket.on('data', (chunk: Buffer) => {
    budget.take(chunk.length, nowMs())
    const waitMs = budget.waitMs(nowMs())
    if (waitMs === 0) return
    socket.pause()
    setTimeout(() => {
      if (wire.readStatus !== 'paused') socket.resume()
    }, waitMs).unref()
  })
}

/** Writes piece by piece, as the budget allows; the rest stays in the connection's own buffer. */
function limitWriting(wire: Wire, budget: Budget, nowMs: () => number): void {
  const sendData = wire.sendData.bind(wire)
  wire.sendData = (data) => {
    const waitMs = budget.waitMs(nowMs())
    if (waitMs > 0) {
      setTimeout(() => wire.safeDispatchEvent('drain'), waitMs).unref()
      return { sentBytes: 0, canSendMore: false }
    }
    const sent = sendData(data.sublist(0, Math.min(PIECE_BYTES, data.byteLength)))
    budget.take(sent.sentBytes, nowMs())
    return sent
  }
}

export function openTraffic(limits: TrafficLimits, nowMs = () => performance.now()): Traffic {
  const { downloadBytesPerSecond, uploadBytesPerSecond } = limits
  const down = openBudget(downloadBytesPerSecond, nowMs())
  const up = openBudget(uploadBytesPerSecond, nowMs())
  const open = new Set<Socket>()
  let receivedBytes = 0
  let sentBytes = 0
  return {
    count: () => {
      const sum = { receivedBytes, sentBytes }
      for (const socket of open) {
        sum.receivedBytes += socket.bytesRead
        sum.sentBytes += socket.bytesWritten
      }
      return sum
    },
    watch: (connection) => {
      const wire = connection as unknown as Wire
      const { socket } = wire
      if (socket === undefined || open.has(socket)) return
      open.add(socket)
      socket.once('close', () => {
        open.delete(socket)
        receivedBytes += socket.bytesRead
        sentBytes += socket.bytesWritten
      })
      if (downloadBytesPerSecond !== undefined) limitReading(wire, socket, down, nowMs)
      if (uploadBytesPerSecond !== undefined) limitWriting(wire, up, nowMs)
    }
  }
}

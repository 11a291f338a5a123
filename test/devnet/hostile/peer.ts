/**
 * A peer that is no member: `flood` publishes gossip that nobody may admit as fast as it can,
 * `loris` opens streams and raw connections and sends a byte now and then, for ever.
 */
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type OpenNet, openNet } from '../../../node/net/open-net.ts'
import { readFederation } from '../../../node/service/federation-file.ts'
import { lifetime, sayReady, untilAborted } from '../../../node/service/parent.ts'
import { GOSSIP_BYTES_MAX } from '../../../protocol/limits.ts'
import { keyringOf } from '../../../protocol/signed.ts'

const TOPICS = ['announce', 'heads', 'proofs', 'forecast', 'control'] as const
/** Messages in a row before others may run: a few thousand each second. */
const FLOOD_MS = 5
const FLOOD_COUNT = 20
/** Open ends that one loris holds at each node that it finds. */
const HELD = 50
const DRIP_MS = 1_000

const { values } = parseArgs({
  args: process.argv.slice(2),
  strict: false,
  allowPositionals: true,
  options: {
    home: { type: 'string' },
    federation: { type: 'string' },
    bootstrap: { type: 'string' },
    behaviour: { type: 'string' }
  }
})
const text = (value: string | boolean | undefined): string => String(value ?? '')

/** Noise, an envelope that is none of ours, and a head that no coordinator signed. */
async function flood(net: OpenNet, signal: AbortSignal): Promise<void> {
  const { network } = (await readFederation(text(values.federation))).body
  const { key, sign } = keyringOf(new Uint8Array(randomBytes(32)), network)
  for (const topic of TOPICS) {
    net.listen(
      topic,
      () => 'accept',
      () => {}
    )
  }
  let length = 0
  while (!signal.aborted) {
    for (let count = 0; count < FLOOD_COUNT; count += 1) {
      length += 1
      const head = new Uint8Array(randomBytes(32))
      const forged = sign('head', {
        kind: 'head',
        coordinator: key,
        length,
        head,
        atMs: Date.now()
      })
      const noise = new Uint8Array(randomBytes(count === 0 ? GOSSIP_BYTES_MAX : 200))
      const topic = TOPICS[length % TOPICS.length] ?? 'announce'
      await net.publish(topic, length % 2 === 0 ? forged : noise).catch(() => {})
    }
    await sleep(FLOOD_MS)
  }
}

/** A TCP connection that says one byte of a handshake each second. */
function drip(host: string, port: number, signal: AbortSignal): void {
  const socket = connect(port, host)
  const timer = setInterval(() => socket.write('m'), DRIP_MS)
  const end = (): void => {
    clearInterval(timer)
    socket.destroy()
  }
  socket.on('error', end).on('close', () => {
    clearInterval(timer)
    if (!signal.aborted) setTimeout(() => drip(host, port, signal), DRIP_MS)
  })
  signal.addEventListener('abort', end, { once: true })
}

/** Streams of the real protocol whose frames never end. */
async function hold(net: OpenNet, signal: AbortSignal): Promise<void> {
  const held = new Set<string>()
  while (!signal.aborted) {
    for (const connection of net.host.getConnections()) {
      const peer = connection.remotePeer.toString()
      if (held.has(peer)) continue
      held.add(peer)
      const [, host = '', port] = /ip4\/([\d.]+)\/tcp\/(\d+)/.exec(`${connection.remoteAddr}`) ?? []
      for (let count = 0; count < HELD; count += 1) {
        if (connection.direction === 'outbound') drip(host, Number(port), signal)
        const stream = await connection
          .newStream(`/driftmesh/${count % 2 === 0 ? 'lease' : 'result'}/1`)
          .catch(() => undefined)
        // A length of 2 MiB is announced; its bytes come one by one.
        stream?.send(new Uint8Array([0x80, 0x80, 0x80, 0x01]))
        const timer = setInterval(() => {
          if (stream?.status === 'open') stream.send(new Uint8Array(1))
        }, DRIP_MS)
        signal.addEventListener('abort', () => clearInterval(timer), { once: true })
      }
    }
    await sleep(DRIP_MS)
  }
}

const life = lifetime(new AbortController().signal)
process.once('SIGTERM', life.stop)
const net = await openNet({
  secretKey: new Uint8Array(randomBytes(32)),
  home: text(values.home),
  bootstrap: [text(values.bootstrap)],
  role: 'volunteer'
})
sayReady({ peerId: net.peerId, addresses: net.addresses() })
const attack = values.behaviour === 'flood' ? flood : hold
attack(net, life.signal).catch(() => life.stop())
await untilAborted(life.signal)
process.exit(0)

/**
 * The network on real libp2p over loopback: discovery, gossip and requests, and what happens when
 * peers are hostile, gone or late.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { lpStream } from '@libp2p/utils'
import { isMeshError } from '../../node/mesh-error.ts'
import type { Admission } from '../../node/net/net.ts'
import type { OpenNet } from '../../node/net/open-net.ts'
import { FRAME_BYTES_MAX, GOSSIP_BYTES_MAX } from '../../protocol/limits.ts'
import { publicKeyOf } from '../../protocol/signed.ts'
import { collectNets, type Nets } from './nets.ts'
import { until } from './wait.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const soon = (ms = 60_000): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(ms) })

describe('net', function () {
  this.timeout(240_000)
  let nets: Nets
  let relay: OpenNet
  let mesh: OpenNet[]

  before(async () => {
    nets = collectNets()
    relay = await nets.open({ role: 'relay' })
    const bootstrap = relay.addresses()
    mesh = await Promise.all([
      nets.open({ bootstrap, role: 'coordinator' }),
      nets.open({ bootstrap }),
      nets.open({ bootstrap }),
      nets.open({ bootstrap })
    ])
    await until('everyone meets everyone', () => mesh.every((net) => net.peerCount() >= 4))
  })
  after(() => nets.stop())

  const at = (index: number): OpenNet => {
    const net = mesh[index]
    assert(net !== undefined)
    return net
  }

  it('has the identity of its secret key', async () => {
    const secretKey = randomBytes(32)
    const net = await nets.open({ secretKey })
    assert.deepEqual(net.key, publicKeyOf(secretKey))
    assert.match(net.addresses()[0] ?? '', new RegExp(`/p2p/${net.peerId}$`))
  })

  it('answers 200 requests at once and says who asked', async () => {
    await at(0).handle('lease', async (frame, from) => {
      assert.deepEqual(from, at(1).key)
      return text(`re ${new TextDecoder().decode(frame)}`)
    })
    const asked = Array.from({ length: 200 }, async (_, index) => {
      const reply = await at(1).request(at(0).key, 'lease', text(`${index}`), soon())
      assert.equal(new TextDecoder().decode(reply), `re ${index}`)
    })
    await Promise.all(asked)
  })

  it('carries a full frame both ways and refuses to send a larger one', async () => {
    await at(2).handle('result', async (frame) => frame)
    const full = randomBytes(FRAME_BYTES_MAX)
    const reply = await at(1).request(at(2).key, 'result', full, soon())
    assert.equal(Buffer.compare(full, reply), 0)
    await assert.rejects(
      at(1).request(at(2).key, 'result', randomBytes(FRAME_BYTES_MAX + 1), soon()),
      RangeError
    )
  })

  it('resets a stream on which a larger frame arrives, unread', async () => {
    let answered = 0
    await at(3).handle('result', async (frame) => {
      answered += 1
      return frame
    })
    const connection = at(1).host.getConnections(at(3).host.peerId)[0]
    assert(connection !== undefined)
    const stream = await connection.newStream('/driftmesh/result/1')
    const raw = lpStream(stream, { maxDataLength: 2 * FRAME_BYTES_MAX })
    await assert.rejects(async () => {
      await raw.write(randomBytes(FRAME_BYTES_MAX + 1), soon())
      await raw.read(soon())
    })
    assert.equal(answered, 0)
  })

  it('fails as unreachable when the other side throws or has no such channel', async () => {
    await at(2).handle('lease', async () => {
      throw new Error('not today')
    })
    for (const channel of ['lease', 'cosign'] as const) {
      await assert.rejects(
        at(1).request(at(2).key, channel, text('hello'), soon()),
        (error) => isMeshError(error, 'net/unreachable') && error.retryable,
        channel
      )
    }
  })

  it('stops waiting when the caller does', async () => {
    const never = Promise.withResolvers<Uint8Array>()
    await at(3).handle('lease', () => never.promise)
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    const asked = at(1).request(at(3).key, 'lease', text('?'), { signal: controller.signal })
    controller.abort(reason)
    await assert.rejects(asked, reason)
    never.resolve(text(''))
  })

  it('reaches a peer known only by its key through the DHT', async () => {
    // holds one connection, to the relay, and is told no address of the target
    const stranger = await nets.open({ role: 'reader', listen: [] })
    await stranger.connect(relay.key, relay.addresses(), soon().signal)
    await at(0).handle('cosign', async () => text('found'))
    const reply = await stranger.request(at(0).key, 'cosign', text('who?'), soon())
    assert.equal(new TextDecoder().decode(reply), 'found')
  })

  it('gives up on a peer nobody knows and on one that has gone, in bounded time', async () => {
    const gone = await nets.open({ bootstrap: relay.addresses() })
    await at(1).connect(gone.key, gone.addresses(), soon().signal)
    await gone.stop()
    for (const key of [gone.key, publicKeyOf(randomBytes(32))]) {
      const started = Date.now()
      await assert.rejects(at(1).request(key, 'lease', text('?'), soon(120_000)), (error) =>
        isMeshError(error, 'net/unreachable')
      )
      // its own limits (node/net/reach.ts), not our signal
      assert(Date.now() - started < 60_000, `took ${Date.now() - started} ms`)
    }
  })

  it('ignores hints that name another peer', async () => {
    const key = publicKeyOf(randomBytes(32))
    const addresses = [...at(2).addresses(), 'no multiaddr at all']
    await assert.rejects(
      at(1).request(key, 'lease', text('?'), { ...soon(), addresses }),
      (error) => isMeshError(error, 'net/unreachable')
    )
  })

  it('gossips to all, once, and not what admission rejects', async () => {
    const heard = new Map<OpenNet, string[]>()
    const judged = new WeakSet<Uint8Array>()
    const admit = (data: Uint8Array): Admission => {
      judged.add(data)
      return data[0] === 33 ? 'reject' : data[0] === 63 ? 'ignore' : 'accept'
    }
    const everyone = [relay, ...mesh]
    for (const net of everyone) {
      const list: string[] = []
      heard.set(net, list)
      net.listen('announce', admit, (data) => {
        assert(judged.has(data), 'the bytes received are not the object that was admitted')
        list.push(new TextDecoder().decode(data))
      })
    }
    const { pubsub } = at(0).host.services
    await until(
      'all subscriptions known',
      () => pubsub.getSubscribers('driftmesh/1/announce').length >= mesh.length
    )
    for (const message of ['first', '?unknown', 'second', 'second']) {
      await at(0).publish('announce', text(message))
    }
    for (const net of everyone.filter((other) => other !== at(0))) {
      await until(`heard by ${net.peerId}`, () => heard.get(net)?.length === 2)
      assert.deepEqual(heard.get(net)?.toSorted(), ['first', 'second'])
    }
  })

  it('graylists a peer whose messages are rejected and forwards none of them', async () => {
    // a line: bad - middle - far; far hears only what middle forwards, as nobody can dial the ends
    const end = { listen: [], role: 'reader' } as const
    const [bad, middle, far] = [await nets.open(end), await nets.open(), await nets.open(end)]
    let rejected = 0
    const admit = (data: Uint8Array): Admission => (data[0] === 33 ? 'reject' : 'accept')
    const atMiddle: string[] = []
    const atFar: string[] = []
    bad.listen(
      'forecast',
      () => 'accept',
      () => {}
    )
    middle.listen(
      'forecast',
      (data) => {
        if (admit(data) === 'reject') rejected += 1
        return admit(data)
      },
      (data) => atMiddle.push(new TextDecoder().decode(data))
    )
    far.listen(
      'forecast',
      () => 'accept',
      (data) => atFar.push(new TextDecoder().decode(data))
    )
    await bad.connect(middle.key, middle.addresses(), soon().signal)
    await far.connect(middle.key, middle.addresses(), soon().signal)
    const { pubsub } = middle.host.services
    await until('both subscribe', () => pubsub.getSubscribers('driftmesh/1/forecast').length === 2)
    await bad.publish('forecast', text('good'))
    await until('far hears', () => atFar.includes('good'))
    for (let count = 1; count <= 4; count += 1) {
      await bad.publish('forecast', text(`!${count}`))
      await until('judged or not heard', () => rejected >= Math.min(count, 3))
    }
    await until('graylisted', async () => {
      const before = atMiddle.length
      await bad.publish('forecast', text(`good ${Date.now()}`))
      await far.publish('forecast', text(`mark ${Date.now()}`))
      await until('a mark', () => atMiddle.slice(before).some((one) => one.startsWith('mark')))
      return !atMiddle.slice(before).some((one) => one.startsWith('good'))
    })
    assert.deepEqual(
      atFar.filter((one) => one.startsWith('!')),
      []
    )
  })

  it('refuses to gossip more than a gossip message', async () => {
    await assert.rejects(at(0).publish('announce', randomBytes(GOSSIP_BYTES_MAX + 1)), RangeError)
  })

  it('keeps trying a bootstrap peer that is down, and returns when it is back', async () => {
    const secretKey = randomBytes(32)
    const first = await nets.open({ role: 'relay', secretKey })
    const [address] = first.addresses()
    assert(address !== undefined)
    await first.stop()
    const events: string[] = []
    const log = (event: string) => events.push(event)
    const late = await nets.open({ bootstrap: [address], log })
    await until('says so', () => events.includes('net.bootstrap-unreachable'))
    const listen = [address.replace(/\/p2p\/.*/, '')]
    const second = await nets.open({ role: 'relay', secretKey, listen })
    await until('joins', () => late.peerCount() === 1)
    await second.stop()
    await until('loses it', () => late.peerCount() === 0)
    await nets.open({ role: 'relay', secretKey, listen })
    await until('joins again', () => late.peerCount() === 1)
  })

  it('crosses a relay to a peer that listens nowhere else', async () => {
    const [address] = relay.addresses()
    const hidden = await nets.open({ listen: [`${address}/p2p-circuit`] })
    await hidden.handle('lease', async () => text('behind the relay'))
    await until('a reservation', () => hidden.addresses().length > 0)
    const asker = await nets.open({ listen: [] })
    const reply = await asker.request(hidden.key, 'lease', text('?'), {
      ...soon(),
      addresses: hidden.addresses()
    })
    assert.equal(new TextDecoder().decode(reply), 'behind the relay')
  })

  it('says which port is busy', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await until('listening', () => server.listening)
    const bound = server.address()
    assert(bound !== null && typeof bound === 'object')
    const listen = [`/ip4/127.0.0.1/tcp/${bound.port}`]
    await assert.rejects(nets.open({ listen }), (error) => {
      assert(isMeshError(error, 'net/port-busy'))
      assert.match(error.message, new RegExp(`${bound.port}`))
      assert(!error.message.includes('\n'))
      return true
    })
    server.close()
  })

  it('refuses a home another net has, and a bootstrap address without a peer id', async () => {
    const home = await nets.dir()
    await nets.open({ home })
    await assert.rejects(nets.open({ home }), (error) => isMeshError(error, 'store/locked'))
    await assert.rejects(nets.open({ bootstrap: ['/ip4/127.0.0.1/tcp/1'] }), (error) =>
      isMeshError(error, 'config/invalid')
    )
  })
})

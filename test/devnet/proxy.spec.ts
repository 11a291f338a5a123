/** The proxy of the devnet tests: what it cuts, delays and throttles, and for whom. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { openProxies } from './proxy.ts'

/** A server that echoes, behind a proxy. */
async function echoBehind(proxies: ReturnType<typeof openProxies>) {
  const { listenPort, announcePort } = await proxies.open('server')
  const server = createServer((socket) => socket.pipe(socket).on('error', () => socket.destroy()))
  await new Promise<void>((resolve) => server.listen(listenPort, '127.0.0.1', resolve))
  return { port: announcePort, close: () => server.close() }
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Whatever the reason. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve())
  })

/** Milliseconds until `bytes` came back. */
async function echoMs(socket: Socket, bytes: number): Promise<number> {
  const startMs = performance.now()
  socket.write(Buffer.alloc(bytes))
  let got = 0
  while (got < bytes) got += ((await once(socket, 'data')) as [Buffer])[0].length
  return performance.now() - startMs
}

describe('the proxy of the devnet', function () {
  this.timeout(120_000)

  it('knows who dialled, passes on, delays, throttles and cuts', async () => {
    await using proxies = openProxies()
    const echo = await echoBehind(proxies)
    try {
      const early = await dial(echo.port)
      await echoMs(early, 10)
      assert.deepEqual([...proxies.dialled('server')], [''])
      proxies.name('client', process.pid)
      const socket = await dial(echo.port)
      await echoMs(socket, 10)
      assert.ok(proxies.dialled('server').has('client'))

      proxies.rule(() => ({ delayMs: 100 }))
      assert.ok((await echoMs(socket, 1000)) >= 200)
      proxies.rule(() => ({ bytesPerSecond: 100_000 }))
      assert.ok((await echoMs(socket, 30_000)) >= 300)

      proxies.rule((from, to) => ({ isCut: from === 'client' && to === 'server' }))
      const ended = Promise.all([closed(socket), closed(early)])
      await proxies.enforce()
      await ended
      const refused = await dial(echo.port)
      await closed(refused)

      proxies.rule(() => ({}))
      const healed = await dial(echo.port)
      assert.ok((await echoMs(healed, 10)) < 60_000)
      healed.destroy()
    } finally {
      echo.close()
    }
  })
})

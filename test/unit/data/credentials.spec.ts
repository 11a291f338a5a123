/**
 * Who sees what: credentials only their host, proxies only what the environment says, and nobody a
 * secret in a message.
 */
import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { readCredentials } from '../../../node/data/transfer/credentials.ts'
import { download, downloadText } from '../../../node/data/transfer/download.ts'
import { openHttpClient } from '../../../node/data/transfer/http-client.ts'
import { retryAfterMs } from '../../../node/data/transfer/retries.ts'
import { checkUrl, keptUrl, shownUrl } from '../../../node/data/transfer/shown-url.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { scratch } from '../forcing/fixture.ts'
import { QUICK_LIMITS as LIMITS, openDataServer } from './data-server.ts'

describe('credentials', function () {
  this.timeout(120_000)
  const files = scratch()
  const netrc = (text: string, mode = 0o600): string => {
    const path = files.write(`netrc-${text.length}-${mode}`, text)
    chmodSync(path, mode)
    return path
  }

  it('go to their host, and not to another that it redirects to', async () => {
    const [one, two] = [await openDataServer(), await openDataServer()]
    const { host } = new URL(one.origin)
    const path = netrc(`# portal\nmachine ${host}\n  login ann password s3cret\n`)
    const client = openHttpClient(LIMITS, await readCredentials(path))
    two.put('/b.nc', 'bytes')
    const url = one.put('/a.nc', '')
    one.misbehave('/a.nc', { kind: 'redirect', to: `${two.origin}/b.nc` })
    const target = join(files.path(), 'b.nc')
    await download({ url, path: target, bytesMax: 100 }, { client, limits: LIMITS })
    const [first, second] = [one.asked[0]?.headers, two.asked[0]?.headers]
    assert.equal(first?.authorization, `Basic ${btoa('ann:s3cret')}`)
    assert.equal(second?.authorization, undefined)
    await Promise.all([client.close(), one.close(), two.close()])
  })

  it('are a bearer token too, of a host by name, and never in clear', async () => {
    const { headerFor } = await readCredentials(netrc('machine data.example token abc'))
    assert.equal(headerFor(new URL('https://data.example/x')), 'Bearer abc')
    assert.equal(headerFor(new URL('https://data.example:8443/x')), 'Bearer abc')
    assert.equal(headerFor(new URL('https://other.example/x')), undefined)
    assert.equal(headerFor(new URL('https://evil-data.example/x')), undefined)
    assert.throws(() => headerFor(new URL('http://data.example/x')), /in clear: use https/)
  })

  const BAD: readonly (readonly [string, string, number, RegExp])[] = [
    ['open to others', 'machine a token b', 0o644, /can be read by others: `chmod 600/],
    ['without a machine', 'login s3cret', 0o600, /must begin with `machine HOST`/],
    ['cut off', 'machine a login', 0o600, /the last word has no value/],
    ['with other words', 'machine a token b macdef s3cret', 0o600, /entry 1 holds more/],
    ['without a secret', 'machine a login b', 0o600, /neither password nor token/]
  ]
  for (const [name, text, mode, message] of BAD) {
    it(`of a file ${name} are refused without repeating them`, async () => {
      await assert.rejects(readCredentials(netrc(text, mode)), (error) => {
        assert.ok(isMeshError(error, 'config/invalid'))
        assert.match(error.message, message)
        assert.ok(!error.message.includes('s3cret'))
        return true
      })
    })
  }

  it('in an address are refused, and secrets in it are not shown', () => {
    assert.throws(
      () => checkUrl('https://ann:s3cret@data.example/x'),
      (error) => isMeshError(error, 'cli/usage') && !error.message.includes('s3cret')
    )
    assert.throws(() => checkUrl('ftp://data.example/x'), /no http\(s\) address/)
    const url = 'https://data.example/x.nc?a=1&token=s3cret&X-Amz-Signature=s3cret'
    assert.ok(!keptUrl(url).includes('s3cret') && !shownUrl(url).includes('s3cret'))
    assert.match(keptUrl(url), /a=1/)
  })
})

describe('a proxy', () => {
  it('of the environment is used, and NO_PROXY is honoured', async () => {
    const seen: string[] = []
    const proxy = createServer((request, response) => {
      seen.push(request.url ?? '')
      response.end('by proxy')
    })
    proxy.on('connect', (request, socket) => {
      seen.push(request.url ?? '')
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
    const { port } = proxy.address() as AddressInfo
    const server = await openDataServer()
    const url = server.put('/direct', 'direct')
    const before = { ...process.env }
    Object.assign(process.env, { HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: '127.0.0.1' })
    const client = openHttpClient(LIMITS)
    try {
      const context = { client, limits: LIMITS }
      assert.equal(await downloadText(url, context), 'direct')
      assert.equal(await downloadText(new URL('http://data.example/x'), context), 'by proxy')
      assert.deepEqual(seen, ['http://data.example/x'])
    } finally {
      for (const key of ['HTTP_PROXY', 'NO_PROXY'] as const) {
        if (before[key] === undefined) delete process.env[key]
        else process.env[key] = before[key]
      }
      await client.close()
      await server.close()
      proxy.closeAllConnections()
      proxy.close()
    }
  })

  it('Retry-After is seconds or a date', () => {
    assert.equal(retryAfterMs('120', 0), 120_000)
    assert.equal(retryAfterMs('Thu, 01 Jan 1970 00:01:00 GMT', 10_000), 50_000)
    assert.equal(retryAfterMs('soon', 0), undefined)
    assert.equal(retryAfterMs(undefined, 0), undefined)
  })
})

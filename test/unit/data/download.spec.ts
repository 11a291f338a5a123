/**
 * One download against a server that cuts, stalls, lies, changes its file and is busy: in the end
 * the right bytes are in their place, or none and a reason.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { download, downloadText } from '../../../node/data/transfer/download.ts'
import { openHttpClient } from '../../../node/data/transfer/http-client.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { scratch } from '../forcing/fixture.ts'
import { type DataServer, QUICK_LIMITS as LIMITS, openDataServer } from './data-server.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
/** Bytes that tell their place, so that a wrong seam shows. */
const content = (count: number, salt = 7): Buffer =>
  Buffer.from(Uint8Array.from({ length: count }, (_, index) => (index * salt + (index >> 8)) % 251))

describe('a download', function () {
  this.timeout(120_000)
  const files = scratch()
  const bytes = content(100_000)
  let server: DataServer
  let client: ReturnType<typeof openHttpClient>
  let notes: string[] = []
  let count = 0
  before(async () => {
    server = await openDataServer()
    client = openHttpClient(LIMITS)
  })
  after(async () => {
    await client.close()
    await server.close()
  })
  beforeEach(() => {
    notes = []
    server.asked.length = 0
  })

  const get = (
    url: URL,
    more: { sha256?: string; bytesMax?: number; signal?: AbortSignal } = {}
  ) => {
    const { signal, bytesMax = 1e9, ...rest } = more
    const path = join(files.path(), `${count++}`, 'file.nc')
    server.arrived = 0
    const onProgress = (bytes: number): void => {
      server.arrived = bytes
    }
    const onNote = (note: string) => notes.push(note)
    const context = { client, limits: LIMITS, signal, onNote, onProgress }
    return { path, done: download({ url, path, bytesMax, ...rest }, context) }
  }
  const ranges = (): (string | undefined)[] => server.asked.map(({ headers }) => headers.range)

  async function succeeds(url: URL, expected: Uint8Array = bytes): Promise<void> {
    const { path, done } = get(url, { sha256: sha256(expected) })
    assert.deepEqual(await done, { bytes: expected.length, sha256: sha256(expected) })
    assert.ok(readFileSync(path).equals(expected))
    assert.deepEqual([existsSync(`${path}.part`), existsSync(`${path}.part.json`)], [false, false])
  }

  it('is the file, in its place, with its digest', async () => {
    await succeeds(server.put('/plain.nc', bytes))
    await succeeds(server.put('/empty.nc', ''), new Uint8Array())
  })

  it('goes on after cut connections, each time from where it was', async () => {
    const url = server.put('/cut.nc', bytes)
    server.misbehave('/cut.nc', { kind: 'cut', bytes: 30_000 }, { kind: 'cut', bytes: 20_000 })
    await succeeds(url)
    assert.deepEqual(ranges(), [undefined, 'bytes=30000-', 'bytes=50000-'])
    assert.match(notes[0] ?? '', /connection was cut/)
  })

  it('begins again where the server has no ETag, and gives up only without progress', async () => {
    const url = server.put('/dynamic.nc', bytes, 'dynamic')
    const cuts = Array.from({ length: 9 }, (_, index) => index * 10_000 + 5000)
    server.misbehave(
      '/dynamic.nc',
      ...cuts.map((count) => ({ kind: 'cut' as const, bytes: count }))
    )
    await succeeds(url)
    assert.deepEqual(new Set(ranges()), new Set([undefined]))
  })

  it('begins again when the file changes in the middle', async () => {
    const next = content(80_000, 11)
    const url = server.put('/changing.nc', bytes)
    server.misbehave('/changing.nc', { kind: 'change', bytes: 50_000, to: next })
    await succeeds(url, next)
    assert.ok(
      notes.some((note) => note.includes('changed: started again')),
      notes.join('\n')
    )
  })

  it('does not believe a range that is not the one asked for', async () => {
    const url = server.put('/range.nc', bytes)
    const lie = { kind: 'range', contentRange: 'bytes 100-99999/100000' } as const
    server.misbehave('/range.nc', { kind: 'cut', bytes: 30_000 }, lie)
    await succeeds(url)
    assert.ok(
      notes.some((note) => note.includes('another part than asked')),
      notes.join('\n')
    )
  })

  it('waits for 429, 500 and 503, as long as Retry-After says', async () => {
    const url = server.put('/busy.nc', bytes)
    server.misbehave(
      '/busy.nc',
      { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 503, headers: { 'retry-after': '0' } }
    )
    const startMs = performance.now()
    await succeeds(url)
    assert.ok(performance.now() - startMs >= 1000)
    assert.equal(server.asked.length, 4)
    assert.match(notes[0] ?? '', /answers 429: "Sorry , not now"; again in 1 s/)
  })

  it('ends a body that stalls, or drips, and goes on', async () => {
    const url = server.put('/stall.nc', bytes)
    server.misbehave('/stall.nc', { kind: 'stall', bytes: 40_000 }, { kind: 'drip', everyMs: 20 })
    await succeeds(url)
    assert.match(notes[0] ?? '', /it stopped sending/)
    assert.match(notes[1] ?? '', /less than 1000 bytes\/s/)
  })

  const REFUSALS: readonly (readonly [
    string,
    Parameters<DataServer['misbehaveForEver']>[1],
    RegExp,
    string
  ])[] = [
    [
      'a server that keeps failing',
      { kind: 'status', status: 500 },
      /answers 500.*gave up after 4 attempts/,
      'data/unreachable'
    ],
    [
      'a length that is too long',
      { kind: 'length', announced: 100_500 },
      /gave up after 4 attempts/,
      'data/unreachable'
    ],
    [
      'a length that is too short',
      { kind: 'length', announced: 99_500 },
      /gave up after \d+ attempts|not [0-9a-f]{64}/,
      ''
    ],
    [
      'a body that never goes on',
      { kind: 'stall', bytes: 0 },
      /it stopped sending; gave up/,
      'data/unreachable'
    ],
    [
      'what is forbidden',
      { kind: 'status', status: 403 },
      /answers 403: it does not allow this/,
      'data/refused'
    ],
    [
      'a request to come back tomorrow',
      { kind: 'status', status: 503, headers: { 'retry-after': '86400' } },
      /come back in 86400 s/,
      'data/unreachable'
    ],
    ['a circle', { kind: 'redirect', to: '/refused.nc' }, /more than 5 redirects/, 'data/refused'],
    [
      'a redirect to a file',
      { kind: 'redirect', to: 'file:///etc/passwd' },
      /redirects to no http/,
      'data/refused'
    ]
  ]
  for (const [name, fault, message, code] of REFUSALS) {
    it(`refuses ${name} with a reason, and leaves no file`, async () => {
      const url = server.put('/refused.nc', bytes)
      server.misbehaveForEver('/refused.nc', fault)
      const { path, done } = get(url, { sha256: sha256(bytes) })
      await assert.rejects(done, (error) => {
        assert.ok(isMeshError(error))
        assert.match(error.message, message)
        if (code !== '') assert.equal(error.code, code)
        return true
      })
      assert.equal(existsSync(path), false)
    })
  }

  it('refuses another digest, more bytes than allowed, and a host that is not there', async () => {
    const url = server.put('/wrong.nc', bytes)
    const wrong = get(url, { sha256: '0'.repeat(64) })
    await assert.rejects(wrong.done, (error) => isMeshError(error, 'data/mismatch'))
    assert.equal(existsSync(wrong.path), false)
    await assert.rejects(get(url, { bytesMax: 99_999 }).done, (error) =>
      isMeshError(error, 'data/limit')
    )
    const dead = new URL('http://127.0.0.1:1/x.nc')
    await assert.rejects(get(dead).done, /nobody answers at that address; gave up/)
    await assert.rejects(
      get(new URL('/gone.nc', url)).done,
      /404: not found there.*"Not Found: no such thing"/
    )
  })

  it('stops at once when told, keeps what it has, and the next one goes on', async () => {
    const url = server.put('/abort.nc', bytes)
    server.misbehave('/abort.nc', { kind: 'stall', bytes: 60_000 })
    const abort = new AbortController()
    const first = get(url, { signal: abort.signal })
    const timer = setInterval(() => {
      if (server.arrived === 60_000) abort.abort(new Error('enough'))
    }, 10)
    await assert.rejects(first.done, /enough|aborted/)
    clearInterval(timer)
    assert.equal(readFileSync(`${first.path}.part`).length, 60_000)
    const context = { client, limits: LIMITS }
    await download({ url, path: first.path, bytesMax: 1e9 }, context)
    assert.ok(readFileSync(first.path).equals(bytes))
    assert.deepEqual(ranges(), [undefined, 'bytes=60000-'])
  })

  it('does not believe bytes from before the machine started', async () => {
    const url = server.put('/power.nc', bytes)
    const refusal = { kind: 'status', status: 403 } as const
    server.misbehave('/power.nc', { kind: 'cut', bytes: 10_000 }, refusal)
    const first = get(url)
    await assert.rejects(first.done, /answers 403/)
    assert.equal(readFileSync(`${first.path}.part`).length, 10_000)
    utimesSync(`${first.path}.part`, 0, 0)
    server.asked.length = 0
    await download({ url, path: first.path, bytesMax: 1e9 }, { client, limits: LIMITS })
    assert.deepEqual(ranges(), [undefined])
    assert.ok(readFileSync(first.path).equals(bytes))
  })

  it('is one at a time per file', async () => {
    const url = server.put('/twice.nc', bytes)
    server.misbehave('/twice.nc', { kind: 'drip', everyMs: 5 })
    const first = get(url)
    while (server.asked.length === 0) await new Promise((done) => setTimeout(done, 5))
    const context = { client, limits: LIMITS }
    const second = download({ url, path: first.path, bytesMax: 1e9 }, context)
    await assert.rejects(second, (error) => isMeshError(error, 'store/locked'))
    await first.done
    assert.ok(readFileSync(first.path).equals(bytes))
  })

  it('does not swallow a text of any size', async () => {
    const context = { client, limits: LIMITS }
    assert.equal(
      await downloadText(server.put('/text', 'x'.repeat(1000)), context),
      'x'.repeat(1000)
    )
    const large = server.put('/large', 'x'.repeat(1001))
    await assert.rejects(downloadText(large, context), (error) => isMeshError(error, 'data/limit'))
  })
})

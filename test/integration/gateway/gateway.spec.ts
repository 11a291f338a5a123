/** The gateway over real HTTP: paths, ranges, forms, and what it refuses to serve. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CarReader } from '@ipld/car'
import { CID } from 'multiformats/cid'
import { writeFolder } from '../../../node/forecast/product/folder/unixfs.ts'
import { type Gateway, openGateway } from '../../../node/gateway/gateway.ts'
import { READS_MAX, WAITING_MAX } from '../../../node/gateway/limits.ts'
import { parseListenAt } from '../../../node/gateway/listen-at.ts'
import { blockMissing } from '../../../node/store/block-check.ts'
import { openFolderBlocks } from '../../../node/store/folder-blocks.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { ask } from './asked.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const hashOf = (place: number): number => (place * 31 + (place >> 8) * 7 + (place >> 16) * 13) & 255
/** Three blocks and a bit, every byte of them telling its place. */
const LARGE = Uint8Array.from({ length: 3_300_000 }, (_, place) => hashOf(place))

describe('the gateway', function () {
  this.timeout(60_000)
  let dir = ''
  let gateway: Gateway
  let root: CID
  let files: ReadonlyMap<string, CID>
  let plan: CID

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'driftmesh-gateway-'))
    const blocks = await openFolderBlocks(join(dir, 'blocks'))
    const written = await writeFolder(
      [
        { path: 'index.html', bytes: text('<!doctype html><title>a page</title>') },
        { path: 'view/app.js', bytes: text('export const one = 1') },
        { path: 'data/.zmetadata', bytes: text('{}') },
        { path: 'data/large.bin', bytes: LARGE },
        { path: 'data/50% <b>&.txt', bytes: text('odd name') },
        { path: 'data/empty', bytes: new Uint8Array() }
      ],
      blocks
    )
    root = written.cid
    files = written.files
    const block = toBlock({ kind: 'note', of: root })
    plan = block.cid
    await blocks.put(block)
    gateway = await openGateway({ blocks, listenAt: { ...parseListenAt('0') } })
  })
  after(async () => {
    await gateway?.close()
    await rm(dir, { recursive: true, force: true })
  })

  const url = (path: string): string => `${gateway.url}/ipfs/${path}`

  it('serves files by path, with types, lengths and tags that last', async () => {
    const got = await ask(url(`${root}/view/app.js`))
    assert.equal(got.status, 200)
    assert.equal(got.body.toString(), 'export const one = 1')
    assert.equal(got.headers['content-type'], 'text/javascript; charset=utf-8')
    assert.equal(got.headers['content-length'], '20')
    assert.equal(got.headers.etag, `"${files.get('view/app.js')}"`)
    assert.match(got.headers['cache-control'] ?? '', /immutable/)
    assert.equal(got.headers['x-ipfs-path'], `/ipfs/${root}/view/app.js`)
    const roots = [root, files.get('view'), files.get('view/app.js')].join(',')
    assert.equal(got.headers['x-ipfs-roots'], roots)
    const metadata = await ask(url(`${root}/data/.zmetadata`))
    assert.equal(metadata.headers['content-type'], 'application/json')
    const empty = await ask(url(`${root}/data/empty`))
    assert.deepEqual([empty.status, empty.body.length], [200, 0])
  })

  it('serves the page of a folder, sends folders to their slash, lists the others', async () => {
    const bare = await ask(url(`${root}?a=1`))
    assert.deepEqual([bare.status, bare.headers.location], [301, `/ipfs/${root}/?a=1`])
    const page = await ask(url(`${root}/`))
    assert.equal(page.body.toString(), '<!doctype html><title>a page</title>')
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
    const listing = (await ask(url(`${root}/data/`))).body.toString()
    assert.match(listing, /href="\.\/large\.bin"/)
    assert.match(listing, /href="\.\/50%25%20%3Cb%3E%26\.txt"/)
    assert.match(listing, />50% &lt;b&gt;&amp;\.txt</)
    const odd = await ask(url(`${root}/data/50%25%20%3Cb%3E%26.txt`))
    assert.equal(odd.body.toString(), 'odd name')
  })

  it('answers ranges within, across and beyond blocks', async () => {
    const cases: [string, number, number][] = [
      ['bytes=0-0', 0, 1],
      ['bytes=1048570-1048590', 1_048_570, 1_048_591],
      ['bytes=3299990-', 3_299_990, 3_300_000],
      ['bytes=-17', 3_299_983, 3_300_000],
      ['bytes=3299990-9999999', 3_299_990, 3_300_000]
    ]
    for (const [range, from, to] of cases) {
      const got = await ask(url(`${root}/data/large.bin`), { headers: { range } })
      assert.equal(got.status, 206, range)
      assert.equal(got.headers['content-range'], `bytes ${from}-${to - 1}/3300000`, range)
      assert.ok(got.body.equals(LARGE.subarray(from, to)), range)
    }
    for (const range of ['bytes=3300000-', 'bytes=-0']) {
      const got = await ask(url(`${root}/data/large.bin`), { headers: { range } })
      assert.deepEqual([got.status, got.headers['content-range']], [416, 'bytes */3300000'], range)
    }
    for (const range of ['bytes=5-2', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=-']) {
      const got = await ask(url(`${root}/data/large.bin`), { headers: { range } })
      assert.deepEqual([got.status, got.body.length], [200, LARGE.length], range)
    }
  })

  it('answers HEAD without a body and If-None-Match without an answer', async () => {
    const head = await ask(url(`${root}/data/large.bin`), { method: 'HEAD' })
    assert.deepEqual([head.status, head.body.length], [200, 0])
    assert.equal(head.headers['content-length'], '3300000')
    const etag = head.headers.etag ?? ''
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const got = await ask(url(`${root}/data/large.bin`), { headers: { 'if-none-match': known } })
      assert.deepEqual([got.status, got.body.length], [304, 0], known)
    }
    const other = await ask(url(`${root}/data/empty`), { headers: { 'if-none-match': etag } })
    assert.equal(other.status, 200)
  })

  it('gives one block, by parameter and by Accept, and its bytes are of its CID', async () => {
    const accept = { headers: { accept: 'application/vnd.ipld.raw' } }
    const asked = [await ask(url(`${root}?format=raw`)), await ask(url(`${root}`), accept)]
    for (const { body, headers } of asked) {
      assert.equal(headers['content-type'], 'application/vnd.ipld.raw')
      const digest = createHash('sha256').update(body).digest()
      assert.ok(digest.equals(root.multihash.digest))
    }
    const cbor = await ask(url(`${plan}`))
    assert.equal(cbor.headers['content-type'], 'application/vnd.ipld.dag-cbor')
  })

  it('gives a CAR that holds the whole of a path, each block once', async () => {
    const got = await ask(url(`${root}/data/large.bin?format=car`))
    const car = await CarReader.fromBytes(got.body)
    assert.equal(`${(await car.getRoots())[0]}`, `${root}`)
    const cids: string[] = []
    for await (const { cid, bytes } of car.blocks()) {
      const digest = createHash('sha256').update(bytes).digest()
      assert.ok(digest.equals(cid.multihash.digest), `${cid}`)
      cids.push(`${cid}`)
    }
    assert.equal(cids.length, new Set(cids).size)
    assert.deepEqual(cids.slice(0, 3).map(String), [
      `${root}`,
      `${files.get('data')}`,
      `${files.get('data/large.bin')}`
    ])
    assert.equal(cids.length, 3 + 4, 'the path and four leaves')
    const accept = { headers: { accept: 'application/vnd.ipld.car;version=1' } }
    const one = await CarReader.fromBytes((await ask(url(`${root}?dag-scope=block`), accept)).body)
    let count = 0
    for await (const _ of one.cids()) count += 1
    assert.equal(count, 1)
  })

  it('says what is wrong with a request', async () => {
    const cases: [string, number][] = [
      [`${root}/no/such`, 404],
      [`${root}/view/app.js/more`, 404],
      ['no-cid/', 400],
      [`${root}/%ff`, 400],
      [`${root}?format=tar`, 400],
      [`${root}/${'a/'.repeat(40)}`, 400]
    ]
    for (const [path, status] of cases) {
      const got = await ask(url(path))
      assert.equal(got.status, status, path)
      assert.notEqual(got.headers['cache-control'], 'public, max-age=31536000, immutable', path)
    }
    assert.equal((await ask(`${gateway.url}/`)).status, 404)
    assert.equal((await ask(url(`${root}/`), { method: 'POST' })).status, 404)
  })

  it('is a closed house: policy, foreign names, service workers', async () => {
    const { headers } = await ask(url(`${root}/`))
    assert.match(`${headers['content-security-policy']}`, /^default-src 'self';/)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['access-control-allow-origin'], '*')
    assert.equal((await ask(url(`${root}/`), { method: 'OPTIONS' })).status, 204)
    const rebound = { headers: { host: 'forecast.example:8642' } }
    assert.equal((await ask(url(`${root}/`), rebound)).status, 421)
    const worker = { headers: { 'service-worker': 'script' } }
    assert.equal((await ask(url(`${root}/view/app.js`), worker)).status, 400)
  })

  it('stops at the first bad block and never sends a byte of it', async () => {
    const folder = join(dir, 'blocks')
    const [, , leaf] = await leavesOf(`${files.get('data/large.bin')}`)
    assert.ok(leaf !== undefined)
    const stored = await fileOf(folder, leaf)
    const bytes = await readFile(stored)
    await writeFile(
      stored,
      bytes.map((byte, place) => (place === 100 ? byte ^ 1 : byte))
    )
    try {
      const whole = await ask(url(`${root}/data/large.bin`))
      assert.ok(whole.isBroken, 'the connection ends')
      assert.ok(whole.body.length <= 2 * 1_048_576)
      assert.ok(whole.body.equals(LARGE.subarray(0, whole.body.length)))
      const inside = { headers: { range: 'bytes=2097152-2097160' } }
      const part = await ask(url(`${root}/data/large.bin`), inside)
      assert.equal(part.status, 502)
      assert.match(part.body.toString(), /damaged or tampered/)
      assert.equal((await ask(url(`${leaf}?format=raw`))).status, 502)
      const before = { headers: { range: 'bytes=0-99' } }
      assert.equal((await ask(url(`${root}/data/large.bin`), before)).status, 206)
    } finally {
      await writeFile(stored, bytes)
    }
  })

  async function leavesOf(cid: string): Promise<CID[]> {
    const car = await CarReader.fromBytes((await ask(url(`${cid}?format=car`))).body)
    const cids: CID[] = []
    for await (const each of car.cids()) cids.push(CID.parse(each.toString()))
    return cids.slice(1)
  }

  /** The file of a block, whatever a store calls it: the one that holds its bytes. */
  async function fileOf(folder: string, cid: CID): Promise<string> {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      const digest = createHash('sha256')
        .update(await readFile(path))
        .digest()
      if (digest.equals(cid.multihash.digest)) return path
    }
    throw new Error(`no file holds ${cid}`)
  }
})

describe('a gateway whose store is slow', function () {
  this.timeout(60_000)

  it('turns away who finds the queue full, and tells the others what is missing', async () => {
    const gone = Promise.withResolvers<void>()
    const full = Promise.withResolvers<void>()
    let present = 0
    const get = async (cid: CID): Promise<Uint8Array> => {
      present += 1
      if (present === READS_MAX) full.resolve()
      await gone.promise
      throw blockMissing(cid, 'nobody has it')
    }
    const gateway = await openGateway({ blocks: { get }, listenAt: parseListenAt('0') })
    try {
      const { cid } = toBlock({ kind: 'note' })
      const target = `${gateway.url}/ipfs/${cid}?format=raw`
      const waiting = Array.from({ length: READS_MAX }, () => ask(target))
      await full.promise
      const queued = Array.from({ length: WAITING_MAX + 20 }, () => ask(target))
      const turnedAway = Promise.withResolvers<void>()
      let refused = 0
      for (const each of queued) {
        void each.then(({ status, headers }) => {
          if (status !== 503) return
          assert.equal(headers['retry-after'], '1')
          refused += 1
          if (refused === 20) turnedAway.resolve()
        })
      }
      await turnedAway.promise
      assert.equal(present, READS_MAX, 'no more than so many reads at once')
      gone.resolve()
      const answers = await Promise.all([...waiting, ...queued])
      const counts = Object.groupBy(answers, ({ status }) => `${status}`)
      assert.deepEqual(Object.keys(counts), ['503', '504'])
      assert.equal(counts['503']?.length, 20)
    } finally {
      await gateway.close()
    }
  })
})

/**
 * The blocks contract on every adapter, and what only the mesh can do: fetching from others.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { stat, writeFile } from 'node:fs/promises'
import { isMeshError } from '../../node/mesh-error.ts'
import type { OpenNet } from '../../node/net/open-net.ts'
import { openFolderBlocks } from '../../node/store/folder-blocks.ts'
import { type HeliaBlocks, openHeliaBlocks } from '../../node/store/helia-blocks.ts'
import { storeFailure } from '../../node/store/level-folder.ts'
import { openMemoryBlocks } from '../../node/store/memory-blocks.ts'
import { toRawBlock } from '../../protocol/canonical.ts'
import { collectNets, type Nets } from '../integration/nets.ts'
import { until } from '../integration/wait.ts'
import { flipBit } from './block-files.ts'
import { blocksContract } from './blocks.ts'

/** Long enough for a busy machine; what is asked for here comes. */
const soon = (): AbortSignal => AbortSignal.timeout(60_000)

blocksContract('memory', async () => ({ blocks: openMemoryBlocks(), close: async () => {} }), {
  isOnDisk: false
})

blocksContract(
  'a folder',
  async () => {
    const nets = collectNets()
    const dir = await nets.dir()
    const blocks = await openFolderBlocks(dir)
    return { blocks, dir, close: () => nets.stop() }
  },
  { isOnDisk: true }
)

blocksContract(
  'the mesh',
  async () => {
    const nets = collectNets()
    const dir = await nets.dir()
    const blocks = await openHeliaBlocks(await nets.open(), dir, { getDeadlineMs: 200 })
    nets.onStop(() => blocks.stop())
    return { blocks, dir, close: () => nets.stop() }
  },
  { isOnDisk: true }
)

describe('blocks of the mesh', function () {
  this.timeout(180_000)
  let nets: Nets
  let relay: OpenNet
  let source: HeliaBlocks
  let sourceNet: OpenNet
  let targetNet: OpenNet
  let target: HeliaBlocks

  const openStore = async (net: OpenNet, getDeadlineMs?: number): Promise<HeliaBlocks> => {
    const dir = await nets.dir()
    const store = await openHeliaBlocks(net, dir, getDeadlineMs ? { getDeadlineMs } : {})
    nets.onStop(() => store.stop())
    return store
  }
  before(async () => {
    nets = collectNets()
    relay = await nets.open({ role: 'relay' })
    const bootstrap = relay.addresses()
    sourceNet = await nets.open({ bootstrap })
    source = await openStore(sourceNet)
    targetNet = await nets.open({ bootstrap })
    target = await openStore(targetNet)
    await targetNet.connect(sourceNet.key, sourceNet.addresses(), soon())
  })
  after(() => nets.stop())

  it('fetches from a connected peer and keeps what it fetched', async () => {
    const block = toRawBlock(randomBytes(300_000))
    await source.put(block)
    const bytes = await target.get(block.cid, { signal: soon() })
    assert.equal(Buffer.compare(bytes, block.bytes), 0)
    assert.equal(await target.has(block.cid), true)
  })

  it('gets a block that is wanted before anyone has it, from afar and from here', async () => {
    for (const holder of [source, target]) {
      const block = toRawBlock(randomBytes(1000))
      const mark = toRawBlock(randomBytes(1000))
      await source.put(mark)
      const asked = target.get(block.cid, { signal: soon() })
      // wants travel in order: when the mark is here, the source has the want before it
      await target.get(mark.cid, { signal: soon() })
      const started = Date.now()
      await holder.put(block)
      assert.deepEqual(new Uint8Array(await asked), new Uint8Array(block.bytes))
      // sooner than a want is repeated (QUIET_MS): the put itself was announced
      assert(Date.now() - started < 9_000, `took ${Date.now() - started} ms`)
    }
  })

  it('fetches two thousand small blocks at once', async () => {
    const many = Array.from({ length: 2000 }, () => toRawBlock(randomBytes(300)))
    await Promise.all(many.map((block) => source.put(block)))
    const got = await Promise.all(many.map(({ cid }) => target.get(cid, { signal: soon() })))
    for (const [index, { bytes }] of many.entries()) {
      assert.equal(Buffer.compare(got[index] ?? new Uint8Array(), bytes), 0, `block ${index}`)
    }
  })

  it('serves the others when one block of an answer was tampered with', async () => {
    const [bad, good] = [toRawBlock(randomBytes(5000)), toRawBlock(randomBytes(5000))]
    const dir = await nets.dir()
    const folder = await openFolderBlocks(dir)
    await Promise.all([folder.put(bad), folder.put(good)])
    await flipBit(dir, bad.cid.toString())
    const damaged: string[] = []
    const net = await nets.open({ bootstrap: relay.addresses() })
    const holder = await openHeliaBlocks(net, dir, { onDamaged: (cid) => damaged.push(`${cid}`) })
    nets.onStop(() => holder.stop())
    await targetNet.connect(net.key, net.addresses(), soon())
    const enough = new AbortController()
    const asked = target.get(bad.cid, { signal: enough.signal })
    const refusal = asked.then(
      () => 'came',
      () => 'did not come'
    )
    const got = await target.get(good.cid, { signal: soon() })
    await until('the damage is found', () => damaged.includes(bad.cid.toString()))
    enough.abort()
    assert.equal(await refusal, 'did not come')
    assert.equal(Buffer.compare(got, good.bytes), 0)
    assert.equal(await target.has(bad.cid), false)
  })

  it('goes on for others when one of two who want the same block leaves', async () => {
    const block = toRawBlock(randomBytes(1000))
    const controller = new AbortController()
    const left = target.get(block.cid, { signal: controller.signal })
    const stayed = target.get(block.cid, { signal: soon() })
    controller.abort(new Error('left'))
    await assert.rejects(left, /left/)
    await source.put(block)
    assert.equal(Buffer.compare(await stayed, block.bytes), 0)
  })

  it('fails as missing when the deadline passes', async () => {
    const store = await openStore(await nets.open({ bootstrap: relay.addresses() }), 300)
    const { cid } = toRawBlock(randomBytes(10))
    const started = Date.now()
    await assert.rejects(store.get(cid), (error) => isMeshError(error, 'net/block-missing'))
    // nobody has it: without its deadline it would be asked for a minute long
    assert(Date.now() - started < 30_000, `took ${Date.now() - started} ms`)
  })

  it('finds a provided root knowing only the bootstrap address, then its children', async () => {
    const child = toRawBlock(randomBytes(2000))
    const root = toRawBlock(child.cid.bytes)
    await Promise.all([source.put(child), source.put(root)])
    await sourceNet.provide(root.cid, soon())
    const bootstrap = relay.addresses()
    const reader = await openStore(await nets.open({ bootstrap, role: 'reader', listen: [] }))
    assert.equal(Buffer.compare(await reader.get(root.cid, { signal: soon() }), root.bytes), 0)
    assert.equal(Buffer.compare(await reader.get(child.cid, { signal: soon() }), child.bytes), 0)
  })
})

describe('a full disk', () => {
  it('is told apart from other failures by what the system says', async function () {
    const isDevice = (await stat('/dev/full').catch(() => undefined))?.isCharacterDevice()
    if (isDevice !== true) this.skip()
    const failure = async (file: string) => {
      try {
        // r+ never makes the file
        await writeFile(file, 'x', { flag: 'r+' })
      } catch (error) {
        // as blockstore-fs hands it on
        return storeFailure('a block cannot be written', new Error(`${error}`))
      }
      throw new Error(`${file} was written`)
    }
    assert.equal((await failure('/dev/full')).code, 'store/full')
    assert.equal((await failure('/no-such-folder/file')).code, 'store/failed')
  })
})

/** The volunteer's inputs on disk: what stays, what goes, and what a kill leaves. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import { blockMissing } from '../../node/store/block-check.ts'
import type { Blocks } from '../../node/store/blocks.ts'
import { type FolderBlocks, openFolderBlocks } from '../../node/store/folder-blocks.ts'
import { type InputCache, openInputCache } from '../../node/store/input-cache.ts'
import { type Block, toRawBlock } from '../../protocol/canonical.ts'

const SIZE = 1000
const blockOf = (seed: number): Block => toRawBlock(new Uint8Array(SIZE).fill(seed))

describe('cache of inputs', () => {
  let home: string
  let folder: FolderBlocks
  let cache: InputCache
  let now = 0
  let fetched: string[] = []
  const remote = new Map(
    Array.from({ length: 40 }, (_, seed) => {
      const block = blockOf(seed)
      return [block.cid.toString(), block]
    })
  )

  /** Blocks of a mesh: on disk, else fetched and stored, as Helia does. */
  const mesh: Blocks = {
    put: (block, options) => folder.put(block, options),
    has: (cid) => folder.has(cid),
    get: async (cid) => {
      const here = await folder.read(cid)
      if (here !== undefined) return here
      const found = remote.get(cid.toString())
      if (found === undefined) throw blockMissing(cid, 'the test')
      fetched.push(cid.toString())
      await folder.put(found)
      return found.bytes
    }
  }
  const open = async (bytesMax: number): Promise<void> => {
    cache = await openInputCache({
      blocks: mesh,
      remove: (cid) => folder.remove(cid),
      dir: join(home, 'inputs'),
      bytesMax,
      nowMs: () => {
        now += 100_000
        return now
      }
    })
  }
  const use = async (...seeds: number[]): Promise<string[]> => {
    fetched = []
    for (const seed of seeds) await cache.blocks.get(blockOf(seed).cid)
    return fetched
  }
  const isHere = (cid: CID): Promise<boolean> => folder.has(cid)

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'driftmesh-test-'))
    folder = await openFolderBlocks(join(home, 'blocks'))
    now = 0
  })
  afterEach(async () => {
    await cache.close()
    await rm(home, { recursive: true, force: true })
  })

  it('fetches nothing for the second unit of a region', async () => {
    await open(100 * SIZE)
    assert.equal((await use(0, 1, 2, 3)).length, 4)
    assert.deepEqual(await use(0, 1, 2, 3), [])
    assert.deepEqual(cache.count(), { blocks: 4, bytes: 4 * SIZE })
  })

  it('deletes what was unused for longest, and never what was made here', async () => {
    await open(10 * SIZE)
    const own = toRawBlock(new Uint8Array(SIZE).fill(200))
    await cache.blocks.put(own)
    await use(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
    await use(0, 1)
    await use(10)
    assert.ok(cache.count().bytes <= 10 * SIZE)
    assert.equal(await isHere(own.cid), true)
    assert.equal(await isHere(blockOf(0).cid), true, 'used again')
    assert.equal(await isHere(blockOf(1).cid), true, 'used again')
    assert.equal(await isHere(blockOf(2).cid), false, 'the longest unused')
    assert.equal(await isHere(blockOf(10).cid), true, 'the newest')
  })

  it('keeps for good what was fetched and then made here as well', async () => {
    await open(4 * SIZE)
    await use(0)
    await cache.blocks.put(blockOf(0))
    await use(1, 2, 3, 4, 5, 6, 7)
    assert.equal(await isHere(blockOf(0).cid), true)
  })

  it('knows after a restart what it holds and when it was used', async () => {
    await open(6 * SIZE)
    await use(0, 1, 2, 3, 4)
    await use(0)
    await cache.close()
    await open(6 * SIZE)
    assert.deepEqual(cache.count(), { blocks: 5, bytes: 5 * SIZE })
    assert.deepEqual(await use(0, 1, 2, 3, 4), [])
    await use(10, 11, 12)
    assert.equal(await isHere(blockOf(0).cid), false)
    assert.ok(cache.count().bytes <= 6 * SIZE)
  })

  it('counts a block whose fetch was cut off, so that it cannot be kept uncounted', async () => {
    await open(100 * SIZE)
    const cut: Blocks = {
      ...mesh,
      get: async (cid) => {
        await mesh.get(cid)
        // The process ends here: the block is on disk, its size was not written.
        throw new Error('killed')
      }
    }
    const killed = await (async () => {
      await cache.close()
      return openInputCache({
        blocks: cut,
        remove: (cid) => folder.remove(cid),
        dir: join(home, 'inputs'),
        nowMs: () => 1
      })
    })()
    await assert.rejects(killed.blocks.get(blockOf(7).cid), /killed/)
    await killed.close()
    await open(100 * SIZE)
    assert.equal(cache.count().blocks, 1)
    assert.deepEqual(await use(7), [])
    assert.deepEqual(cache.count(), { blocks: 1, bytes: SIZE })
  })

  it('a block nobody has is not counted', async () => {
    await open(100 * SIZE)
    await assert.rejects(cache.blocks.get(toRawBlock(Uint8Array.of(1)).cid), /not to be had/)
    assert.deepEqual(cache.count(), { blocks: 0, bytes: 0 })
  })
})

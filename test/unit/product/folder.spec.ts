/**
 * Folders on the Blocks port: one CID for the same files, exported whole or not at all, and never
 * outside the folder asked for.
 */
import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import {
  exportFolder,
  listFolder,
  readFolderFile
} from '../../../node/forecast/product/folder/folder.ts'
import { SpooledFile } from '../../../node/forecast/product/folder/spooled-file.ts'
import { writeFolder } from '../../../node/forecast/product/folder/unixfs.ts'
import { isMeshError, MeshError } from '../../../node/mesh-error.ts'
import { openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import { toBlock, toRawBlock } from '../../../protocol/canonical.ts'

const big = Uint8Array.from({ length: 2_500_000 }, (_, index) => index % 251)
const FILES = [
  { path: 'a.txt', bytes: new TextEncoder().encode('hello') },
  { path: 'sub/deep/b.bin', bytes: big },
  { path: 'sub/c.txt', bytes: new Uint8Array(0) }
]

describe('folder', () => {
  let home = ''
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'driftmesh-folder-'))
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  it('has one CID, whatever the order of its files', async () => {
    const one = await writeFolder(FILES, openMemoryBlocks())
    const other = await writeFolder([...FILES].reverse(), openMemoryBlocks())
    assert.equal(one.cid.toString(), other.cid.toString())
    assert.equal(one.cid.toString(), 'bafybeicldrfsidwfnszhd4ulffsgw6ynblubceyqhy4wfdarfazdmwxc54')
  })

  it('has the same CID when files were spooled piece by piece', async () => {
    for (const length of [0, 1, 1_048_576, 1_048_577, 2_500_000]) {
      const bytes = big.subarray(0, length)
      const blocks = openMemoryBlocks()
      const whole = await writeFolder([{ path: 'a/b', bytes }, ...FILES], blocks)
      const spooled = new SpooledFile('a/b', blocks, undefined)
      for (let at = 0; at < length; at += 333_333) {
        await spooled.append(bytes.subarray(at, Math.min(length, at + 333_333)))
      }
      const leaves = await spooled.finish()
      const pieces = await writeFolder([leaves, ...FILES], blocks)
      assert.equal(pieces.cid.toString(), whole.cid.toString(), `${length} bytes`)
      assert.equal(leaves.byteCount, length)
      assert.deepEqual(leaves.sha256, createHash('sha256').update(bytes).digest())
      assert.deepEqual(await readFolderFile(pieces.cid, 'a/b', blocks), bytes)
    }
  })

  it('lists and reads what was written', async () => {
    const blocks = openMemoryBlocks()
    const { cid, files } = await writeFolder(FILES, blocks)
    const names = (await listFolder(cid, blocks)).map(({ name }) => name)
    assert.deepEqual(names, ['a.txt', 'sub'])
    assert.deepEqual(await readFolderFile(cid, 'sub/deep/b.bin', blocks), big)
    assert.equal((await readFolderFile(cid, 'sub/c.txt', blocks)).length, 0)
    assert.ok(files.has('sub/deep'))
    await assert.rejects(readFolderFile(cid, 'nope', blocks), (error) =>
      isMeshError(error, 'verify/mismatch')
    )
    await assert.rejects(readFolderFile(cid, 'sub', blocks), (error) =>
      isMeshError(error, 'verify/mismatch')
    )
  })

  it('exports to disk in one step', async () => {
    const blocks = openMemoryBlocks()
    const { cid } = await writeFolder(FILES, blocks)
    const dir = join(home, 'not', 'yet', 'there')
    await exportFolder(cid, blocks, dir)
    assert.deepEqual(new Uint8Array(await readFile(join(dir, 'sub/deep/b.bin'))), big)
    assert.deepEqual(await readdir(join(home, 'not', 'yet')), ['there'])
    await mkdir(join(home, 'empty'))
    await exportFolder(cid, blocks, join(home, 'empty'))
    assert.equal(await readFile(join(home, 'empty/a.txt'), 'utf8'), 'hello')
  })

  it('leaves nothing behind when a block is missing or the place is taken', async () => {
    const blocks = openMemoryBlocks()
    const { cid, files } = await writeFolder(FILES, blocks)
    const missing = files.get('sub/c.txt')
    const holed = {
      ...blocks,
      get: async (wanted: typeof cid) => {
        if (missing?.equals(wanted)) throw new MeshError('net/block-missing', `no ${wanted}`)
        return await blocks.get(wanted)
      }
    }
    await assert.rejects(exportFolder(cid, holed, join(home, 'out')), (error) => {
      assert.ok(isMeshError(error, 'net/block-missing'))
      return error.message.startsWith('sub/c.txt: ')
    })
    assert.deepEqual(await readdir(home), [])
    await mkdir(join(home, 'taken'))
    await writeFile(join(home, 'taken', 'mine.txt'), 'mine')
    await assert.rejects(exportFolder(cid, blocks, join(home, 'taken')), (error) => {
      assert.ok(isMeshError(error, 'store/failed'))
      return error.message.includes('it exists and is not empty')
    })
    assert.deepEqual(await readdir(home), ['taken'])
    assert.equal(await readFile(join(home, 'taken/mine.txt'), 'utf8'), 'mine')
  })

  it('stops when it is told to', async () => {
    const blocks = openMemoryBlocks()
    const { cid } = await writeFolder(FILES, blocks)
    const attempt = exportFolder(cid, blocks, join(home, 'out'), { signal: AbortSignal.abort() })
    await assert.rejects(attempt, { name: 'AbortError' })
    assert.deepEqual(await readdir(home), [])
  })

  it('refuses what is not UnixFS and names that leave the folder', async () => {
    const blocks = openMemoryBlocks()
    const odd = toBlock({ hello: 1 })
    await blocks.put(odd)
    await assert.rejects(exportFolder(odd.cid, blocks, join(home, 'odd')), (error) =>
      isMeshError(error, 'verify/mismatch')
    )
    const file = toRawBlock(Uint8Array.of(1))
    await blocks.put(file)
    await assert.rejects(listFolder(file.cid, blocks), (error) =>
      isMeshError(error, 'verify/mismatch')
    )
    for (const name of ['..', 'a\\b', 'a/b']) {
      const escaping = folderWith(name, file.cid)
      await blocks.put(escaping)
      const attempt = exportFolder(escaping.cid, blocks, join(home, 'inner', 'out'))
      await assert.rejects(attempt, (error) => isMeshError(error, 'verify/mismatch'), name)
    }
    assert.deepEqual(await readdir(join(home, 'inner')), [])
  })
})

/** A hand-made dag-pb folder with one link of any name: no writer of ours would make it. */
function folderWith(name: string, target: ReturnType<typeof toRawBlock>['cid']) {
  const nameBytes = new TextEncoder().encode(name)
  const field = (tag: number, bytes: Uint8Array) => [tag, bytes.length, ...bytes]
  const link = Uint8Array.from([...field(0x0a, target.bytes), ...field(0x12, nameBytes), 0x18, 1])
  const bytes = Uint8Array.from([...field(0x12, link), ...field(0x0a, Uint8Array.of(8, 1))])
  const { multihash } = toRawBlock(bytes).cid
  return { cid: CID.createV1(0x70, multihash), bytes }
}

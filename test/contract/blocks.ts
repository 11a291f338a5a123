/**
 * What every store of blocks must do, as a function of how to open one.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { isMeshError } from '../../node/mesh-error.ts'
import type { Blocks } from '../../node/store/blocks.ts'
import { toBlock, toRawBlock } from '../../protocol/canonical.ts'
import { BLOCK_BYTES_MAX } from '../../protocol/limits.ts'
import { flipBit } from './block-files.ts'

export interface OpenedBlocks {
  readonly blocks: Blocks
  /** The folder where blocks lie as files, if they do. */
  readonly dir?: string
  close(): Promise<void>
}

export function blocksContract(
  name: string,
  open: () => Promise<OpenedBlocks>,
  options: { isOnDisk: boolean }
): void {
  describe(`blocks in ${name}`, () => {
    let opened: OpenedBlocks
    let blocks: Blocks
    before(async () => {
      opened = await open()
      blocks = opened.blocks
    })
    after(() => opened.close())

    it('gives back what was put, raw or dag-cbor, empty or full', async () => {
      const cases = [
        toRawBlock(new Uint8Array()),
        toRawBlock(randomBytes(1)),
        toRawBlock(randomBytes(BLOCK_BYTES_MAX)),
        toBlock({ kind: 'test', list: [1, 2, 3] })
      ]
      for (const block of cases) {
        assert.equal(await blocks.has(block.cid), false)
        await blocks.put(block)
        assert.equal(await blocks.has(block.cid), true)
        const bytes = await blocks.get(block.cid)
        assert.equal(Buffer.compare(bytes, block.bytes), 0, `${block.cid}`)
      }
    })

    it('takes a block twice, also at once', async () => {
      const block = toRawBlock(randomBytes(100_000))
      await Promise.all([blocks.put(block), blocks.put(block), blocks.put(block)])
      await blocks.put(block)
      assert.equal(Buffer.compare(await blocks.get(block.cid), block.bytes), 0)
    })

    it('takes and gives a thousand blocks at once', async () => {
      const many = Array.from({ length: 1000 }, () => toRawBlock(randomBytes(200)))
      await Promise.all(many.map((block) => blocks.put(block)))
      const got = await Promise.all(many.map(({ cid }) => blocks.get(cid)))
      for (const [index, { bytes }] of many.entries()) {
        assert.equal(Buffer.compare(got[index] ?? new Uint8Array(), bytes), 0, `block ${index}`)
      }
    })

    it('refuses bytes that are not those of the CID, and more than a block', async () => {
      const { cid } = toRawBlock(randomBytes(10))
      const tooLong = toRawBlock(randomBytes(BLOCK_BYTES_MAX + 1))
      for (const block of [{ cid, bytes: randomBytes(10) }, tooLong]) {
        await assert.rejects(blocks.put(block), (error) => isMeshError(error, 'verify/mismatch'))
        assert.equal(await blocks.has(block.cid), false)
      }
    })

    it('fails as missing for a block nobody has', async () => {
      const { cid } = toRawBlock(randomBytes(10))
      await assert.rejects(blocks.get(cid), (error) => {
        assert(isMeshError(error, 'net/block-missing'))
        assert.equal(error.detail.cid, cid.toString())
        return true
      })
    })

    it('stops when the caller does', async () => {
      const { cid } = toRawBlock(randomBytes(10))
      const reason = new Error('changed my mind')
      await assert.rejects(blocks.get(cid, { signal: AbortSignal.abort(reason) }), reason)
    })

    if (!options.isOnDisk) return
    it('names a block that was tampered with and never returns it', async () => {
      const block = toRawBlock(randomBytes(1000))
      await blocks.put(block)
      await flipBit(opened.dir ?? '', block.cid.toString())
      await assert.rejects(blocks.get(block.cid), (error) => {
        assert(isMeshError(error, 'verify/mismatch'))
        assert.match(error.message, new RegExp(block.cid.toString()))
        return true
      })
    })
  })
}

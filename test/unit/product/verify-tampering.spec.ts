/**
 * Stores and folders whose bytes were changed: whatever the position, a reader finds it and says
 * which file or unit it is.
 */
import { strict as assert } from 'node:assert'
import { unixfs } from '@helia/unixfs'
import fc from 'fast-check'
import type { CID } from 'multiformats/cid'
import { readFolderFile } from '../../../node/forecast/product/folder/folder.ts'
import { readable, walkFolder, writeFolder } from '../../../node/forecast/product/folder/unixfs.ts'
import type { FolderFile } from '../../../node/forecast/product/zarr/zarr.ts'
import { isMeshError, MeshError } from '../../../node/mesh-error.ts'
import { checkBlock } from '../../../node/store/block-check.ts'
import type { Blocks } from '../../../node/store/blocks.ts'
import { buildWorld } from './assembled.ts'
import { isMismatch, publishWorld, verifyWorld } from './signed-world.ts'

const world = buildWorld({ cuts: [15], windowSteps: 12, particles: 30, members: 1 })
const published = () => publishWorld(world)

describe('verify finds tampering', () => {
  /** A store in which one block has one bit flipped, and checks what it reads like every store. */
  const flipped = (blocks: Blocks, target: CID, position: number): Blocks => ({
    ...blocks,
    get: async (cid, options) => {
      const bytes = await blocks.get(cid, options)
      if (!cid.equals(target)) return bytes
      const forged = Uint8Array.from(bytes)
      const at = position % forged.length
      forged[at] = (forged[at] ?? 0) ^ (1 << (position % 8))
      checkBlock(cid, forged, 'test')
      return forged
    }
  })

  const filesOf = async (cid: CID, blocks: Blocks): Promise<FolderFile[]> => {
    const files: FolderFile[] = []
    for await (const file of walkFolder(cid, blocks)) {
      files.push({ path: file.path, bytes: await readFolderFile(cid, file.path, blocks) })
    }
    return files
  }

  it('of any byte of a stored block, naming file or unit', async () => {
    const { blocks, forecast } = await published()
    const files: { path: string; cid: CID }[] = []
    for await (const { cid, path } of walkFolder(forecast, blocks)) files.push({ path, cid })
    const results = world.slots.flatMap((slot) => {
      const made = [...world.computed.values()].find(({ cid }) => cid.equals(slot.result))
      const name = `unit ${slot.member}/${slot.block}/${slot.window}`
      return (made?.blocks ?? []).map(({ cid }) => ({ name, cid }))
    })
    const targets = [...files.map(({ cid, path }) => ({ name: path, cid })), ...results]
    const law = fc.asyncProperty(
      fc.constantFrom(...targets),
      fc.nat(1_000_000),
      async ({ cid }, position) => {
        const names = targets.filter((target) => target.cid.equals(cid)).map(({ name }) => name)
        const attempt = verifyWorld(world, forecast, flipped(blocks, cid, position))
        await assert.rejects(attempt, (error) => {
          assert.ok(isMeshError(error, 'verify/mismatch'), String(error))
          assert.ok(
            names.some((name) => error.message.startsWith(name)),
            `${error.message} names none of ${names.join(', ')}`
          )
          return true
        })
      }
    )
    await fc.assert(law, { numRuns: 40 })
  })

  it('of any byte of a folder that was given a new CID, naming the file', async () => {
    const { blocks, forecast } = await published()
    const files = await filesOf(forecast, blocks)
    const law = fc.asyncProperty(
      fc.nat(files.length - 1),
      fc.nat(1_000_000),
      async (index, position) => {
        const forged = files.map(({ bytes, path }, at) => {
          const copy = Uint8Array.from(bytes)
          const place = position % copy.length
          if (at === index) copy[place] = (copy[place] ?? 0) ^ (1 << (position % 8))
          return { path, bytes: copy }
        })
        const written = await writeFolder(forged, blocks)
        const attempt = verifyWorld(world, written.cid, blocks)
        await assert.rejects(attempt, (error) => {
          assert.ok(isMeshError(error, 'verify/mismatch'), String(error))
          const path = files[index]?.path ?? ''
          // What is signed is opened before files are compared, and then named for what it is.
          const isEvidence = path === 'forecast.json' || path.startsWith('provenance/')
          assert.ok(isEvidence || error.message.startsWith(path), `${error.message}: ${path}`)
          return true
        })
      }
    )
    await fc.assert(law, { numRuns: 40 })
  })

  it('of the set of files', async () => {
    const { blocks, forecast } = await published()
    const files = await filesOf(forecast, blocks)
    const more = await writeFolder([...files, { path: 'x.txt', bytes: Uint8Array.of(1) }], blocks)
    await assert.rejects(
      verifyWorld(world, more.cid, blocks),
      isMismatch(/x\.txt is not part of the forecast/)
    )
    const fewer = await writeFolder(
      files.filter(({ path }) => path !== 'LICENSE'),
      blocks
    )
    await assert.rejects(
      verifyWorld(world, fewer.cid, blocks),
      isMismatch(/LICENSE is not in the folder/)
    )
  })

  it('of the folder itself', async () => {
    const { blocks, forecast } = await published()
    const blockstore = {
      ...readable(blocks),
      put: async (cid: CID, bytes: Uint8Array) => {
        await blocks.put({ cid, bytes })
        return cid
      },
      has: (cid: CID) => blocks.has(cid)
    }
    const withEmpty = await unixfs({ blockstore }).mkdir(forecast, 'empty')
    await assert.rejects(
      verifyWorld(world, withEmpty, blocks),
      isMismatch(/forecast folder is not the one its parts give/)
    )
  })

  it('and names what is gone', async () => {
    const { blocks, forecast } = await published()
    const [slot] = world.slots
    assert.ok(slot)
    const gone = (target: CID): Blocks => ({
      ...blocks,
      get: async (cid, options) => {
        if (cid.equals(target)) throw new MeshError('net/block-missing', `block ${cid} is gone`)
        return await blocks.get(cid, options)
      }
    })
    await assert.rejects(verifyWorld(world, forecast, gone(slot.result)), (error) => {
      assert.ok(isMeshError(error, 'net/block-missing'))
      assert.match(error.message, /^unit 0\/0\/0: block bafy\w+ is gone/)
      return true
    })
    const [block] = world.plan.blocks
    assert.ok(block)
    await assert.rejects(verifyWorld(world, forecast, gone(block.state)), (error) => {
      assert.ok(isMeshError(error, 'net/block-missing'))
      assert.match(error.message, /^initial state of block 0/)
      return true
    })
  })
})

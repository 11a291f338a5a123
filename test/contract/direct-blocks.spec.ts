/** Blocks asked of their holders: batched, checked, and nobody else hears of it. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { MeshError } from '../../node/mesh-error.ts'
import type { Channel, RequestOptions } from '../../node/net/net.ts'
import { openDirectBlocks } from '../../node/store/direct-blocks.ts'
import { rawBlockOf } from '../../node/store/raw-block.ts'
import type { Block } from '../../protocol/canonical.ts'
import { BLOCK_BYTES_MAX } from '../../protocol/limits.ts'

type Answer = (frame: Uint8Array, from: Uint8Array) => Promise<Uint8Array>
const keyOf = (name: number): Uint8Array => new Uint8Array(32).fill(name)

/** Peers on one desk: who is asked, how often, and what it answers. */
class Desk {
  readonly asked: number[] = []
  readonly #answers = new Map<number, Answer>()

  async peer(name: number, read: (cid: CID) => Promise<Uint8Array | undefined>) {
    return await openDirectBlocks(
      {
        handle: async (channel: Channel, answer: Answer) => {
          assert.equal(channel, 'blocks')
          this.#answers.set(name, answer)
        },
        request: async (
          peer: Uint8Array,
          _: Channel,
          frame: Uint8Array,
          options: RequestOptions
        ) => {
          assert.equal(options.isOpenOnly, true)
          this.asked.push(peer[0] ?? 0)
          const answer = this.#answers.get(peer[0] ?? 0)
          if (answer === undefined) throw new MeshError('net/unreachable', 'nobody')
          return await answer(frame, keyOf(name))
        }
      },
      read
    )
  }

  /** A peer that has these blocks. */
  holder(name: number, blocks: readonly Block[]) {
    const held = new Map(blocks.map(({ cid, bytes }) => [cid.toString(), bytes]))
    return this.peer(name, async (cid) => held.get(cid.toString()))
  }
}

const blocksOf = (count: number, size: number): Block[] =>
  Array.from({ length: count }, () => rawBlockOf(new Uint8Array(randomBytes(size))))
const { signal } = new AbortController()

describe('direct blocks', () => {
  let desk: Desk
  beforeEach(() => {
    desk = new Desk()
  })

  it('what is wanted at the same time is one request', async () => {
    const blocks = blocksOf(40, 100)
    await desk.holder(1, blocks)
    const asker = await desk.holder(9, [])
    const found = await Promise.all(blocks.map(({ cid }) => asker.get(cid, [keyOf(1)], signal)))
    assert.deepEqual(
      found,
      blocks.map(({ bytes }) => bytes)
    )
    assert.deepEqual(desk.asked, [1])
  })

  it('what does not fit one answer comes with the next ones', async () => {
    const blocks = blocksOf(5, BLOCK_BYTES_MAX)
    await desk.holder(1, blocks)
    const asker = await desk.holder(9, [])
    const found = await Promise.all(blocks.map(({ cid }) => asker.get(cid, [keyOf(1)], signal)))
    assert.equal(found.filter((bytes) => bytes?.byteLength === BLOCK_BYTES_MAX).length, 5)
    assert.ok(desk.asked.length >= 5)
  })

  it('holders are asked in their order; who lacks it, lies or is gone is passed over', async () => {
    const [block, other] = blocksOf(2, 100)
    assert.ok(block && other)
    await desk.peer(1, async () => undefined)
    await desk.peer(2, async () => other.bytes)
    await desk.holder(4, [block])
    const asker = await desk.holder(9, [])
    const holders = [1, 2, 3, 4, 5].map(keyOf)
    assert.deepEqual(await asker.get(block.cid, holders, signal), block.bytes)
    assert.deepEqual(desk.asked, [1, 2, 3, 4])
    assert.equal(await asker.get(block.cid, holders.slice(0, 3), signal), undefined)
    assert.equal(await asker.get(block.cid, [], signal), undefined)
  })

  it('an aborted want is given up, the others are not', async () => {
    const [block, other] = blocksOf(2, 100)
    assert.ok(block && other)
    const opened = Promise.withResolvers<void>()
    await desk.peer(1, async (cid) => {
      await opened.promise
      return cid.equals(block.cid) ? block.bytes : other.bytes
    })
    const asker = await desk.holder(9, [])
    const aborting = new AbortController()
    const given = asker.get(block.cid, [keyOf(1)], aborting.signal)
    const wanted = asker.get(other.cid, [keyOf(1)], signal)
    aborting.abort(new DOMException('no more', 'AbortError'))
    await assert.rejects(given, { name: 'AbortError' })
    opened.resolve()
    assert.deepEqual(await wanted, other.bytes)
  })

  it('more wants than a request may hold are two requests', async () => {
    await desk.holder(1, [])
    const asker = await desk.holder(9, [])
    const many = blocksOf(300, 10)
    const found = await Promise.all(many.map(({ cid }) => asker.get(cid, [keyOf(1)], signal)))
    assert.ok(found.every((bytes) => bytes === undefined))
    assert.deepEqual(desk.asked, [1, 1])
  })
})

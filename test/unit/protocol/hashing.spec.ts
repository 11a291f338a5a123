/**
 * Merkle root, commit digest, ownership and the units table: the hashes that peers must agree on.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decode, toRawBlock } from '../../../protocol/canonical.ts'
import { commitDigest } from '../../../protocol/commit-digest.ts'
import { fromHex, toHex } from '../../../protocol/hex.ts'
import { BLOCK_BYTES_MAX } from '../../../protocol/limits.ts'
import { merkleRoot } from '../../../protocol/merkle.ts'
import { ownerOf } from '../../../protocol/ownership.ts'
import { unitsBlocks, unitsChunk, unitsTable } from '../../../protocol/units.ts'

const cid = (byte: number) => toRawBlock(Uint8Array.of(byte)).cid
const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)

describe('merkle root (RFC 6962)', () => {
  /** Test data of the Certificate Transparency reference implementation. */
  const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657'].map(fromHex)
  const LAST = fromHex('606162636465666768696a6b6c6d6e6f')
  const cases: readonly (readonly [number, string])[] = [
    [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328']
  ]
  for (const [count, root] of cases) {
    it(`of ${count} leaves`, () => {
      assert.equal(toHex(merkleRoot([...LEAVES, LAST].slice(0, count))), root)
    })
  }
})

describe('commit digest', () => {
  const reveal = {
    unit: cid(1),
    attempt: 0,
    operator: key(1),
    peer: key(2),
    result: cid(2),
    traceRoot: key(3),
    fuel: 10,
    salt: key(4)
  }
  const changes: readonly Partial<typeof reveal>[] = [
    { unit: cid(3) },
    { attempt: 1 },
    { operator: key(9) },
    { peer: key(9) },
    { result: cid(9) },
    { traceRoot: key(9) },
    { fuel: 11 },
    { salt: key(9) }
  ]
  for (const change of changes) {
    it(`changes with ${Object.keys(change)[0]}`, () => {
      assert.notDeepEqual(commitDigest({ ...reveal, ...change }), commitDigest(reveal))
    })
  }

  it('does not change with what is not sealed', () => {
    assert.deepEqual(commitDigest({ ...reveal }), commitDigest(reveal))
  })
})

describe('ownership', () => {
  const keys = [key(1), key(2), key(3)]

  it('does not depend on the order of coordinators or on the window', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.nat(1000),
        fc.shuffledSubarray(keys, { minLength: 3 }),
        (member, block, shuffled) => {
          assert.deepEqual(
            ownerOf(shuffled, cid(1), { member, block }),
            ownerOf(keys, cid(1), { member, block })
          )
        }
      )
    )
  })

  it('a leaving coordinator moves only its own slots', () => {
    for (let block = 0; block < 200; block += 1) {
      const owner = ownerOf(keys, cid(1), { member: 0, block })
      const [gone, ...rest] = keys
      if (owner !== gone) assert.equal(ownerOf(rest, cid(1), { member: 0, block }), owner)
    }
  })

  it('shares slots about evenly', () => {
    const counts = keys.map(() => 0)
    for (let block = 0; block < 3000; block += 1) {
      const index = keys.indexOf(ownerOf(keys, cid(1), { member: 0, block }))
      counts[index] = (counts[index] ?? 0) + 1
    }
    for (const count of counts) assert.ok(count > 850 && count < 1150, String(counts))
  })
})

describe('units table', () => {
  it('keeps the order and never makes a block that is too large', () => {
    const verdicts = Array.from({ length: 3000 }, (_, index) => new Uint8Array(2000).fill(index))
    const { cid: root, blocks } = unitsBlocks(verdicts)
    assert.ok(blocks.every(({ bytes }) => bytes.length <= BLOCK_BYTES_MAX))
    const byCid = new Map(blocks.map((block) => [block.cid.toString(), block.bytes]))
    const bytesOf = (link: { toString(): string }) => byCid.get(link.toString()) ?? assert.fail()
    const { chunks } = decode(unitsTable, bytesOf(root))
    const again = chunks.flatMap((chunk) => decode(unitsChunk, bytesOf(chunk)).verdicts)
    assert.deepEqual(again, verdicts)
    assert.ok(chunks.length > 1)
  })

  it('of nothing is an empty table', () => {
    assert.deepEqual(unitsBlocks([]).blocks.length, 1)
  })
})

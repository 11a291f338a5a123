/** The published vectors hold: what is written is what the code makes, and reads. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { decode } from '../../protocol/canonical.ts'
import { fromHex } from '../../protocol/hex.ts'
import { type StatementKind, statements } from '../../protocol/message.ts'
import { openStatement } from '../../protocol/signed.ts'
import { makeVectors, type Vectors } from './vectors.ts'

const file = new URL('../../protocol/vectors.json', import.meta.url)

describe('vectors of the wire', () => {
  it('are those of this code (npm run vectors after a deliberate change)', async () => {
    const written = JSON.parse(await readFile(file, 'utf8')) as Vectors
    const made = JSON.parse(JSON.stringify(makeVectors())) as Vectors
    assert.deepEqual(
      written.statements.map(({ kind }) => kind),
      Object.keys(statements).sort()
    )
    for (const [index, vector] of made.statements.entries()) {
      assert.deepEqual(written.statements[index], vector, vector.kind)
    }
    assert.deepEqual(written.secrets, made.secrets)
  })

  it('open, and fail to open with one bit of the body changed', async () => {
    const { network, statements: vectors } = JSON.parse(await readFile(file, 'utf8')) as Vectors
    for (const { kind, bytes, envelope, envelopeCid } of vectors) {
      const name = kind as StatementKind
      const opened = openStatement(name, network, fromHex(envelope))
      assert.equal(`${opened.cid}`, envelopeCid)
      assert.deepEqual(opened.body, decode(statements[name] as never, fromHex(bytes)))
      const changed = fromHex(envelope)
      const at = changed.length - 3
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.throws(() => openStatement(name, network, changed), kind)
      assert.throws(() => openStatement(name, `${network}2`, fromHex(envelope)), kind)
    }
  })
})
